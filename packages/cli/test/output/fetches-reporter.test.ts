import type { FetchStateEvent } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { reportChange, reportDetached, reportFetches } from '../../src/output/fetches-reporter.ts'
import type { Mode } from '../../src/output/mode.ts'
import { formatTime } from '../../src/format.ts'
import { FETCHES } from '../../src/strings/fetches.ts'
import { waitText } from '../../src/strings/waits.ts'
import { TOTAL, fakeOutput, jsonLines } from '../support.ts'

function fetch(id: string, more: Partial<FetchStateEvent>): FetchStateEvent {
  return {
    type: 'fetch',
    id,
    root: 'bafyrei',
    name: 'Holiday',
    directory: '/home/ada/in',
    path: null,
    state: 'running',
    reason: null,
    detail: null,
    since: 1_795_000_000_000,
    bytes: 3_301_234_567,
    total: TOTAL,
    rate: 0,
    peers: 0,
    priority: 'normal',
    error: null,
    ...more,
  }
}

const DONE = fetch('d04e', { state: 'done', bytes: TOTAL, path: '/home/ada/in/Holiday' })
const RUNNING = fetch('3f9c', { rate: 18_400_000.4, peers: 5 })
const PAUSED = fetch('aa01', { state: 'paused', reason: 'paused' })
const FAILED = fetch('fa11', {
  state: 'failed',
  error: { code: 'ERR_DESTINATION_EXISTS', message: 'a\u202eb differs from what is there', hint: 'x' },
})
const ALL: readonly FetchStateEvent[] = [
  DONE,
  RUNNING,
  fetch('5ea2', { name: null, total: null, bytes: 0, reason: 'searching' }),
  fetch('9051', { reason: 'no-source', name: 'a\u202eb.mp4' }),
  FAILED,
  fetch('d15c', { state: 'waiting', reason: 'disk-full', total: 0, bytes: 0 }),
  fetch('5109', { reason: 'indirect', rate: 130_000, peers: 1 }),
  fetch('b052', { reason: 'unreachable', detail: { peers: 2, retryAt: 1_795_000_020_000 } }),
  fetch('b053', { reason: 'unreachable', detail: { peers: 1 } }),
  fetch('14ce', { reason: 'incomplete', detail: { missing: 140_000_000 } }),
  fetch('ba5e', { reason: 'busy', detail: { peers: 2 } }),
  fetch('c4a6', { state: 'waiting', reason: 'source-changed', detail: { missing: 5 } }),
  fetch('7e21', { reason: 'verifying' }),
  fetch('d15d', { state: 'waiting', reason: 'disk-full', detail: { missing: 3_400_000_000 } }),
  fetch('0ff1', { state: 'queued', reason: 'queued', name: null, total: null, bytes: 0 }),
  PAUSED,
  fetch('ca9c', { state: 'cancelled' }),
]
/** Wherever this runs. */
const MONDAY = new Date(2026, 10, 23, 18).getTime()
const FORMS = [
  ['terminal', true],
  ['plain', false],
  ['quiet', false],
  ['json', false],
] as const satisfies readonly (readonly [Mode, boolean])[]

describe.each(FORMS)('%s', (mode, isShared) => {
  test.each([
    ['while Shoal runs in the background', ALL, true],
    ['while nothing runs there', ALL, false],
    ['what needs nobody', [DONE, PAUSED], false],
    ['nothing', [], false],
  ] as const)('the list, %s', async (_when, fetches, isActive) => {
    const output = fakeOutput(mode, { isShared })
    await reportFetches(output, fetches, isActive)
    expect(output.clock.waiting).toBe(0)
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })

  test('what is handed over', () => {
    const output = fakeOutput(mode, { isShared })
    reportDetached(output, fetch('3f9c', { state: 'queued', reason: 'queued', name: null }))
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })

  test('changes, and one that has ended and stays as it is', () => {
    const output = fakeOutput(mode, { isShared })
    reportChange(output, 'pause', PAUSED)
    reportChange(output, 'resume', RUNNING)
    reportChange(output, 'cancel', fetch('ca9c', { state: 'cancelled' }))
    reportChange(output, 'pause', DONE)
    reportChange(output, 'cancel', DONE)
    reportChange(output, 'resume', FAILED)
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })
})

test('as JSON each is a line as the node tells it, the ended ones last, and stderr stays empty', async () => {
  const output = fakeOutput('json')
  await reportFetches(output, ALL, false)
  const lines = jsonLines(output.out.text)
  expect(lines).toHaveLength(ALL.length)
  for (const each of ALL) expect(lines).toContainEqual(each)
  expect(lines.map(({ id }) => id).slice(-3)).toEqual(['d04e', 'fa11', 'ca9c'])
  expect(output.screen.text).toBe('')
})

test('each reason is a sentence of its own', () => {
  const reasons = Object.values(FETCHES.reasons)
  expect(new Set(reasons).size).toBe(reasons.length)
  for (const reason of reasons) expect(reason).toMatch(/^[A-Z].*\.$/)
})

test('who left is named, and when', () => {
  const lastSeen = 1_795_000_000_000
  const at = formatTime(lastSeen)
  const detail = { peer: '12D3KooWu2Qk', lastSeen }
  expect(waitText('no-source', detail)).toBe(
    `Nobody who has this is online. Last seen: device u2Qk, ${at}. It goes on by itself.`,
  )
  expect(waitText('incomplete', { ...detail, missing: 140_000_000 })).toBe(
    `The devices online do not have the last 140 MB of it. The rest was last seen at device u2Qk, ${at}. It goes on by itself.`,
  )
})

test.each<[string, Partial<FetchStateEvent>, string]>([
  [
    'a limit',
    { reason: 'own-limit', detail: { limit: 1_000_000 }, rate: 990_000, peers: 2 },
    '990 kB/s, 2 sources. Slow on purpose: your limit is 1 MB/s.',
  ],
  [
    'a limit of the schedule',
    { reason: 'schedule', detail: { limit: 1_000_000, until: MONDAY }, rate: 990_000, peers: 1 },
    'Slow on purpose: your limit is 1 MB/s until Mon 18:00.',
  ],
  [
    'a pause of the schedule',
    { state: 'waiting', reason: 'schedule', detail: { until: MONDAY } },
    'Waiting until Mon 18:00, as your schedule says.',
  ],
  [
    'a pause without end',
    { state: 'waiting', reason: 'schedule', detail: {} },
    'Waiting, as your schedule says.',
  ],
  [
    'a metered connection',
    { state: 'waiting', reason: 'metered' },
    'Waiting while the connection is metered.',
  ],
])('why one is slow or waits: %s', async (_why, facts, told) => {
  const output = fakeOutput('terminal', { isShared: true })
  await reportFetches(output, [fetch('3f9c', facts)], true)
  expect(output.out.text).toContain(told)
  expect(output.out.text.includes('downloading')).toBe(facts.state !== 'waiting')
})
