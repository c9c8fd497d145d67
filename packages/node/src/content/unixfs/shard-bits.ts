/** The buckets of a shard: hexadecimal before each name, and once more as a bit field. */
import { invalid } from './faults.ts'
import type { UnixfsData } from './unixfs-data.ts'

/** The bucket that the first `digits` bytes of a name give. @throws ShoalError ERR_CONTENT_INVALID */
export function readBucket(block: Uint8Array, start: number, end: number, digits: number): number {
  if (end - start < digits) throw invalid('a name in a shard has no prefix')
  let bucket = 0
  for (let i = start; i < start + digits; i++) {
    const char = block[i] as number
    if (char >= 0x30 && char <= 0x39) bucket = bucket * 16 + char - 0x30
    else if (char >= 0x41 && char <= 0x46) bucket = bucket * 16 + char - 0x37
    else throw invalid('a name in a shard has no prefix')
  }
  return bucket
}

/** The bit field is one big-endian number without leading zeros: bucket 0 is the lowest bit of the last byte. */
export function bitSet(block: Uint8Array, data: UnixfsData, bucket: number): boolean {
  const at = data.dataEnd - 1 - (bucket >>> 3)
  return at >= data.dataStart && (((block[at] as number) >>> (bucket & 7)) & 1) === 1
}

/** Buckets that the bit field marks. @throws ShoalError ERR_CONTENT_INVALID when it is longer than the fanout */
export function bitCount(block: Uint8Array, data: UnixfsData): number {
  if (data.dataEnd - data.dataStart > data.fanout / 8) throw invalid('the bit field of a shard is too long')
  let count = 0
  for (let i = data.dataStart; i < data.dataEnd; i++) {
    for (let byte = block[i] as number; byte !== 0; byte &= byte - 1) count++
  }
  return count
}
