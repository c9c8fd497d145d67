import { expect, test } from 'vitest'
import { checkKind, checkOptions, type OptionKind } from '../../src/util/option-kinds.ts'

const RIGHT: Record<OptionKind, unknown[]> = {
  text: ['', 'a'],
  texts: [[], ['a', 'b']],
  flag: [true, false],
  number: [0, -1.5],
  rate: [0, 1, Number.MAX_SAFE_INTEGER],
  size: [0, 1, Number.MAX_SAFE_INTEGER],
  milliseconds: [0, 1, 2_147_483_647],
  bytes: [new Uint8Array(), Buffer.from('a')],
  callback: [() => {}],
  priority: ['high', 'normal', 'low', () => 'high'],
  signal: [AbortSignal.abort(), AbortSignal.timeout(1)],
  object: [{}, []],
}
const WRONG: Record<OptionKind, unknown[]> = {
  text: [1, null, {}],
  texts: ['a', [1], {}, null],
  flag: ['true', 0, null],
  number: ['1', null],
  rate: [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1'],
  size: [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1'],
  milliseconds: [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, '1'],
  bytes: ['ab', [1], new ArrayBuffer(1)],
  callback: [{}, 'f'],
  priority: ['urgent', 'High', 1, null, {}],
  signal: [{ aborted: false }, new AbortController()],
  object: [null, 'a', 1],
}

test.each(Object.keys(RIGHT) as OptionKind[])('%s', (kind) => {
  for (const value of RIGHT[kind]) checkKind('it', value, kind)
  for (const value of WRONG[kind]) {
    expect(() => checkKind('it', value, kind), String(value)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS_INVALID', message: expect.stringMatching(/^it is /) }),
    )
  }
})

test('an option that is undefined counts as not given, one that is unknown is refused', () => {
  checkOptions<{ a?: string }>({ a: undefined }, { a: 'text' })
  expect(() => checkOptions<{ a?: string }>({ A: 'x' } as object, { a: 'text' })).toThrow('unknown option A')
  // What every object inherits is no option.
  expect(() => checkOptions<object>({ toString: 1 }, {})).toThrow('unknown option toString')
})
