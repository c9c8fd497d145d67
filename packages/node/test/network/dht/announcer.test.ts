import { describe, expect, test } from 'vitest'
import { Announcer } from '../../../src/network/dht/announcer.ts'
import { ANNOUNCE_LIMITS } from '../../../src/network/dht/limits.ts'
import { Simulation } from '../../helpers/simulation.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const FOREVER_MS = 1e12

interface Announcement {
  readonly key: number
  readonly atMs: number
}

function digestOf(key: number): Uint8Array {
  const digest = Buffer.alloc(32)
  digest.writeUInt32BE(key)
  return new Uint8Array(digest)
}

/** An announcer in a simulated world, where one announcement takes `tookMs`, and is taken by nobody while `isDeaf`. */
class World {
  readonly simulation = new Simulation(7)
  readonly announced: Announcement[] = []
  readonly announcer: Announcer
  hasPeers = true
  isDeaf = false
  takers = 20
  tookMs = 50
  running = 0
  most = 0

  constructor(intervalMs = 30 * MINUTE_MS) {
    this.announcer = new Announcer({
      seams: this.simulation.seams,
      intervalMs,
      hasPeers: () => this.hasPeers,
      wanted: () => 20,
      announce: (digest, signal) => this.#announce(Buffer.from(digest).readUInt32BE(), signal),
    })
  }

  #announce(key: number, signal: AbortSignal): Promise<number> {
    this.announced.push({ key, atMs: this.simulation.nowMs })
    this.most = Math.max(this.most, ++this.running)
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      this.simulation.at(this.simulation.nowMs + this.tookMs, () => resolve(this.isDeaf ? 0 : this.takers))
    }).finally(() => this.running--) as Promise<number>
  }

  add(...keys: number[]): void {
    for (const key of keys) this.announcer.add(digestOf(key), key)
  }

  runTo(atMs: number): Promise<void> {
    const there = new Promise<void>((resolve) => this.simulation.at(atMs, resolve))
    return this.simulation.run(there, FOREVER_MS)
  }

  get keys(): number[] {
    return this.announced.map(({ key }) => key)
  }
}

function mostInASecond(announced: readonly Announcement[]): number {
  let most = 0
  for (let first = 0, at = 0; at < announced.length; at++) {
    while ((announced[at] as Announcement).atMs - (announced[first] as Announcement).atMs >= 1_000) first++
    most = Math.max(most, at - first + 1)
  }
  return most
}

test('100,000 keys are announced in the order of their last use, ten a second', async () => {
  const world = new World(20 * HOUR_MS)
  const keys = Array.from({ length: 100_000 }, (_, i) => (i * 7_919) % 100_000)
  world.add(...keys)
  expect(world.announcer.waiting).toBe(100_000)
  world.announcer.start()
  await world.runTo(5_000 * 1_000)
  expect(world.announcer.waiting).toBeGreaterThan(49_000)
  await world.runTo(10_001 * 1_000)
  expect(world.keys).toEqual(Array.from({ length: 100_000 }, (_, i) => 99_999 - i))
  expect(mostInASecond(world.announced)).toBeLessThanOrEqual(ANNOUNCE_LIMITS.keysPerSecond)
  expect(world.announcer.waiting).toBe(0)
  await world.announcer.stop()
}, 300_000)

test('each key is announced again within the interval, and not much sooner', async () => {
  const world = new World()
  world.add(1, 2, 3)
  world.announcer.start()
  await world.runTo(2 * HOUR_MS)
  for (const key of [1, 2, 3]) {
    const times = world.announced.filter((other) => other.key === key).map(({ atMs }) => atMs)
    expect(times.length).toBeGreaterThanOrEqual(4)
    for (let i = 1; i < times.length; i++) {
      const gapMs = (times[i] as number) - (times[i - 1] as number)
      expect(gapMs).toBeGreaterThanOrEqual(27 * MINUTE_MS)
      expect(gapMs).toBeLessThanOrEqual(30 * MINUTE_MS + 1_000)
    }
  }
})

test('keys that were never announced go before those that are refreshed', async () => {
  const world = new World(MINUTE_MS)
  // More than can be announced in an interval: the refreshes of the first never end.
  world.add(...Array.from({ length: 700 }, (_, i) => 1_000 + i))
  world.announcer.start()
  await world.runTo(3 * MINUTE_MS)
  world.add(1)
  await world.runTo(3 * MINUTE_MS + 500)
  expect(world.keys).toContain(1)
  await world.announcer.stop()
})

test('a key used long ago is refreshed before its record expires, however many are used more', async () => {
  const world = new World(MINUTE_MS)
  // 32 a minute, each of 100 due every minute.
  world.tookMs = 30_000
  world.add(1, ...Array.from({ length: 100 }, (_, i) => 1_000 + i))
  world.announcer.start()
  await world.runTo(26 * HOUR_MS)
  const times = world.announced.filter(({ key }) => key === 1).map(({ atMs }) => atMs)
  expect(times.length).toBeGreaterThanOrEqual(2)
  expect((times[1] as number) - (times[0] as number)).toBeLessThanOrEqual(
    ANNOUNCE_LIMITS.urgentAgeMs + MINUTE_MS,
  )
  await world.announcer.stop()
})

test('a key that was removed is not announced, nor counted', async () => {
  const world = new World()
  world.add(1, 2, 3)
  world.announcer.remove(digestOf(2))
  expect([world.announcer.waiting, world.announcer.size]).toEqual([2, 2])
  world.announcer.start()
  await world.runTo(MINUTE_MS)
  world.announcer.remove(digestOf(3))
  await world.runTo(HOUR_MS)
  expect(world.keys.slice(0, 2)).toEqual([3, 1])
  expect(new Set(world.keys.slice(2))).toEqual(new Set([1]))
  expect([world.announcer.has(digestOf(1)), world.announcer.has(digestOf(2))]).toEqual([true, false])
})

test('a key that is removed while it is announced does not come back', async () => {
  const world = new World()
  world.add(1)
  world.announcer.start()
  await world.runTo(20)
  expect(world.running).toBe(1)
  world.announcer.remove(digestOf(1))
  await world.runTo(2 * HOUR_MS)
  expect(world.keys).toEqual([1])
})

test('nothing is announced while no peer is known, and all of it as soon as one is', async () => {
  const world = new World()
  world.hasPeers = false
  world.add(1, 2)
  world.announcer.start()
  await world.runTo(HOUR_MS)
  expect(world.announced).toEqual([])
  expect(world.announcer.waiting).toBe(2)
  world.hasPeers = true
  world.announcer.peersCame()
  await world.runTo(HOUR_MS + 1_000)
  expect(world.keys).toEqual([2, 1])
})

test('an announcement that nobody took is tried again, later each time', async () => {
  const world = new World()
  world.isDeaf = true
  world.add(1)
  world.announcer.start()
  await world.runTo(HOUR_MS)
  const gaps = world.announced.slice(1).map(({ atMs }, i) => atMs - (world.announced[i] as Announcement).atMs)
  expect(gaps[0]).toBe(ANNOUNCE_LIMITS.retryMs + world.tookMs)
  expect(gaps[1]).toBe(2 * ANNOUNCE_LIMITS.retryMs + world.tookMs)
  expect(Math.max(...gaps)).toBe(ANNOUNCE_LIMITS.maxRetryMs + world.tookMs)
  world.isDeaf = false
  world.announcer.serverCame()
  await world.runTo(HOUR_MS + 1_000)
  expect(world.announced.at(-1)?.atMs).toBeGreaterThanOrEqual(HOUR_MS)
  expect(world.announcer.waiting).toBe(0)
})

test('an announcement that does not end is given up', async () => {
  const world = new World()
  world.tookMs = HOUR_MS
  world.add(1)
  world.announcer.start()
  await world.runTo(ANNOUNCE_LIMITS.timeoutMs + ANNOUNCE_LIMITS.retryMs + 1)
  expect(world.keys).toEqual([1, 1])
  await world.announcer.stop()
})

test('slow announcements do not pile up', async () => {
  const world = new World()
  world.tookMs = 30_000
  world.add(...Array.from({ length: 200 }, (_, i) => i))
  world.announcer.start()
  await world.runTo(2 * MINUTE_MS)
  expect(world.most).toBe(ANNOUNCE_LIMITS.maxConcurrent)
  await world.announcer.stop()
})

describe('a new server', () => {
  test('is told all keys that others were told before', async () => {
    const world = new World()
    world.add(1, 2)
    world.announcer.start()
    await world.runTo(MINUTE_MS)
    world.announcer.serverCame()
    await world.runTo(MINUTE_MS + 1_000)
    expect(world.keys).toEqual([2, 1, 2, 1])
  })

  test('is told a key that is being announced when it comes', async () => {
    const world = new World()
    world.tookMs = 3_000
    world.add(1)
    world.announcer.start()
    await world.runTo(1_000)
    world.announcer.serverCame()
    await world.runTo(10_000)
    expect(world.keys).toEqual([1, 1])
  })

  test('many in a row cost few rounds', async () => {
    const world = new World()
    world.add(1)
    world.announcer.start()
    await world.runTo(MINUTE_MS)
    const rounds = 10
    for (let ms = 0; ms < rounds * ANNOUNCE_LIMITS.newServerSpacingMs; ms += 100) {
      world.simulation.at(MINUTE_MS + ms, () => world.announcer.serverCame())
    }
    await world.runTo(MINUTE_MS + rounds * ANNOUNCE_LIMITS.newServerSpacingMs)
    expect(world.announced.length).toBeLessThanOrEqual(6)
    expect(world.announced.length).toBeGreaterThanOrEqual(4)
  })
})

test('stop ends what is under way, and start goes on', async () => {
  const world = new World()
  world.tookMs = 30_000
  world.add(1)
  world.announcer.start()
  await world.runTo(1_000)
  await world.announcer.stop()
  expect(world.running).toBe(0)
  world.tookMs = 50
  world.announcer.start()
  await world.runTo(MINUTE_MS)
  expect(world.keys).toEqual([1, 1])
  expect(world.announcer.waiting).toBe(0)
})

test('a key that less than half of those who should take it took is announced again soon, until more do', async () => {
  const world = new World()
  world.takers = 9
  world.add(1)
  world.announcer.start()
  await world.runTo(ANNOUNCE_LIMITS.retryMs * 3.5)
  expect(world.announced).toHaveLength(3)
  expect(world.announcer.waiting).toBe(1)
  world.takers = 10
  await world.runTo(29 * MINUTE_MS)
  expect(world.announced).toHaveLength(4)
  expect(world.announcer.waiting).toBe(0)
})
