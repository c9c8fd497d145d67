import { expect, test } from 'vitest'
import { MAX_DURATION_MS, parseDuration } from '../src/duration.ts'

test.each([
  ['0', 0],
  ['2s', 2_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['24d', 2_073_600_000],
  ['0.0001s', 1],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  '',
  '30',
  's',
  '-1s',
  '1 s',
  '1S',
  '1ms',
  '1e3s',
  'NaNs',
  '.5s',
  '1.s',
  '25d',
  '9'.repeat(400) + 's',
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('the longest duration fits a timer', () => {
  expect(MAX_DURATION_MS).toBe(2 ** 31 - 1)
})
