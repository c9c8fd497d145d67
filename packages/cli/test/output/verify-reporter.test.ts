import type { VerifyEvent } from '@shoal/node/control'
import { expect, test } from 'vitest'
import type { Mode } from '../../src/output/mode.ts'
import { VerifyReporter } from '../../src/output/verify-reporter.ts'
import { fakeOutput, jsonLines } from '../support.ts'

const WARNING = {
  type: 'warning',
  code: 'WARN_NOT_IN_SHARE',
  message: 'x\u202e is not in the share',
} as const
const DONE = {
  type: 'done',
  root: 'r',
  path: '/in/Holiday',
  bytes: 8_000_000,
  seconds: 2,
  transferSeconds: 1,
  bytesFetched: 9,
  bytesReused: 8_000_000,
} as const
const BAD: VerifyEvent[] = [
  { type: 'hashing', bytes: 4_000_000, total: 8_000_000 },
  WARNING,
  { type: 'bad', path: 'a\nb' },
  { type: 'bad', path: 'day 1/sea.bin' },
]
const GOOD: VerifyEvent[] = [{ type: 'hashing', bytes: 4_000_000, total: 8_000_000 }, WARNING, DONE]

function told(mode: Mode, events: readonly VerifyEvent[]) {
  const output = fakeOutput(mode)
  const reporter = new VerifyReporter(output, '/in/Holiday')
  reporter.start()
  for (const event of events) reporter.event(event)
  reporter.close()
  expect(output.clock.waiting).toBe(0)
  return output
}

test.each(['plain', 'terminal', 'quiet'] as const)(
  'what differs is on standard output, a line each (%s)',
  (mode) => {
    expect(told(mode, BAD).out.text).toBe('a\\u{a}b\nday 1/sea.bin\n')
  },
)

test('json: the events as they are', () => {
  expect(jsonLines(told('json', BAD).out.text)).toEqual(BAD)
  const { out, screen } = told('json', GOOD)
  expect(jsonLines(out.text)).toEqual(GOOD)
  expect(screen.raw).toBe('')
})

test('that all is the same is told to people, and nothing on standard output', () => {
  expect(told('terminal', GOOD).screen.text).toBe(
    '! x\\u{202e} is not in the share\n✓ Holiday   8 MB in 2 s, the same as in the link',
  )
  expect(told('plain', GOOD).screen.text).toBe(
    [
      'verify Holiday: looking for a source',
      'verify Holiday: 50% compared, 4000000 bytes',
      'warning: x\\u{202e} is not in the share',
      'verify Holiday: the same, 8000000 bytes, 2 s',
    ].join('\n'),
  )
  const quiet = told('quiet', GOOD)
  expect(quiet.screen.raw + quiet.out.text).toBe('')
})

test('a terminal sees how far it is, and all modes that nothing comes', () => {
  const output = fakeOutput('terminal')
  const reporter = new VerifyReporter(output, '/in/Holiday')
  reporter.start()
  expect(output.screen.text).toBe('Looking for a source')
  output.clock.advance(1_000)
  reporter.event({ type: 'hashing', bytes: 4_000_000, total: 8_000_000 })
  output.clock.advance(100)
  expect(output.screen.text).toMatch(/^Reading Holiday .* 50% {2}4 of 8 MB/)
  reporter.close()
  for (const [mode, wanted] of [
    ['plain', 'verify: waiting, 30 s without data'],
    ['json', 'WARN_STALLED'],
  ] as const) {
    const silent = fakeOutput(mode)
    const other = new VerifyReporter(silent, 'x')
    other.start()
    silent.clock.advance(30_000)
    other.close()
    expect(silent.screen.text + silent.out.text).toContain(wanted)
  }
})
