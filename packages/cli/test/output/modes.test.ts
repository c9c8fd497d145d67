import type { FetchEvent, ReadyEvent, ShareEvent, WaitDetail, WaitReason } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { jsonFetch, plainFetch, quietFetch } from '../../src/output/fetch-reporters.ts'
import type { Reporter } from '../../src/output/output.ts'
import { jsonShare, plainShare, quietShare } from '../../src/output/share-reporters.ts'
import { TerminalFetch } from '../../src/output/terminal-fetch.ts'
import { TerminalShare } from '../../src/output/terminal-share.ts'
import { fakeOutput, jsonLines, PLAN, TOTAL, type FakeOutput, type FakeOutputInit } from '../support.ts'

const LINK = 'shoal://bafyrei#AQID.omFu'
const READY: ReadyEvent = {
  type: 'ready',
  link: LINK,
  root: 'bafyrei',
  name: 'Holiday',
  kind: 'folder',
  bytes: 4_812_345_678,
  files: 214,
  sealed: true,
  addresses: [],
}
const DONE: FetchEvent = {
  type: 'done',
  root: 'bafyrei',
  path: '/home/ada/Downloads/Holiday',
  bytes: TOTAL,
  seconds: 271.3,
  transferSeconds: 270,
  bytesFetched: TOTAL,
  bytesReused: 0,
}

function progress(bytes: number, peers = 5): FetchEvent {
  return { type: 'progress', root: 'bafyrei', bytes, total: TOTAL, rate: 18_400_000, peers }
}

function terminalShare(init: FakeOutputInit = {}, name = 'Holiday') {
  const output = fakeOutput('terminal', { isShared: true, ...init })
  return { output, reporter: new TerminalShare(output, name) }
}

function terminalFetch(init: FakeOutputInit = {}) {
  const output = fakeOutput('terminal', { isShared: true, ...init })
  return { output, reporter: new TerminalFetch(output) }
}

/** Events with time between them: what stands on the screen after each. */
function play<E>(output: FakeOutput, reporter: Reporter<E>, steps: readonly (E | number)[]): string[] {
  const screens: string[] = []
  reporter.start()
  for (const step of steps) {
    if (typeof step === 'number') output.clock.advance(step)
    else reporter.event(step)
    screens.push(output.screen.text)
  }
  return screens
}

const SHARE_STEPS: readonly (ShareEvent | number)[] = [
  { type: 'hashing', bytes: 0, total: TOTAL },
  1_000,
  { type: 'hashing', bytes: 1_100_000_000, total: TOTAL },
  2_500,
  { type: 'hashing', bytes: 3_640_000_000, total: TOTAL },
  1_000,
  READY,
  1_000,
  { type: 'served', root: 'bafyrei', bytes: 0, peers: 1 },
  1_000,
  { type: 'served', root: 'bafyrei', bytes: 11_200_000, peers: 2 },
  1_000,
]

const ASKING: FetchEvent = {
  type: 'asking',
  root: 'bafyrei',
  sources: ['link', 'seen', 'lan', 'dht', 'exchange'],
  lastSeen: null,
}
const FETCH_STEPS: readonly (FetchEvent | number)[] = [
  ASKING,
  4_000,
  PLAN,
  progress(0),
  2_000,
  progress(1_000_000_000),
  2_000,
  progress(3_301_234_567),
  1_000,
]

describe.each([40, 80, 200])('a terminal of %d columns', (columns) => {
  test('share', () => {
    const { output, reporter } = terminalShare({ columns })
    const screens = play(output, reporter, SHARE_STEPS)
    expect(screens[5]).toMatchSnapshot('reading')
    expect(screens.at(-1)).toMatchSnapshot('serving')
    reporter.stopped()
    reporter.close()
    expect(output.screen.text).toMatchSnapshot('stopped')
    expect(output.screen.isCursorVisible).toBe(true)
    expect(output.clock.waiting).toBe(0)
    // The link is one line however long it is, so that three clicks select it.
    expect(output.screen.text).toContain(`\n\n${LINK}\n\n`)
    expect(output.out.text).toBe(`${LINK}\n`)
    expect(output.screen.widest).toBeLessThanOrEqual(columns)
  })

  test('fetch', () => {
    const { output, reporter } = terminalFetch({ columns })
    const screens = play(output, reporter, FETCH_STEPS)
    expect(screens[1]).toMatchSnapshot('searching')
    expect(screens.at(-1)).toMatchSnapshot('moving')
    output.clock.advance(40_000)
    expect(output.screen.text).toMatchSnapshot('waiting')
    reporter.event(progress(TOTAL))
    output.clock.advance(1_000)
    expect(output.screen.text).toMatchSnapshot('writing')
    reporter.event(DONE)
    reporter.close()
    expect(output.screen.text).toMatchSnapshot('done')
    expect(output.screen.isCursorVisible).toBe(true)
    expect(output.clock.waiting).toBe(0)
    expect(output.out.text).toBe('/home/ada/Downloads/Holiday\n')
    expect(output.screen.widest).toBeLessThanOrEqual(columns)
  })
})

describe('a terminal', () => {
  test('every width from 40 to 240 takes every line', () => {
    const name = 'Ferien in der Bretagne 日本語 👩‍👩‍👧 with a rather long name.tar.gz'
    for (let columns = 40; columns <= 240; columns++) {
      const share = terminalShare({ columns }, name)
      play(share.output, share.reporter, SHARE_STEPS)
      const fetch = terminalFetch({ columns, isUnicode: columns % 2 === 0 })
      play(fetch.output, fetch.reporter, [
        { ...PLAN, name },
        ...FETCH_STEPS.slice(3),
        9_000,
        progress(9, 0),
        9_000,
      ])
      expect(share.output.screen.widest, `${columns}`).toBeLessThanOrEqual(columns)
      expect(fetch.output.screen.widest, `${columns}`).toBeLessThanOrEqual(columns)
    }
  })

  test('ASCII signs where others are not safe', () => {
    const { output, reporter } = terminalFetch({ isUnicode: false })
    play(output, reporter, [...FETCH_STEPS, DONE])
    // oxlint-disable-next-line no-control-regex -- control sequences are what is looked for
    expect(output.screen.raw).toMatch(/^[\x00-\x7f]*$/)
    expect(output.screen.text).toMatch(/^ok Holiday/)
  })

  test('names cannot steer the terminal', () => {
    const name = 'a\u001b[2J\u001b]0;x\u0007b\r\n\u202egpj.exe\u2066'
    const share = terminalShare({}, name)
    play(share.output, share.reporter, [...SHARE_STEPS, { ...READY, name }, 2_000])
    const fetch = terminalFetch()
    play(fetch.output, fetch.reporter, [
      { ...PLAN, name },
      { type: 'warning', code: 'WARN_X', message: name },
      ...FETCH_STEPS.slice(2),
      DONE,
    ])
    for (const { raw, text } of [share.output.screen, fetch.output.screen]) {
      // oxlint-disable-next-line no-control-regex -- control sequences are what is looked for
      expect(raw.replaceAll(/\u001b\[(\d+A|J|\?25[lh])/g, '')).not.toMatch(/[\u001b\u0007\u202e\u2066]/)
      expect(text).toContain('\\u{1b}[2J')
    }
  })

  test('100 % is not shown before the end', () => {
    const { output, reporter } = terminalFetch()
    play(output, reporter, [PLAN, progress(TOTAL), 5_000])
    expect(output.screen.text).toContain('99%')
    expect(output.screen.text).toContain('writing to disk')
  })

  test('it is drawn ten times a second at most, its numbers once', () => {
    const { output, reporter } = terminalFetch()
    reporter.start()
    reporter.event(PLAN)
    const before = output.screen.raw.length
    const rates = new Set<string>()
    let drawings = 0
    let last = before
    for (let i = 1; i <= 1_000; i++) {
      reporter.event({
        type: 'progress',
        root: 'r',
        bytes: i * 1_000_000,
        total: TOTAL,
        rate: i * 1_000_000,
        peers: 1,
      })
      if (output.screen.raw.length > last) drawings++
      last = output.screen.raw.length
      const rate = /\S+ MB\/s/.exec(output.screen.text)?.[0]
      if (rate !== undefined) rates.add(rate)
      output.clock.advance(1)
    }
    expect(drawings).toBeLessThanOrEqual(11)
    expect(rates.size).toBeLessThanOrEqual(2)
  })

  test('time left is not told in the first three seconds', () => {
    const { output, reporter } = terminalFetch()
    play(output, reporter, [PLAN, progress(1_000), 1_000, progress(2_000), 1_000, progress(3_000), 500])
    expect(output.screen.text).not.toContain('about')
    play(output, reporter, [progress(4_000), 1_000, progress(5_000), 1_000])
    expect(output.screen.text).toContain('about')
  })

  test('a flood of warnings is told in part and counted', () => {
    const { output, reporter } = terminalShare({ rows: 10 })
    reporter.start()
    for (let i = 0; i < 10_000; i++) {
      reporter.event({ type: 'warning', code: 'WARN_UNPORTABLE_NAME', message: `name ${i}` })
    }
    reporter.event(READY)
    expect(output.screen.text.match(/^! name/gm)).toHaveLength(10)
    expect(output.screen.text).toContain('! and 9,990 warnings more like these')
  })

  test('a window made narrower leaves no rest of wider lines', () => {
    const { output, reporter } = terminalFetch({ columns: 120 })
    play(output, reporter, FETCH_STEPS)
    Object.assign(output.screen, { columns: 60 })
    const before = output.screen.raw.length
    output.clock.advance(1_000)
    // The line of 120 cells takes two rows now.
    expect(output.screen.raw.slice(before)).toContain('\u001b[2A')
  })

  test('a small window gets a small block', () => {
    const { output, reporter } = terminalFetch({ rows: 3 })
    play(output, reporter, [PLAN, progress(1_000), 60_000])
    expect(output.screen.text.split('\n')).toHaveLength(1)
  })

  test('bytes that were here already are told', () => {
    const { output, reporter } = terminalFetch()
    play(output, reporter, [PLAN, { ...DONE, bytesReused: 1_100_000_000 }])
    expect(output.screen.text).toContain('  1.1 GB was already here')
  })
})

describe('plain lines', () => {
  test('share', () => {
    const output = fakeOutput('plain')
    const reporter = plainShare(output, 'Holiday')
    play(output, reporter, SHARE_STEPS)
    reporter.stopped()
    reporter.close()
    expect(output.screen.text).toMatchSnapshot()
    expect(output.out.text).toBe(`${LINK}\n`)
  })

  test('fetch', () => {
    const output = fakeOutput('plain')
    const reporter = plainFetch(output)
    play(output, reporter, [...FETCH_STEPS, 65_000, progress(4_000_000_000), DONE])
    reporter.close()
    expect(output.screen.text).toMatchSnapshot()
    expect(output.out.text).toBe('/home/ada/Downloads/Holiday\n')
    expect(output.clock.waiting).toBe(0)
  })

  test('progress is told at most once in ten seconds', () => {
    const output = fakeOutput('plain')
    const reporter = plainFetch(output)
    reporter.start()
    reporter.event(PLAN)
    for (let i = 1; i < 100; i++) {
      output.clock.advance(1_000)
      reporter.event(progress((TOTAL / 100) * i))
    }
    const told = output.screen.text.match(/\d+%/g) ?? []
    expect(told).toEqual(['10%', '20%', '30%', '40%', '50%', '60%', '70%', '80%', '90%'])
    const fast = fakeOutput('plain')
    const quick = plainFetch(fast)
    quick.start()
    quick.event(PLAN)
    for (let i = 1; i < 100; i++) {
      fast.clock.advance(100)
      quick.event(progress((TOTAL / 100) * i))
    }
    expect(fast.screen.text.match(/\d+%/g)).toHaveLength(1)
  })

  test('there is no escape sequence and no sign beyond ASCII', () => {
    const output = fakeOutput('plain')
    play(output, plainShare(output, 'Holiday'), SHARE_STEPS)
    play(output, plainFetch(output), [...FETCH_STEPS, DONE])
    expect(output.screen.raw).toMatch(/^[\n\x20-\x7e]*$/)
  })
})

test('quiet says the link or the path and nothing else', () => {
  const output = fakeOutput('quiet')
  play(output, quietShare(output), [...SHARE_STEPS, { type: 'warning', code: 'W', message: 'm' }])
  play(output, quietFetch(output), [...FETCH_STEPS, { type: 'warning', code: 'W', message: 'm' }, DONE])
  expect(output.out.text).toBe(`${LINK}\n/home/ada/Downloads/Holiday\n`)
  expect(output.screen.raw).toBe('')
})

describe('json', () => {
  test('events go through as they are, but for those between us', () => {
    const output = fakeOutput('json')
    play(output, jsonShare(output), SHARE_STEPS)
    play(output, jsonFetch(output), [...FETCH_STEPS, DONE])
    const events = [...SHARE_STEPS, ...FETCH_STEPS, DONE].filter(
      (step) => typeof step !== 'number' && step !== PLAN && step !== ASKING,
    )
    expect(jsonLines(output.out.text)).toEqual(events)
    expect(output.screen.raw).toBe('')
  })

  test('silence is a warning', () => {
    const output = fakeOutput('json')
    const reporter = jsonFetch(output)
    play(output, reporter, [progress(1), 31_000])
    expect(jsonLines(output.out.text).at(-1)).toEqual({
      type: 'warning',
      code: 'WARN_STALLED',
      message: 'no data for 30 s',
    })
    reporter.close()
    expect(output.clock.waiting).toBe(0)
  })
})

describe('why it waits, as the engine says', () => {
  const wait = (reason: WaitReason | null, detail: WaitDetail | null = null): FetchEvent => ({
    type: 'waiting',
    root: 'bafyrei',
    reason,
    detail,
  })

  test('stands on the screen while nothing comes', () => {
    const { output, reporter } = terminalFetch()
    const steps = [PLAN, progress(3_301_234_567), wait('incomplete', { missing: 140_000_000 }), 30_000]
    expect(play(output, reporter, steps).at(-1)).toContain(
      '! The devices online do not have the last 140 MB of it. It goes on by itself.\n  Ctrl-C keeps what is here.',
    )
    reporter.event(wait(null))
    output.clock.advance(1_000)
    expect(output.screen.text).toContain('No data is coming at the moment.')
    reporter.close()
  })

  test('is a note beside what comes slowly', () => {
    const { output, reporter } = terminalFetch()
    const steps = [PLAN, progress(3_301_234_567, 1), wait('indirect'), progress(3_301_334_567, 1), 1_000]
    expect(play(output, reporter, steps).at(-1)).toContain('1 source   Slow: the connection is indirect.')
    reporter.close()
  })

  test('is no line for scripts', () => {
    for (const begin of [jsonFetch, plainFetch, quietFetch]) {
      const output = fakeOutput('json')
      const reporter = begin(output)
      reporter.start()
      const before = output.out.text + output.screen.text
      reporter.event(wait('busy', { peers: 2 }))
      expect(output.out.text + output.screen.text).toBe(before)
      reporter.close()
    }
  })
})
