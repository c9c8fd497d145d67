import { expect, test } from 'vitest'
import { BufferPool } from '../../../src/transfer/scheduling/buffer-pool.ts'

const MIB = 1_048_576

test.each([0, 1, 1_024, 1_025, 65_536, 65_537, MIB])('memory for %i bytes is used again', (length) => {
  const pool = new BufferPool(2 * MIB)
  const first = pool.take(length)
  expect(first.byteLength).toBe(length)
  const other = pool.take(length)
  expect(other.buffer).not.toBe(first.buffer)
  pool.give(first.subarray(0, length >>> 1))
  const again = pool.take(length)
  expect(again.buffer).toBe(first.buffer)
  expect(again.byteLength).toBe(length)
})

test('a buffer serves what is shorter, and never what is longer', () => {
  const pool = new BufferPool(2 * MIB)
  const long = pool.take(3_000)
  pool.give(long)
  expect(pool.take(4_097).buffer).not.toBe(long.buffer)
  expect(pool.take(2_049).buffer).toBe(long.buffer)
})

test('no more is kept than is allowed, in all sizes together', () => {
  const pool = new BufferPool(MIB + 1_024)
  const large = [pool.take(MIB), pool.take(MIB)]
  const small = [pool.take(1_000), pool.take(1_000)]
  for (const buffer of [...large, ...small]) pool.give(buffer)
  const kept = new Set([...large, ...small].map(({ buffer }) => buffer))
  const reused = [pool.take(MIB), pool.take(MIB), pool.take(1_000), pool.take(1_000)]
  expect(reused.filter(({ buffer }) => kept.has(buffer))).toHaveLength(2)
})

test('what is not of a pool is not kept', () => {
  const pool = new BufferPool(MIB)
  const own = new Uint8Array(1_024)
  const odd = new Uint8Array(new SharedArrayBuffer(1_500))
  pool.give(own)
  pool.give(odd)
  expect([own.buffer, odd.buffer]).not.toContain(pool.take(1_024).buffer)
})
