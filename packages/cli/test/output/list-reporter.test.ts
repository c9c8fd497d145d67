import type { EntryEvent } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import type { Mode } from '../../src/output/mode.ts'
import { ListReporter } from '../../src/output/list-reporter.ts'
import { fakeOutput, jsonLines, type FakeOutputInit } from '../support.ts'

const MTIME = new Date(2026, 10, 21, 7, 2, 3, 4).getTime()

function entry(path: string, bytes: number, more: Partial<EntryEvent> = {}): EntryEvent {
  return { type: 'entry', path, bytes, kind: 'file', mtime: MTIME, ...more }
}

const ENTRIES = [
  entry('day 1', 0, { kind: 'folder' }),
  entry('day 1/sea.bin', 4_812_345_678),
  entry('a\nb\u202e.txt', 12, { mtime: null }),
  entry('old', 999_500, { mtime: Number.MAX_SAFE_INTEGER }),
]

function list(mode: Mode, init: FakeOutputInit = {}) {
  const output = fakeOutput(mode, init)
  const reporter = new ListReporter(output)
  reporter.start()
  for (const event of ENTRIES) void reporter.event(event)
  reporter.close()
  return output
}

test('people get sizes, times and names below each other', () => {
  const { out, clock } = list('terminal', { isShared: true })
  expect(out.text).toBe(
    [
      '      -  2026-11-21 07:02  day 1/',
      '4.81 GB  2026-11-21 07:02  day 1/sea.bin',
      '   12 B  -                 a\\u{a}b\\u{202e}.txt',
      '   1 MB  -                 old',
      '',
    ].join('\n'),
  )
  expect(clock.waiting).toBe(0)
})

test.each(['plain', 'terminal'] as const)('scripts get bytes, instant and name with tabs (%s)', (mode) => {
  const { out } = list(mode)
  const instant = new Date(MTIME).toISOString()
  expect(out.text).toBe(
    [
      `0\t${instant}\tday 1/`,
      `4812345678\t${instant}\tday 1/sea.bin`,
      '12\t-\ta\\u{a}b\\u{202e}.txt',
      '999500\t-\told',
      '',
    ].join('\n'),
  )
})

test('quiet: the names only', () => {
  const { out, screen } = list('quiet')
  expect(out.text).toBe('day 1/\nday 1/sea.bin\na\\u{a}b\\u{202e}.txt\nold\n')
  expect(screen.raw).toBe('')
})

test('json: the events as they are, and nothing on stderr', () => {
  const { out, screen } = list('json')
  expect(jsonLines(out.text)).toEqual(ENTRIES)
  expect(screen.raw).toBe('')
})

describe('while it waits', () => {
  test('a terminal says so until the first entry', () => {
    const output = fakeOutput('terminal')
    const reporter = new ListReporter(output)
    reporter.start()
    expect(output.screen.text).toBe('Looking for a source')
    output.clock.advance(5_000)
    expect(output.screen.text).toBe('Looking for a source   waiting 5 s')
    void reporter.event(entry('a', 1))
    expect(output.screen.text).toBe('')
    reporter.close()
    expect(output.screen.isCursorVisible).toBe(true)
  })

  test('a log and a script are told after half a minute', () => {
    for (const mode of ['plain', 'json', 'quiet'] as const) {
      const output = fakeOutput(mode)
      const reporter = new ListReporter(output)
      reporter.start()
      output.clock.advance(31_000)
      expect(output.screen.text).toBe(mode === 'plain' ? 'ls: waiting, 30 s without data' : '')
      const stalled = { type: 'warning', code: 'WARN_STALLED', message: 'no data for 30 s' }
      expect(jsonLines(output.out.text)).toEqual(mode === 'json' ? [stalled] : [])
      reporter.close()
    }
  })
})

test('rows do not wait for others longer than a moment, and many are one write', () => {
  const output = fakeOutput('plain')
  const reporter = new ListReporter(output)
  reporter.start()
  for (let i = 0; i < 100; i++) expect(reporter.event(entry(`${i}`, i))).toBeUndefined()
  expect(output.out.text).toBe('')
  output.clock.advance(50)
  expect(output.out.text.split('\n')).toHaveLength(101)
  const long = 'x'.repeat(1_000)
  const waits = Array.from({ length: 70 }, () => reporter.event(entry(long, 1)))
  expect(waits.filter((wait) => wait !== undefined)).toHaveLength(1)
  reporter.close()
})

test('warnings reach people and scripts; many are counted', () => {
  const warning = { type: 'warning', code: 'WARN_UNSAFE_NAME', message: 'a\u001bb' } as const
  for (const mode of ['terminal', 'plain', 'json', 'quiet'] as const) {
    const output = fakeOutput(mode)
    const reporter = new ListReporter(output)
    reporter.start()
    for (let i = 0; i < 12; i++) void reporter.event(warning)
    reporter.close()
    const shown = output.screen.text.split('\n').filter((line) => line !== '')
    expect(shown).toHaveLength(mode === 'terminal' || mode === 'plain' ? 11 : 0)
    expect(output.screen.text).not.toContain('\u001b')
    expect(jsonLines(output.out.text)).toHaveLength(mode === 'json' ? 12 : 0)
  }
})
