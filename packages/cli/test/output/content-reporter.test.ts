import type { ContentEvent } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { ContentReporter } from '../../src/output/content-reporter.ts'
import type { Mode } from '../../src/output/mode.ts'
import { fakeOutput, jsonLines, type FakeOutputInit } from '../support.ts'

const CONTENT: ContentEvent = {
  type: 'content',
  root: 'r',
  path: 'a/sea.bin',
  size: 9_000_000,
  from: 0,
  bytes: 8_000_000,
}
const DONE = {
  type: 'done',
  root: 'r',
  path: '-',
  bytes: 8_000_000,
  seconds: 2,
  transferSeconds: 1,
  bytesFetched: 9,
  bytesReused: 0,
} as const

function begun(mode: Mode, init: FakeOutputInit = {}) {
  const output = fakeOutput(mode, { hasContent: true, ...init })
  const reporter = new ContentReporter(output, 'cat')
  reporter.start()
  return { output, reporter }
}

test('json: progress at most four times a second, and the last of it, on standard error', () => {
  const { output, reporter } = begun('json')
  reporter.begin(CONTENT)
  for (let i = 1; i <= 100; i++) {
    output.clock.advance(10)
    reporter.moved(i * 80_000)
  }
  reporter.end()
  reporter.done(DONE)
  reporter.close()
  const lines = jsonLines(output.screen.raw)
  const progress = lines.filter(({ type }) => type === 'progress')
  expect(progress.length).toBeGreaterThan(3)
  expect(progress.length).toBeLessThanOrEqual(6)
  expect(progress[0]).toEqual({ type: 'progress', root: 'r', bytes: 0, total: 8_000_000, rate: 0, peers: 0 })
  expect(progress.at(-1)).toMatchObject({ bytes: 8_000_000, total: 8_000_000, peers: 1 })
  expect(progress.at(-1)?.['rate']).toBeCloseTo(8_000_000, -5)
  expect(lines.at(-1)).toEqual(DONE)
  expect(output.out.text).toBe('')
  expect(output.clock.waiting).toBe(0)
})

test('json: silence is a warning', () => {
  const { output, reporter } = begun('json')
  output.clock.advance(31_000)
  expect(jsonLines(output.screen.raw)).toEqual([
    { type: 'warning', code: 'WARN_STALLED', message: 'no data for 30 s' },
  ])
  reporter.close()
})

test('a terminal gets progress while the content goes elsewhere', () => {
  const { output, reporter } = begun('terminal')
  expect(output.screen.text).toBe('Looking for a source')
  reporter.begin(CONTENT)
  output.clock.advance(1_000)
  reporter.moved(4_000_000)
  output.clock.advance(1_000)
  expect(output.screen.text).toMatch(/^sea\.bin .* 50% {2}4 of 8 MB/)
  output.clock.advance(10_000)
  expect(output.screen.text).toContain('waiting 1')
  reporter.end()
  expect(output.screen.text).toBe('')
  reporter.done(DONE)
  reporter.close()
  expect(output.screen.text).toBe('✓ sea.bin   8 MB in 2 s (4 MB/s), every byte checked')
  expect(output.screen.isCursorVisible).toBe(true)
})

test('a terminal that gets the content gets nothing else', () => {
  const { output, reporter } = begun('terminal', { isShared: true })
  reporter.begin(CONTENT)
  output.clock.advance(60_000)
  reporter.moved(8_000_000)
  reporter.end()
  reporter.done(DONE)
  reporter.close()
  expect(output.screen.raw).toBe('')
})

test('plain: that it waits, and that it is done; quiet: nothing', () => {
  for (const mode of ['plain', 'quiet'] as const) {
    const { output, reporter } = begun(mode)
    reporter.begin(CONTENT)
    output.clock.advance(30_000)
    reporter.moved(8_000_000)
    reporter.end()
    reporter.done(DONE)
    reporter.close()
    expect(output.screen.text).toBe(
      mode === 'quiet' ? '' : 'cat: waiting, 30 s without data\nfetch sea.bin: done, 8000000 bytes, 2 s',
    )
  }
})
