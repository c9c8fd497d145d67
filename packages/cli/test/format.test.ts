import { expect, test } from 'vitest'
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatTimeLeft,
} from '../src/format.ts'

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [1_234, '1.23 kB'],
  [999_499, '999 kB'],
  [999_999, '1 MB'],
  [4_812_345_678, '4.81 GB'],
  [18_400_000, '18.4 MB'],
  [980_000_000, '980 MB'],
  [9_996_000, '10 MB'],
  [1e15, '1 PB'],
  [12e15, '12 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('sizes never have more than three digits', () => {
  for (let bytes = 1; bytes < 1e15; bytes = Math.ceil(bytes * 1.37)) {
    const digits = formatBytes(bytes).replace(/\D/g, '')
    expect(digits.replace(/^0+/, '').length, `${bytes}`).toBeLessThanOrEqual(3)
  }
})

test('an amount is told in the unit of its total', () => {
  expect(formatAmount(3_301_234_567, 4_812_345_678)).toBe('3.3 of 4.81 GB')
  expect(formatAmount(980_000_000, 4_800_000_000)).toBe('0.98 of 4.8 GB')
  expect(formatAmount(0, 12)).toBe('0 of 12 B')
})

test('a speed of nothing is not told', () => {
  expect(formatRate(0)).toBe('')
  expect(formatRate(18_400_000)).toBe('18.4 MB/s')
})

test.each([
  [0.04, '0 s'],
  [0.44, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [31.4, '31 s'],
  [59.6, '1 min'],
  [271, '4 min 31 s'],
  [3_600, '1 h'],
  [7_500, '2 h 5 min'],
  [273_600, '3 d 4 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test.each([
  [3, 'a few seconds'],
  [30, 'less than 1 min'],
  [50, 'about 1 min'],
  [125, 'about 2 min'],
  [3_590, 'about 1 h'],
  [86_000, 'about 1 d'],
  [Number.POSITIVE_INFINITY, 'very long'],
])('%d seconds left are %s', (seconds, text) => {
  expect(formatTimeLeft(seconds)).toBe(text)
})

test('100 % is never told before the end', () => {
  expect(formatPercent(10, 10)).toBe('99%')
  expect(formatPercent(12, 10)).toBe('99%')
  expect(formatPercent(0, 0)).toBe('0%')
  expect(formatPercent(689, 1_000)).toBe('68%')
})

test('counts have separators and their right form', () => {
  expect(formatCount(1, 'file', 'files')).toBe('1 file')
  expect(formatCount(0, 'file', 'files')).toBe('0 files')
  expect(formatCount(1_234_567, 'file', 'files')).toBe('1,234,567 files')
})
