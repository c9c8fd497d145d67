import { StreamMessageEvent, type Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { PACE_LIMITS } from '../../../src/network/dht/limits.ts'
import { RequestPace } from '../../../src/network/dht/request-pace.ts'
import { field, framed } from '../../helpers/dht-messages.ts'
import { Simulation } from '../../helpers/simulation.ts'

const LIMITS = { maxBytes: 65_536, maxPeers: 20, maxAddresses: 256 }
const { burst, burstPerPeer, freePerPeer, perPeer, total, windowBytes } = PACE_LIMITS

/** A request whose number can be read again: FIND_NODE with a key of four bytes and so much padding. */
function request(number: number, padding = 0): Uint8Array {
  const key = Buffer.alloc(4 + padding)
  key.writeUInt32BE(number)
  return framed(Buffer.concat([Uint8Array.of(8, 4), field(2, key)]))
}

class FakeStream extends EventTarget {
  recvWindow = 262_144
  recvWindowCapacity = 262_144
  maxStreamWindowSize = 16_777_216
  granted = 0
  aborted: string | undefined
  readonly passed: number[] = []

  sendWindowUpdate(): void {
    this.granted += this.recvWindow - this.recvWindowCapacity
    this.recvWindowCapacity = this.recvWindow
  }

  abort(error: Error): void {
    this.aborted = error.message
    this.dispatchEvent(new Event('close'))
  }

  /** kad-dht. */
  listen(): this {
    this.addEventListener('message', (event) => {
      const bytes = (event as StreamMessageEvent).data.subarray()
      this.passed.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.indexOf(18) + 2))
    })
    return this
  }

  receive(bytes: Uint8Array): void {
    this.recvWindowCapacity -= bytes.byteLength
    this.dispatchEvent(new StreamMessageEvent(bytes))
  }
}

function paced(): { simulation: Simulation; open: (peer: string) => FakeStream } {
  const simulation = new Simulation(1)
  const pace = new RequestPace(simulation.seams)
  const open = (peer: string): FakeStream => {
    const stream = new FakeStream()
    pace.guard(stream as unknown as Stream, peer, LIMITS)
    return stream.listen()
  }
  return { simulation, open }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const many = (count: number): Uint8Array => Buffer.concat(numbers(count).map((i) => request(i)))

test('what a peer asks at once passes at once, and more than that at a steady pace and in order', async () => {
  const { simulation, open } = paced()
  const stream = open('a')
  stream.receive(many(1_000))
  expect(stream.passed).toEqual(numbers(burstPerPeer))
  await simulation.pass(1_000)
  expect(stream.passed.length).toBeGreaterThanOrEqual(burstPerPeer + perPeer - 1)
  expect(stream.passed.length).toBeLessThanOrEqual(burstPerPeer + perPeer)
  await simulation.pass(20_000)
  expect(stream.passed).toEqual(numbers(1_000))
})

test('a message that comes in pieces passes whole', async () => {
  const { open } = paced()
  const stream = open('a')
  const bytes = many(3)
  for (let at = 0; at < bytes.length; at++) stream.receive(bytes.subarray(at, at + 1))
  expect(stream.passed).toEqual([0, 1, 2])
})

test('a peer that asks little does not wait for those that ask much', async () => {
  const { simulation, open } = paced()
  const greedy = numbers(100).map((i) => open(`greedy ${i}`))
  for (const stream of greedy) stream.receive(many(3_000))
  // Each may ask a few at once, and all together what there is for all.
  const atOnce = greedy.reduce((sum, stream) => sum + stream.passed.length, 0)
  expect(atOnce).toBeLessThanOrEqual(Math.max(burst, 100 * freePerPeer) + burst)
  for (let second = 0; second < 5; second++) {
    const modest = open('modest')
    modest.receive(many(freePerPeer))
    expect(modest.passed).toEqual(numbers(freePerPeer))
    await simulation.pass(1_000)
  }
})

test('those that ask much share what there is for all', async () => {
  const { simulation, open } = paced()
  const greedy = numbers(40).map((i) => open(`greedy ${i}`))
  for (const stream of greedy) stream.receive(many(3_000))
  const before = greedy.map((stream) => stream.passed.length)
  await simulation.pass(10_000)
  const passed = greedy.map((stream, i) => stream.passed.length - (before[i] as number))
  expect(passed.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(10 * total + burst)
  // What was ahead at first is in debt.
  expect(Math.min(...passed)).toBeGreaterThan((10 * total) / 40 - freePerPeer - 2)
  expect(Math.max(...passed)).toBeLessThanOrEqual((10 * total) / 40 + burstPerPeer)
})

test('a peer over several streams gets no more', async () => {
  const { simulation, open } = paced()
  const streams = numbers(5).map(() => open('a'))
  for (const stream of streams) stream.receive(many(1_000))
  await simulation.pass(1_000)
  const passed = streams.reduce((sum, stream) => sum + stream.passed.length, 0)
  expect(passed).toBeLessThanOrEqual(burstPerPeer + perPeer)
})

test('who opens a stream for each request gets no more', async () => {
  const { simulation, open } = paced()
  let passed = 0
  for (const number of numbers(1_000)) {
    const stream = open('a')
    stream.receive(request(number))
    passed += stream.passed.length
    stream.dispatchEvent(new Event('close'))
    // Others come and go as well.
    open(`other ${number}`).dispatchEvent(new Event('close'))
  }
  expect(passed).toBe(burstPerPeer)
  await simulation.pass(1_000)
  const later = open('a')
  later.receive(many(burstPerPeer))
  expect(later.passed).toHaveLength(burstPerPeer)
})

test('what waits, waits at the peer', async () => {
  const { simulation, open } = paced()
  const stream = open('a')
  stream.receive(many(burstPerPeer))
  const before = stream.granted
  // The library would grant as much again for each of these.
  for (const number of numbers(100)) stream.receive(request(number, 1_000))
  expect(stream.granted - before).toBeLessThan(windowBytes / 2)
  expect(stream.passed).toHaveLength(burstPerPeer)
  await simulation.pass(2_000)
  expect(stream.passed).toHaveLength(burstPerPeer + 100)
  expect(stream.recvWindowCapacity).toBeGreaterThan(windowBytes / 2)
})

test('a peer that sends more than its window ends its stream, and others are served', async () => {
  const { simulation, open } = paced()
  const stream = open('a')
  for (let i = 0; i < 100 && stream.aborted === undefined; i++) stream.receive(request(i, 60_000))
  for (let i = 0; i < 100 && stream.aborted === undefined; i++) stream.receive(request(i, 60_000))
  expect(stream.aborted).toBe('too many requests to the table wait')
  const passed = stream.passed.length
  await simulation.pass(5_000)
  expect(stream.passed).toHaveLength(passed)
  // Nothing of one chunk passes after the message that ended its stream, nor is counted as held.
  const whole = open('b')
  whole.receive(Buffer.concat(numbers(40).map((i) => request(i, 60_000))))
  whole.receive(Buffer.concat(numbers(60).map((i) => request(i, 60_000))))
  expect(whole.aborted).toBe('too many requests to the table wait')
  await simulation.pass(5_000)
  expect(whole.passed).toHaveLength(burstPerPeer)
  const again = open('a')
  again.receive(many(1_000))
  expect(again.aborted).toBeUndefined()
  expect(again.passed).toHaveLength(burstPerPeer)
})

test('a malformed message ends its stream, and what came before it passed', () => {
  const { open } = paced()
  const stream = open('a')
  stream.receive(Buffer.concat([many(2), Uint8Array.of(0xff, 0xff, 0xff, 0xff)]))
  expect(stream.passed).toEqual([0, 1])
  expect(stream.aborted).toMatch(/its length is malformed/)
})
