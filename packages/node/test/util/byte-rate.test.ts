import { expect, test } from 'vitest'
import { parseByteRate } from '../../src/util/byte-rate.ts'

test.each([
  ['0', 0],
  ['0kB', 0],
  ['1', 1],
  ['10000', 10_000],
  ['10kB', 10_000],
  ['2.5MB', 2_500_000],
  ['1GB', 1_000_000_000],
  ['1KiB', 1_024],
  ['30MiB', 31_457_280],
  ['0.5GiB', 536_870_912],
  // Not 0, which would be no limit.
  ['0.2', 1],
  ['0.0001kB', 1],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
])('%s is a rate', (text, bytesPerSecond) => {
  expect(parseByteRate(text)).toBe(bytesPerSecond)
})

// Words of bits, or that could be, are none: nobody is to get an eighth of what was meant, or a millionth.
const NONE =
  ' |-1|+1|1e6|0x10|.5|5.|1,5MB|kB|none|Infinity|1Mb|1mb|1KB|1kb|1kiB|1M|1k|1TB|1MB/s|1 MB|1MB |1Mbit|9007199254740992'

test.each(['', '9007199254740991kB', `1${'0'.repeat(400)}`, ...NONE.split('|')])('%j is none', (text) => {
  expect(parseByteRate(text)).toBeUndefined()
})
