/** What each command says from its start to its end, in each form: a change of any of it is seen here. */
import type {
  ContentEvent,
  EntryEvent,
  FetchEvent,
  FetchStreamEvent,
  ListEvent,
  ReadyEvent,
  ShareEvent,
  SharesEvent,
  StatusEvent,
  VerifyEvent,
} from '@shoal/node/control'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fetchReporter } from '../../src/commands/fetch.ts'
import { id } from '../../src/commands/id.ts'
import { shareReporter } from '../../src/commands/share.ts'
import type { Context } from '../../src/context.ts'
import { Interrupted, failureOf, printFailure } from '../../src/failure.ts'
import { ContentReporter } from '../../src/output/content-reporter.ts'
import { ListReporter } from '../../src/output/list-reporter.ts'
import type { Mode } from '../../src/output/mode.ts'
import { SharesReporter, reportStatus, reportUnshared } from '../../src/output/shares-reporter.ts'
import { VerifyReporter } from '../../src/output/verify-reporter.ts'
import { fakeOutput, type FakeOutput } from '../support.ts'

const FORMS = [
  ['on a terminal', 'terminal', true],
  ['on a terminal, its result in a pipe', 'terminal', false],
  ['in a pipe', 'plain', false],
  ['as JSON', 'json', false],
  ['quiet', 'quiet', false],
] as const satisfies readonly (readonly [string, Mode, boolean])[]

const LINK = 'shoal://bafyrei#AQID.omFu'
const READY: ReadyEvent = {
  type: 'ready',
  link: LINK,
  root: 'bafyrei',
  name: 'shared',
  kind: 'folder',
  bytes: 4_812_345_678,
  files: 214,
  sealed: true,
  addresses: ['/ip4/192.168.1.20/tcp/4001/p2p/12D3'],
}
const WARNING = {
  type: 'warning',
  code: 'WARN_SKIPPED_LINK',
  message: 'left out a\u202eb: it is a link',
} as const
const TOTAL = READY.bytes
const DONE = {
  type: 'done',
  root: 'bafyrei',
  path: '/home/ada/Downloads/Holiday',
  bytes: TOTAL,
  seconds: 271.3,
  transferSeconds: 270,
  bytesFetched: TOTAL - 1_100_000_000,
  bytesReused: 1_100_000_000,
} as const
const CONTENT: ContentEvent = {
  type: 'content',
  root: 'r',
  path: 'day 1/a.txt',
  size: 10,
  from: 0,
  bytes: 10,
}
const MTIME = new Date(2026, 10, 21, 7, 2).getTime()

const SHARED: SharesEvent[] = (['serving', 'stopped', 'stale'] as const).map((state, i) => {
  return {
    type: 'share',
    root: 'bafyrei',
    link: LINK,
    name: `item ${i}`,
    bytes: 10 ** (i + 3),
    sealed: true,
    state,
    pinned: i === 2,
    keptBytes: i === 0 ? 1_000 : 0,
  }
})
const STATUS: StatusEvent = {
  type: 'status',
  pid: 4121,
  uptime: 259_300.4,
  daemon: true,
  peerId: '12D3',
  network: 'public',
  listen: [],
  bootstrap: [],
  mdns: true,
  up: 5_000_000,
  down: 0,
  discovery: { connected: 3, dht: { mode: 'client', known: 40, waiting: 0 }, lan: 1, sources: {} },
  bandwidth: { usual: { up: 0, down: 0 }, scheduled: false, until: null, metered: null, pause: null },
  loop: { delayMs: 3, shedding: false, shed: 0 },
  addresses: ['/ip4/192.168.1.20/tcp/4001/p2p/12D3'],
  api: null,
  content: null,
  socket: '/h/control.sock',
  tokenFile: '/h/token',
}

/** Everything that a command does, with time between. */
type Run = (output: FakeOutput) => void | Promise<void>

function events<E>(output: FakeOutput, tell: (event: E) => unknown, all: readonly (E | number)[]): void {
  for (const each of all) {
    if (typeof each === 'number') output.clock.advance(each)
    else void tell(each)
  }
}

const COMMANDS: Readonly<Record<string, Run>> = {
  share: (output) => {
    const reporter = shareReporter(output, 'shared', 'signal')
    reporter.start()
    const steps: (ShareEvent | number)[] = [
      { type: 'hashing', bytes: 0, total: TOTAL },
      WARNING,
      12_000,
      { type: 'hashing', bytes: 3_000_000_000, total: TOTAL },
      READY,
      1_000,
      { type: 'served', root: 'bafyrei', bytes: 9_100_000_000, peers: 2 },
      {
        type: 'receivers',
        root: 'bafyrei',
        blocks: 100,
        downloading: 1,
        finished: 1,
        active: [{ id: '12D3u2Qk', blocks: 58, sent: 1, rate: 1, name: null, direct: true, since: 0 }],
        otherCopies: { connected: 1, lastSeen: null },
      },
      1_000,
    ]
    events(output, (event) => reporter.event(event), steps)
    reporter.stopped()
    reporter.close()
  },
  'share --detach': (output) => {
    const reporter = shareReporter(output, 'shared', 'background')
    reporter.start()
    const steps: (ShareEvent | number)[] = [{ type: 'hashing', bytes: 0, total: TOTAL }, 12_000, READY]
    events(output, (event) => reporter.event(event), steps)
    reporter.close()
  },
  fetch: (output) => {
    const reporter = fetchReporter(output, false)
    reporter.start()
    const progress = (bytes: number): FetchEvent => {
      return { type: 'progress', root: 'bafyrei', bytes, total: TOTAL, rate: 18_400_000, peers: 5 }
    }
    const asking = { type: 'asking', root: 'r', sources: ['link', 'peer', 'lan'] } as const
    const steps: (FetchStreamEvent | number)[] = [
      { ...asking, lastSeen: null },
      4_000,
      {
        type: 'plan',
        root: 'r',
        name: 'Holiday',
        bytes: TOTAL,
        files: 214,
        source: 'link',
        connectedSeconds: 1,
      },
      progress(1_100_000_000),
      { ...WARNING, code: 'WARN_UNPORTABLE_NAME' },
      12_000,
      progress(3_301_234_567),
      { type: 'file', path: 'day 1/a.txt', bytes: 10 },
      { type: 'files', root: 'bafyrei', done: 146, total: 214, waiting: 66, active: [] },
      31_000,
      { type: 'progress', root: 'bafyrei', bytes: 3_301_234_567, total: TOTAL, rate: 0, peers: 0 },
      { ...asking, lastSeen: '12D3u2Qk' },
      30_000,
      progress(TOTAL),
      DONE,
    ]
    events(output, (event) => reporter.event(event), steps)
    reporter.close()
  },
  'fetch that was stopped': (output) => {
    const reporter = fetchReporter(output, false)
    reporter.start()
    output.clock.advance(2_000)
    reporter.close()
    printFailure(output, failureOf(new Interrupted()))
  },
  'fetch -o -': (output) => {
    const reporter = new ContentReporter(output, 'fetch')
    reporter.start()
    output.clock.advance(31_000)
    reporter.begin(CONTENT)
    output.stdout.write('0123456789')
    reporter.moved(10)
    reporter.end()
    reporter.done({ ...DONE, path: '-', bytes: 10 })
    reporter.close()
  },
  cat: (output) => {
    const reporter = new ContentReporter(output, 'cat')
    reporter.start()
    reporter.begin(CONTENT)
    output.stdout.write('0123456789')
    reporter.moved(10)
    reporter.end()
    reporter.close()
  },
  ls: (output) => {
    const reporter = new ListReporter(output)
    reporter.start()
    const entry = (path: string, more: Partial<EntryEvent>): EntryEvent => {
      return { type: 'entry', path, bytes: 0, kind: 'folder', mtime: null, ...more }
    }
    const steps: (ListEvent | number)[] = [
      31_000,
      entry('day 1', {}),
      entry('day 1/sea.bin', { bytes: 4_812_345, kind: 'file', mtime: MTIME }),
      WARNING,
    ]
    events(output, (event) => reporter.event(event), steps)
    reporter.close()
  },
  'verify that finds differences': (output) => {
    const reporter = new VerifyReporter(output, '/in/Holiday')
    reporter.start()
    const steps: (VerifyEvent | number)[] = [
      1_000,
      { type: 'hashing', bytes: 2_000_000_000, total: TOTAL },
      WARNING,
      { type: 'bad', path: 'day 1/sea.bin' },
    ]
    events(output, (event) => reporter.event(event), steps)
    reporter.close()
  },
  'verify that finds none': (output) => {
    const reporter = new VerifyReporter(output, '/in/Holiday')
    reporter.start()
    reporter.event(DONE)
    reporter.close()
  },
  shares: (output) => {
    const reporter = new SharesReporter(output)
    for (const event of SHARED) void reporter.event(event)
    reporter.close()
  },
  status: (output) => reportStatus(output, STATUS, SHARED),
  unshare: (output) => {
    for (const share of SHARED.slice(0, 1)) if (share.type === 'share') reportUnshared(output, share)
  },
  id: async (output) => {
    const home = await mkdtemp(join(tmpdir(), 'shoal-id-'))
    const flags = {
      network: undefined,
      listen: undefined,
      peers: undefined,
      bootstrap: undefined,
      up: undefined,
      down: undefined,
    }
    const context: Pick<Context, 'output'> = { output }
    await id(
      { command: 'id', node: { home, ...flags, mdns: undefined, apiTcp: undefined }, task: undefined },
      context as Context,
    )
    await rm(home, { recursive: true })
    output.out.text = output.out.text.replaceAll(home, '/home/ada/.shoal').replaceAll(/12D3\w+/g, '12D3…')
    expect(output.out.text).toContain('12D3…')
    if (output.stdout.isTerminal) output.screen.lines.splice(0, Infinity, output.out.text.trimEnd())
  },
}

for (const [command, run] of Object.entries(COMMANDS)) {
  test.each(FORMS)(`${command} %s`, async (_form, mode, isShared) => {
    const output = fakeOutput(mode, { isShared, hasContent: /cat|-o -/.test(command) })
    await run(output)
    expect(output.clock.waiting).toBe(0)
    expect(output.screen.isCursorVisible).toBe(true)
    const shown = isShared ? [output.screen.text] : [output.out.text, output.screen.text]
    // A terminal shows local time, the others tell an instant, which is another in each time zone.
    const text = shown
      .join('\n─── stderr ───\n')
      .replaceAll(new Date(MTIME).toISOString(), '<instant>')
      .replaceAll(String(MTIME), '<milliseconds>')
    expect(text).toMatchSnapshot()
    if (mode === 'terminal') return
    // What is not for a terminal has no escape sequence and is plain ASCII, save for names and links.
    expect(output.screen.raw + output.out.text.replaceAll('…', '')).toMatch(/^[\n\t\x20-\x7e\u202e]*$/)
    if (mode === 'json' && !/cat|-o -/.test(command)) expect(output.screen.raw).toBe('')
  })
}
