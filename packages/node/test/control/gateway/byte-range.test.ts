import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRange, rangeOf } from '../../../src/control/gateway/byte-range.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

/** What a header asks for: indices of bytes that are left when nothing but the text of RFC 9110, 14.1.2 is known. */
function model(first: bigint | undefined, last: bigint | undefined, size: number): number[] | 'ignored' {
  if (first === undefined && last === undefined) return 'ignored'
  const all = Array.from({ length: size }, (_, index) => index)
  if (first === undefined) return all.filter((index) => BigInt(size - index) <= (last as bigint))
  if (last !== undefined && last < first) return 'ignored'
  return all.filter((index) => BigInt(index) >= first && (last === undefined || BigInt(index) <= last))
}

function asked(header: string, size: number): number[] | 'ignored' | 'whole' {
  const range = parseRange(header)
  if (range === undefined) return 'ignored'
  const known = rangeOf(range, size)
  if (known === 'none') return []
  if (known === 'whole') return 'whole'
  return Array.from({ length: known.last - known.first + 1 }, (_, index) => known.first + index)
}

test(`a range is the bytes that it names (seed ${seed})`, () => {
  const position = fc.option(fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 10n ** 30n)), { nil: undefined })
  const space = fc.constantFrom('', ' ', '\t ')
  fc.assert(
    fc.property(position, position, fc.nat(40), space, (first, last, size, blank) => {
      const header = `bytes=${blank}${first ?? ''}-${last ?? ''}${blank}`
      const expected = model(first, last, size)
      const isEmptyEnd = size === 0 && first === undefined && last !== undefined && last > 0n
      expect(asked(header, size)).toEqual(isEmptyEnd ? 'whole' : expected)
    }),
    { seed, numRuns: 2_000 },
  )
})

test(`whatever the header says, what is asked for lies within the file (seed ${seed})`, () => {
  const piece = fc.constantFrom(
    'bytes',
    '=',
    '-',
    ',',
    ' ',
    '0',
    '7',
    '99',
    '184467440737095516160',
    'x',
    '+',
    '.',
  )
  const header = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(fc.oneof(header, fc.string()), fc.nat(50), (text, size) => {
      const range = parseRange(text)
      const known = range === undefined ? 'whole' : rangeOf(range, size)
      if (typeof known === 'string') return
      expect(known.first).toBeGreaterThanOrEqual(0)
      expect(known.last).toBeGreaterThanOrEqual(known.first)
      expect(known.last).toBeLessThan(size)
    }),
    { seed, numRuns: 5_000 },
  )
})

describe('what is no single range of bytes is ignored', () => {
  test.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=0-1,3-4',
    'bytes=,0-1',
    'bytes=0-1,',
    'bytes=1',
    'bytes=2-1',
    'bytes=0x0-1',
    'bytes=+1-2',
    'bytes=1.0-2',
    'bytes =0-1',
    'bytes: 0-1',
    'items=0-1',
    'bytes=0--1',
    'bytes=٠-١',
  ])('%j', (header) => {
    expect(parseRange(header)).toBeUndefined()
  })
})

test('the unit is known in capitals too', () => {
  expect(parseRange('Bytes=0-1')).toEqual({ first: 0, last: 1 })
})
