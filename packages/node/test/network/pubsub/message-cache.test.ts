import { expect, test } from 'vitest'
import { BoundedMessageCache } from '../../../src/network/pubsub/message-cache.ts'

const limits = { maxCachedBytes: 1_000, maxToldIds: 3 }

function put(cache: BoundedMessageCache, n: number, bytes: number, topic = 't'): boolean {
  return cache.put({ msgId: Uint8Array.of(n), msgIdStr: `${n}` }, { topic, data: new Uint8Array(bytes) })
}

test('the oldest messages go when there are too many bytes', () => {
  const cache = new BoundedMessageCache(limits)
  for (let n = 0; n < 10; n++) put(cache, n, 300)
  expect([...cache.msgs.keys()]).toEqual(['7', '8', '9'])
  expect(cache).toMatchObject({ bytes: 900, size: 3 })
  expect(put(cache, 9, 300)).toBe(false)
  expect(cache.bytesOf('9')).toBe(300)
  expect(cache.bytesOf('0')).toBe(0)
  // One that is too large for it is not kept at all.
  put(cache, 10, 2_000)
  expect(cache).toMatchObject({ bytes: 0, size: 0 })
})

test('a message is told for three ticks, the newest first, and can be asked for during five', () => {
  const cache = new BoundedMessageCache(limits)
  for (let n = 0; n < 5; n++) put(cache, n, 10, n === 4 ? 'other' : 't')
  const told = (): unknown => cache.getGossipIDs(new Set(['t'])).get('t')
  expect(told()).toEqual([3, 2, 1].map((n) => Uint8Array.of(n)))
  cache.shift()
  cache.shift()
  expect(told()).toHaveLength(3)
  cache.shift()
  expect(told()).toBeUndefined()
  cache.shift()
  expect(cache.getWithIWantCount('1', 'a')?.count).toBe(1)
  expect(cache.getWithIWantCount('1', 'a')?.count).toBe(2)
  cache.shift()
  expect(cache.getWithIWantCount('1', 'a')).toBeNull()
  expect(cache.bytes).toBe(0)
})
