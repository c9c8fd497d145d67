import type { SharedEvent, SharesEvent, StatusEvent } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import type { Mode } from '../../src/output/mode.ts'
import { SharesReporter, reportStatus, reportUnshared } from '../../src/output/shares-reporter.ts'
import { fakeOutput, jsonLines } from '../support.ts'

const share = (state: SharedEvent['state'], name: string): SharedEvent => ({
  type: 'share',
  root: 'bafyroot',
  link: `shoal://bafyroot#key.${state}`,
  name,
  bytes: 4_800_000_000,
  sealed: true,
  state,
  pinned: false,
  keptBytes: 0,
})
const SHARES: SharesEvent[] = [
  { type: 'warning', code: 'WARN_INDEX_REBUILT', message: 'made anew' },
  share('serving', 'Holiday'),
  share('stopped', 'old'),
  share('stale', 'thesis\u202e.pdf'),
]
const STATUS: StatusEvent = {
  type: 'status',
  pid: 4121,
  uptime: 61.5,
  daemon: false,
  peerId: '12D3',
  network: 'private',
  listen: [],
  bootstrap: [],
  mdns: false,
  up: 500_000,
  down: 0,
  discovery: {
    connected: 3,
    dht: { mode: 'server', known: 0, waiting: 2 },
    lan: null,
    sources: {},
  },
  bandwidth: { usual: { up: 0, down: 0 }, scheduled: false, until: null, metered: null, pause: null },
  loop: { delayMs: 3, shedding: false, shed: 0 },
  addresses: ['/ip4/127.0.0.1/tcp/1/p2p/12D3'],
  api: 'http://127.0.0.1:8080',
  content: null,
  socket: '/h/control.sock',
  tokenFile: '/h/token',
}
const FORMS = [
  ['terminal', true],
  ['plain', false],
  ['quiet', false],
] as const satisfies readonly (readonly [Mode, boolean])[]

describe.each(FORMS)('%s', (mode, isShared) => {
  test('shares', () => {
    const output = fakeOutput(mode, { isShared })
    const reporter = new SharesReporter(output)
    for (const event of SHARES) void reporter.event(event)
    reporter.close()
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })

  test('status', () => {
    const output = fakeOutput(mode, { isShared })
    reportStatus(output, STATUS, SHARES)
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })

  test('unshare', () => {
    const output = fakeOutput(mode, { isShared })
    reportUnshared(output, share('serving', 'Holiday'))
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })
})

test('status of a node that shares nothing', () => {
  const output = fakeOutput('terminal', { isShared: true })
  reportStatus(output, STATUS, [])
  expect(output.out.text).toContain('Sharing   nothing')
})

const LATE: StatusEvent = { ...STATUS, loop: { delayMs: 412, shedding: true, shed: 7 } }

test.each(FORMS)('how late it is, in %s', (mode, isShared) => {
  const texts = [
    { status: STATUS, isVerbose: false },
    { status: STATUS, isVerbose: true },
    { status: LATE, isVerbose: false },
  ].map(({ status, isVerbose }) => {
    const output = { ...fakeOutput(mode, { isShared }), isVerbose }
    reportStatus(output, status, [])
    return output.out.text.split('\n').filter((line) => /^(Load|late|shed)/.test(line))
  })
  expect(texts).toMatchSnapshot()
})

test.each([
  ['terminal', ['down 1 MB/s, by your schedule until Mon 18:00', 'as your schedule says'], true],
  ['plain', ['schedule\tyes', 'until\t', 'waiting\tschedule'], false],
] as const)('where its limits come from, in %s', (mode, told, isShared) => {
  const output = fakeOutput(mode, { isShared })
  // A Monday, wherever this runs.
  const until = new Date(2026, 10, 23, 18).getTime()
  const { bandwidth } = STATUS
  const scheduled = { ...bandwidth, scheduled: true, until, pause: 'schedule' } as const
  reportStatus(output, { ...STATUS, down: 1_000_000, bandwidth: scheduled }, [])
  for (const text of told) expect(output.out.text).toContain(text)
})

test('an entry of the schedule may lift all limits, and a connection be metered', () => {
  const output = fakeOutput('terminal', { isShared: true })
  const bandwidth = { ...STATUS.bandwidth, scheduled: true, metered: true, pause: 'metered' } as const
  reportStatus(output, { ...STATUS, up: 0, down: 0, bandwidth }, [])
  expect(output.out.text).toContain('Limits    none, by your schedule\n')
  expect(output.out.text).toContain('the connection is metered')
})

test('as JSON each is a line, and stderr stays empty', () => {
  const output = fakeOutput('json')
  const reporter = new SharesReporter(output)
  for (const event of SHARES) void reporter.event(event)
  reporter.close()
  reportStatus(output, STATUS, SHARES)
  reportUnshared(output, share('serving', 'Holiday'))
  const lines = jsonLines(output.out.text)
  expect(lines).toHaveLength(SHARES.length + 1 + SHARES.length + 1)
  expect(lines.slice(1, 4)).toEqual(SHARES.slice(1))
  expect(lines[4]).toEqual({ ...STATUS })
  expect(lines.at(-1)).toEqual({ ...share('serving', 'Holiday'), state: 'stopped' })
  expect(output.screen.text).toBe('')
})
