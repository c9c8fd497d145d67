import type { Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { ReceiveCredit } from '../../src/network/receive-credit.ts'

const KIB = 1_024

/** Keeps windows as the library's streams do. */
class FakeStream {
  recvWindow = 256 * KIB
  recvWindowCapacity = 256 * KIB
  maxStreamWindowSize = 8_192 * KIB
  readonly updates: number[] = []
  sendFrame = (bytes: number): void => void this.updates.push(bytes)

  /** A peer that is quick. */
  sendWindowUpdate(): void {
    this.recvWindow = Math.min(this.recvWindow * 2, this.maxStreamWindowSize)
    if (this.recvWindowCapacity >= this.recvWindow) return
    this.sendFrame(this.recvWindow - this.recvWindowCapacity)
    this.recvWindowCapacity = this.recvWindow
  }

  receive(bytes: number): void {
    if (bytes > this.recvWindowCapacity) throw new Error('the peer sent more than it may')
    this.recvWindowCapacity -= bytes
    this.sendWindowUpdate()
  }
}

function credit(): { stream: FakeStream; credit: ReceiveCredit } {
  const stream = new FakeStream()
  return { stream, credit: new ReceiveCredit(stream as unknown as Stream) }
}

test('a stream that is not held has the window that the library gives it', () => {
  const { stream, credit: free } = credit()
  free.grant(1_000_000)
  free.letGo()
  expect(stream.updates).toEqual([])
  stream.receive(100 * KIB)
  expect(stream.updates).toEqual([356 * KIB])
  expect(stream.recvWindowCapacity).toBe(512 * KIB)
})

test('small frames are not answered one by one, and the window never runs dry', () => {
  const { stream } = credit()
  let least = Number.POSITIVE_INFINITY
  for (let received = 0; received < 64_000 * KIB; received += 4 * KIB) {
    stream.receive(4 * KIB)
    least = Math.min(least, stream.recvWindowCapacity / stream.recvWindow)
  }
  expect(least).toBeGreaterThan(0.8)
  // Five that double it to 8 MiB, then one for each MiB.
  expect(stream.updates.length).toBeLessThan(72)
})

test('what is received is granted again when somebody says so, in steps, and nothing more', () => {
  const { stream, credit: held } = credit()
  held.hold(256 * KIB)
  stream.receive(256 * KIB)
  expect(stream.updates).toEqual([])
  held.grant(8 * KIB - 1)
  expect(stream.updates).toEqual([])
  held.grant(1)
  expect(stream.updates).toEqual([8 * KIB])
  held.grant(100 * KIB)
  expect(stream.updates).toEqual([8 * KIB, 100 * KIB])
  expect(stream.recvWindowCapacity).toBe(108 * KIB)
})

test('a wider window is granted once', () => {
  const { stream, credit: held } = credit()
  held.hold(256 * KIB)
  held.hold(1_024 * KIB)
  held.hold(1_024 * KIB)
  held.hold(256 * KIB)
  expect(stream.updates).toEqual([768 * KIB])
})

test('what a stream has more than a narrower window comes off what is granted', () => {
  const { stream, credit: held } = credit()
  held.hold(32 * KIB)
  stream.receive(256 * KIB)
  held.grant(224 * KIB)
  expect(stream.updates).toEqual([])
  held.grant(32 * KIB)
  expect(stream.updates).toEqual([32 * KIB])
  expect(stream.recvWindowCapacity).toBe(32 * KIB)
  held.hold(64 * KIB)
  expect(stream.recvWindowCapacity).toBe(64 * KIB)
  // It has at least what it began with again.
  held.letGo()
  expect(stream.recvWindowCapacity).toBeGreaterThanOrEqual(256 * KIB)
})

test('a stream that is let go has its own window again', () => {
  const { stream, credit: held } = credit()
  held.hold(256 * KIB)
  stream.receive(200 * KIB)
  held.letGo()
  expect(stream.recvWindowCapacity).toBe(512 * KIB)
  expect(stream.maxStreamWindowSize).toBe(8_192 * KIB)
  stream.receive(64 * KIB)
  expect(stream.recvWindowCapacity).toBe(1_024 * KIB)
  held.hold(256 * KIB)
  stream.receive(10)
  expect(stream.recvWindowCapacity).toBe(1_024 * KIB - 10)
})

test('a connection that was closed before its streams takes no update, and nothing is thrown', () => {
  const { stream, credit: held } = credit()
  held.hold(256 * KIB)
  stream.receive(200 * KIB)
  stream.sendFrame = () => {
    throw new Error('Cannot write to a stream that is closed')
  }
  expect(() => held.grant(200 * KIB)).not.toThrow()
  expect(() => held.letGo()).not.toThrow()
})

test('streams of another muxer are left as they are', () => {
  const stream = {}
  const other = new ReceiveCredit(stream as Stream)
  other.hold(1)
  other.grant(1)
  other.letGo()
  expect(stream).toEqual({})
})
