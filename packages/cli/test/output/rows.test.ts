/** Rows below the overall line: the files of a download, and the devices that get what is shared. */
import type {
  FetchStreamEvent,
  FileProgress,
  FilesEvent,
  Receiver,
  ReceiversEvent,
} from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { jsonFetch, plainFetch, quietFetch } from '../../src/output/fetch-reporters.ts'
import { jsonShare, plainShare, quietShare } from '../../src/output/share-reporters.ts'
import { TerminalFetch } from '../../src/output/terminal-fetch.ts'
import { TerminalShare } from '../../src/output/terminal-share.ts'
import { fakeOutput, jsonLines, PLAN, TOTAL, type FakeOutput, type FakeOutputInit } from '../support.ts'

const WINDOWS = [
  [80, 24],
  [40, 10],
  [200, 50],
] as const
const CLIPS: FileProgress[] = [
  { path: 'day 1/clips/clip-0042.mov', bytes: 858_000_000, total: 1_200_000_000 },
  { path: 'day 1/clips/clip-0043.mov', bytes: 117_600_000, total: 980_000_000 },
]

function progress(bytes: number, peers = 5): FetchStreamEvent {
  return { type: 'progress', root: 'bafyrei', bytes, total: TOTAL, rate: 18_400_000, peers }
}

function files(active: readonly FileProgress[], more: Partial<FilesEvent> = {}): FilesEvent {
  return { type: 'files', root: 'bafyrei', done: 146, total: 214, waiting: 66, active, ...more }
}

function fetching(init: FakeOutputInit, event: FilesEvent): { output: FakeOutput; reporter: TerminalFetch } {
  const output = fakeOutput('terminal', { isShared: true, ...init })
  const reporter = new TerminalFetch(output)
  reporter.start()
  reporter.event(PLAN)
  reporter.event(progress(3_301_234_567))
  output.clock.advance(1_000)
  reporter.event(event)
  reporter.event(progress(3_301_234_568))
  output.clock.advance(1_000)
  return { output, reporter }
}

function device(name: string, blocks: number, rate: number): Receiver {
  const connected = { name: null, direct: true, since: 0 }
  return { id: `12D3KooW${name}`, blocks, sent: blocks * 1_048_576, rate, ...connected }
}

function receivers(active: readonly Receiver[], more: Partial<ReceiversEvent> = {}): ReceiversEvent {
  const downloading = active.length
  const facts = { blocks: 4_590, downloading, finished: 1, otherCopies: { connected: 0, lastSeen: null } }
  return { type: 'receivers', root: 'bafyrei', ...facts, active, ...more }
}

function sharing(
  init: FakeOutputInit,
  event: ReceiversEvent,
): { output: FakeOutput; reporter: TerminalShare } {
  const output = fakeOutput('terminal', { isShared: true, ...init })
  const reporter = new TerminalShare(output, 'Holiday')
  reporter.start()
  reporter.event({
    type: 'ready',
    link: 'shoal://bafyrei#AQID.omFu',
    root: 'bafyrei',
    name: 'Holiday',
    kind: 'folder',
    bytes: TOTAL,
    files: 214,
    sealed: true,
    addresses: [],
  })
  reporter.event({ type: 'served', root: 'bafyrei', bytes: 9_088_800_000, peers: 2 })
  output.clock.advance(1_000)
  reporter.event({ type: 'served', root: 'bafyrei', bytes: 9_100_000_000, peers: 2 })
  reporter.event(event)
  output.clock.advance(1_000)
  return { output, reporter }
}

/** The lines that are drawn anew. */
function block({ screen }: FakeOutput): string {
  return screen.text.split('\n\n').at(-1) ?? ''
}

describe.each(WINDOWS)('a terminal of %d x %d', (columns, rows) => {
  test('a download: files on their way, how many are done, and how many wait', () => {
    const { output, reporter } = fetching({ columns, rows }, files(CLIPS))
    expect(block(output)).toMatchSnapshot()
    expect(output.screen.widest).toBeLessThanOrEqual(columns)
    reporter.close()
    expect(output.screen.text).toBe('')
  })

  test('a share: the devices that get it', () => {
    const active = [device('u2Qk', 2_662, 7_400_000), device('9fLm', 643, 3_800_000)]
    const { output, reporter } = sharing({ columns, rows }, receivers(active))
    expect(block(output)).toMatchSnapshot()
    expect(output.screen.widest).toBeLessThanOrEqual(columns)
    reporter.stopped()
    reporter.close()
    expect(output.screen.text).not.toContain('u2Qk')
  })

  test('however many there are, the block has at most 8 lines and leaves two of the window', () => {
    const most = Math.min(8, rows - 2)
    const clips = Array.from({ length: 16 }, (_none, i) => {
      return { path: `clip-${i}.mov`, bytes: 5, total: 2_000_000 }
    })
    const fetch = fetching({ columns, rows }, files(clips, { done: 2, total: 10_000, waiting: 9_000 }))
    expect(block(fetch.output).split('\n')).toHaveLength(columns < 60 ? 1 : most)
    if (columns >= 60) expect(block(fetch.output)).toMatch(/^Holiday .*\n.*2 of 10,000 files/)
    if (columns >= 60) expect(block(fetch.output)).toMatch(/\+ 99\d under way, 9,000 waiting$/)
    const crowd = Array.from({ length: 16 }, (_none, i) => device(`abc${i}`, 7, 1_000))
    const share = sharing({ columns, rows }, receivers(crowd, { downloading: 40 }))
    expect(block(share.output).split('\n')).toHaveLength(columns < 60 ? 1 : most)
    expect(block(share.output)).toContain('40 downloading, 1 finished')
  })
})

test('every width from 40 to 240 takes every row', () => {
  const path = 'Ferien/日本語 👩‍👩‍👧/a name that is a good deal longer than most.tar.gz'
  for (let columns = 40; columns <= 240; columns++) {
    for (const rows of [3, 4, 24]) {
      const isUnicode = columns % 2 === 0
      const fetch = fetching(
        { columns, rows, isUnicode },
        files([{ path, bytes: 1, total: 1_234_567 }, ...CLIPS]),
      )
      const share = sharing({ columns, rows, isUnicode }, receivers([device('u2Qk', 4_589, 999_000_000)]))
      for (const { output } of [fetch, share]) {
        expect(output.screen.widest, `${columns}`).toBeLessThanOrEqual(columns)
        expect(block(output).split('\n').length, `${columns} x ${rows}`).toBeLessThanOrEqual(rows - 2)
      }
    }
  }
})

test('names of files cannot steer the terminal, and keep their ending', () => {
  const path = 'a\u001b[2J\u001b]0;x\u0007b/\u202egpj.exe'
  const { output } = fetching({}, files([{ path, bytes: 1, total: 2_000_000 }]))
  // oxlint-disable-next-line no-control-regex -- control sequences are what is looked for
  expect(output.screen.raw.replaceAll(/\u001b\[(\d+A|J|\?25[lh])/g, '')).not.toMatch(/[\u001b\u0007\u202e]/)
  expect(output.screen.text).toContain('\\u{202e}gpj.exe')
  const long = `${'x'.repeat(200)}.tar.gz`
  expect(fetching({}, files([{ path: long, bytes: 1, total: 2_000_000 }])).output.screen.text).toMatch(
    /x…x+\.tar\.gz {2}/,
  )
})

test('no row of a device or file says 100 %', () => {
  const fetch = fetching({}, files([{ path: 'a', bytes: 2_000_000, total: 2_000_000 }]))
  const share = sharing({}, receivers([device('u2Qk', 4_590, 1)]))
  expect(fetch.output.screen.text + share.output.screen.text).not.toContain('100%')
  expect(block(share.output)).toContain('99%')
})

test('rows give way to the reason while nothing comes', () => {
  const { output, reporter } = fetching({}, files(CLIPS))
  reporter.event(progress(3_301_234_568, 0))
  reporter.event({
    type: 'asking',
    root: 'bafyrei',
    sources: ['link', 'seen', 'lan', 'dht', 'exchange'],
    lastSeen: '12D3u2Qk',
  })
  output.clock.advance(40_000)
  expect(block(output)).toMatchSnapshot()
  reporter.event(progress(3_301_234_569, 1))
  output.clock.advance(2_000)
  expect(block(output)).toContain('clip-0042.mov')
})

test('there are no rows any more while all that came is written', () => {
  const { output, reporter } = fetching({}, files(CLIPS))
  reporter.event(progress(TOTAL))
  output.clock.advance(1_000)
  expect(block(output)).toContain('writing to disk')
  expect(block(output)).not.toContain('clip')
})

test('what keeps serving when done has the same rows', () => {
  const output = fakeOutput('terminal', { isShared: true })
  const reporter = new TerminalFetch(output, true)
  reporter.start()
  reporter.event(PLAN)
  reporter.event(files(CLIPS))
  reporter.event({
    type: 'done',
    root: 'bafyrei',
    path: '/in/Holiday',
    bytes: TOTAL,
    seconds: 271,
    transferSeconds: 270,
    bytesFetched: TOTAL,
    bytesReused: 0,
  })
  reporter.event({ type: 'served', root: 'bafyrei', bytes: 5_000_000, peers: 1 })
  reporter.event(receivers([device('u2Qk', 2_662, 7_400_000)], { finished: 0 }))
  output.clock.advance(1_000)
  expect(block(output)).toMatchSnapshot()
  reporter.close()
})

describe('without a terminal', () => {
  test('plain lines tell who finished, and nothing of each file', () => {
    const output = fakeOutput('plain')
    const share = plainShare(output, 'Holiday')
    for (const finished of [0, 1, 1, 2]) share.event(receivers([], { finished }))
    const fetch = plainFetch(output, true)
    fetch.event(PLAN)
    for (let i = 0; i < 10_000; i++) fetch.event({ type: 'file', path: `${i}`, bytes: 1 })
    fetch.event(files(CLIPS))
    fetch.event(receivers([], { finished: 1 }))
    fetch.close()
    expect(output.screen.text.split('\n')).toEqual([
      'share Holiday: 1 device finished',
      'share Holiday: 2 devices finished',
      `fetch Holiday: 214 files, ${TOTAL} bytes`,
      'fetch Holiday: 1 device finished',
    ])
  })

  test('JSON has a line for each file, in order, and neither rows of files nor of devices', () => {
    const output = fakeOutput('json')
    const [fetch, share] = [jsonFetch(output), jsonShare(output)]
    const told: FetchStreamEvent[] = [
      { type: 'file', path: 'a', bytes: 1 },
      { type: 'file', path: 'b', bytes: 2 },
      progress(3),
      { type: 'file', path: 'c', bytes: 3 },
    ]
    for (const event of [...told.slice(0, 2), files(CLIPS), ...told.slice(2)]) fetch.event(event)
    share.event(receivers([]))
    fetch.close()
    expect(jsonLines(output.out.text)).toEqual(told)
    expect(output.clock.waiting).toBe(0)
  })

  test('of a million files, lines wait for who reads them', async () => {
    const output = fakeOutput('json')
    const { promise, resolve } = Promise.withResolvers<void>()
    Object.assign(output.stdout, { flush: () => promise })
    const fetch = jsonFetch(output)
    let count = 0
    while (fetch.drained?.() === undefined && count < 1_000_000) {
      fetch.event({ type: 'file', path: `folder/file ${count++}`, bytes: 1 })
    }
    expect(count).toBeLessThan(10_000)
    expect(output.out.text.length).toBeGreaterThan(0)
    resolve()
    await fetch.drained?.()
    fetch.close()
    expect(jsonLines(output.out.text)).toHaveLength(count)
  })

  test('quiet says nothing of either', () => {
    const output = fakeOutput('quiet')
    const [fetch, share] = [quietFetch(output), quietShare(output)]
    fetch.event({ type: 'file', path: 'a', bytes: 1 })
    fetch.event(files(CLIPS))
    share.event(receivers([]))
    expect([output.out.text, output.screen.raw]).toEqual(['', ''])
  })
})
