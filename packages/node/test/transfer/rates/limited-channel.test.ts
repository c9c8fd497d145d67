import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import type { Channel } from '../../../src/network/channel.ts'
import type { ContentSource } from '../../../src/store/content-source.ts'
import { RATE_LIMITS, TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { RateLimits } from '../../../src/transfer/rates/rate-limits.ts'
import { Turn } from '../../../src/transfer/rates/turn-queue.ts'
import { Requester } from '../../../src/transfer/wire/requester.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { Simulation } from '../../helpers/simulation.ts'

const MIB = 1_048_576
const A = Buffer.from('a')
const QUICK = { latencyMs: 5, bytesPerMs: 100_000 }

/** What arrived at the other end of a channel, and when it ended. */
class Ear {
  readonly chunks: { atMs: number; bytes: number }[] = []
  readonly text: string[] = []
  end: { atMs: number; error: Error | undefined } | undefined

  constructor(world: Simulation, channel: Channel) {
    channel.receive({
      onData: (chunk) => {
        this.chunks.push({ atMs: world.nowMs, bytes: chunk.byteLength })
        if (chunk.byteLength < 20) this.text.push(Buffer.from(chunk).toString())
      },
      onClose: (error) => (this.end = { atMs: world.nowMs, error }),
    })
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
  }
}

function until(world: Simulation, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  world.at(ms, resolve)
  return world.run(promise)
}

function pair(world: Simulation, limits: RateLimits, peer = 'peer'): { near: Channel; far: Channel } {
  const [near, far] = world.connect(A, Buffer.from(peer), QUICK)
  return { near: limits.limit(near), far }
}

describe('what is sent', () => {
  test('leaves in pieces, in order, and small messages of others do not wait for it', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { up: 10_000 })
    const one = pair(world, limits, 'one')
    const two = pair(world, limits, 'two')
    const ear = new Ear(world, one.far)
    const other = new Ear(world, two.far)
    expect(one.near.send(new Uint8Array(MIB))).toBe(false)
    one.near.send(Buffer.from('after'))
    await until(world, 10_000)
    expect(ear.bytes).toBeGreaterThan(95_000)
    expect(ear.bytes).toBeLessThan(105_000)
    two.near.send(Buffer.from('a question'))
    await until(world, 10_010)
    expect(other.text).toEqual(['a question'])
    expect(ear.text).toEqual([])
    // Nobody is left without a sign of life for long.
    const gaps = ear.chunks.slice(1).map(({ atMs }, i) => atMs - (ear.chunks[i]?.atMs ?? 0))
    expect(Math.max(...gaps)).toBeLessThan(1_000)
    await until(world, 106_000)
    expect(ear.text).toEqual(['after'])
    expect(ear.bytes).toBe(MIB + 5)
  })

  test('waits, when many small messages would go beyond the limit', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { up: 10_000 })
    const { near, far } = pair(world, limits)
    const ear = new Ear(world, far)
    for (let i = 0; i < 1_000; i++) near.send(new Uint8Array(1_000))
    await until(world, 10_000)
    expect(ear.bytes).toBeGreaterThan(100_000)
    expect(ear.bytes).toBeLessThan(120_000)
  })

  test('ends the channel when more than is bounded waits', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { up: 1_000 })
    const { near, far } = pair(world, limits)
    const local = new Ear(world, near)
    const remote = new Ear(world, far)
    for (let i = 0; i <= RATE_LIMITS.maxUnsentBytes / MIB; i++) near.send(new Uint8Array(MIB))
    expect(local.end?.error).toMatchObject({ code: 'ERR_PROTOCOL' })
    await until(world, 1_000)
    expect(remote.end?.error).toBeDefined()
  })

  test('is given up when the channel closes or is aborted, and who waits for room is told', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { up: 10_000 })
    const closing = pair(world, limits, 'one')
    const remote = new Ear(world, closing.far)
    void new Ear(world, closing.near)
    closing.near.send(new Uint8Array(MIB))
    await closing.near.close()
    await until(world, 1_000)
    expect(remote.end).toMatchObject({ error: undefined })
    const aborting = pair(world, limits, 'two')
    void new Ear(world, aborting.near)
    aborting.near.send(new Uint8Array(MIB))
    const drained = aborting.near.drained()
    aborting.near.abort(new Error('enough'))
    await expect(drained).rejects.toThrow('enough')
  })
})

describe('what comes', () => {
  test('is handed on in pieces, in order, and its end after it', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { down: 10_000 })
    const { near, far } = pair(world, limits)
    const ear = new Ear(world, near)
    far.send(new Uint8Array(200_000))
    far.send(Buffer.from('last'))
    await far.close()
    await until(world, 10_000)
    expect(ear.bytes).toBeGreaterThan(95_000)
    expect(ear.bytes).toBeLessThan(105_000)
    expect(ear.end).toBeUndefined()
    await until(world, 21_000)
    expect(ear.bytes).toBe(200_004)
    expect(ear.text).toEqual(['last'])
    expect(ear.end).toMatchObject({ error: undefined })
    expect(ear.end?.atMs).toBeGreaterThan(19_000)
  })

  test('ends at once when the connection breaks', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { down: 10_000 })
    const { near, far } = pair(world, limits)
    const ear = new Ear(world, near)
    far.send(new Uint8Array(200_000))
    await until(world, 1_000)
    far.abort(new Error('reset'))
    await until(world, 2_000)
    expect(ear.end?.error).toBeDefined()
    expect(ear.bytes).toBeLessThan(20_000)
  })

  test('is asked for again as it is handed on, and no more than the window is under way', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { down: 4_000_000 })
    const [inner, far] = world.connect(A, Buffer.from('peer'), QUICK)
    const calls: (readonly [string, number])[] = []
    const near = limits.limit(
      Object.assign(inner, {
        hold: (bytes: number) => void calls.push(['hold', bytes]),
        grant: (bytes: number) => void calls.push(['grant', bytes]),
        letGo: () => void calls.push(['letGo', 0]),
      }),
    )
    void new Ear(world, near)
    // A stranger gets no more than every stream has; who knows the content gets what the limit fills.
    expect(calls).toEqual([['hold', RATE_LIMITS.firstWindowBytes]])
    near.carries?.('root')
    expect(calls.at(-1)).toEqual(['hold', 1_000_000])
    far.send(new Uint8Array(500_000))
    await until(world, 1_000)
    const granted = calls.filter(([what]) => what === 'grant').reduce((sum, [, bytes]) => sum + bytes, 0)
    expect(granted).toBe(500_000)
    limits.set({ down: 0 })
    expect(calls.at(-1)).toEqual(['letGo', 0])
    limits.set({ down: 1_000 })
    expect(calls.at(-1)).toEqual(['hold', RATE_LIMITS.leastWindowBytes])
  })

  test('ends the channel when a peer sends more than it may', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { down: 1_000 })
    const { near, far } = pair(world, limits)
    const ear = new Ear(world, near)
    for (let sent = 0; sent <= RATE_LIMITS.maxHeldPerChannelBytes; sent += MIB) far.send(new Uint8Array(MIB))
    await until(world, 5_000)
    expect(ear.end?.error).toMatchObject({ code: 'ERR_PROTOCOL' })
  })
})

describe('limits that change', () => {
  test('hold from then on, also for what waits', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams)
    const { near, far } = pair(world, limits)
    const ear = new Ear(world, far)
    near.send(new Uint8Array(MIB))
    await until(world, 100)
    expect(ear.bytes).toBe(MIB)
    limits.set({ up: 10_000 })
    expect(limits.current).toEqual({ up: 10_000, down: 0 })
    near.send(new Uint8Array(MIB))
    await until(world, 10_100)
    expect(ear.bytes - MIB).toBeLessThan(105_000)
    limits.set({ up: 0 })
    await until(world, 10_200)
    expect(ear.bytes).toBe(2 * MIB)
  })

  test('of one content are the widest of the works that move it, and end with them', async () => {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams)
    const { near, far } = pair(world, limits)
    const ear = new Ear(world, far)
    void new Ear(world, near)
    near.carries?.('root')
    const measure = async (): Promise<number> => {
      const before = ear.bytes
      const fromMs = world.nowMs
      near.send(new Uint8Array(MIB))
      await until(world, fromMs + 10_000)
      const passed = ear.bytes - before
      limits.set({ up: 0 })
      return passed
    }
    const slow = limits.add('root', { up: 10_000 })
    limits.add('another root', { up: 1 })
    expect(await measure()).toBeLessThan(105_000)
    const fast = limits.add('root', { up: 50_000 })
    await until(world, world.nowMs + 60_000)
    expect(await measure()).toBeGreaterThan(480_000)
    // One that sends nothing has no say in it.
    const fetch = limits.add('root', { down: 0 })
    await until(world, world.nowMs + 60_000)
    expect(await measure()).toBeLessThan(525_000)
    const unlimited = limits.add('root', { up: 0 })
    await until(world, world.nowMs + 1_000)
    expect(await measure()).toBe(MIB)
    for (const end of [unlimited, fast, fetch]) end()
    expect(await measure()).toBeLessThan(105_000)
    slow()
    await until(world, world.nowMs + 1_000)
    expect(await measure()).toBe(MIB)
  })
})

test('how much may be asked for follows the limits, also while somebody waits', async () => {
  const world = new Simulation(1)
  const limits = new RateLimits(world.seams, { down: 1_000_000 })
  limits.add('root', { down: 100_000 })
  const allowance = limits.allowance('root')
  // A block may be asked for ahead, and another one begun.
  expect(allowance.tryTake(MIB - 10_000)).toBe(true)
  expect(allowance.tryTake(MIB)).toBe(true)
  expect(allowance.tryTake(1)).toBe(false)
  let roomAtMs: number | undefined
  allowance.whenRoom(() => (roomAtMs = world.nowMs))
  await until(world, 10_000)
  expect(roomAtMs).toBeUndefined()
  await until(world, 10_400)
  expect(roomAtMs).toBeGreaterThan(10_380)
  expect(allowance.tryTake(MIB)).toBe(true)
  let isCalled = false
  const stop = allowance.whenRoom(() => (isCalled = true))
  let lifted = false
  allowance.whenRoom(() => (lifted = true))
  stop()
  limits.add('root', { down: 0 })
  limits.set({ down: 0 })
  await until(world, 10_401)
  expect({ isCalled, lifted }).toEqual({ isCalled: false, lifted: true })
})

describe('who waits for room is told', () => {
  /** The longest time in ten minutes, in ms, for which nobody is told that a peer takes something. */
  async function longestSilence(up: number, takenPerMinute: number): Promise<number> {
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { up })
    const [inner] = world.connect(A, Buffer.from('peer'), QUICK)
    let waiting = 0
    let room = Promise.withResolvers<void>()
    const near = limits.limit(
      Object.assign(inner, {
        send: (bytes: Uint8Array) => {
          waiting += bytes.byteLength
          return false
        },
        drained: () => room.promise,
      }),
    )
    const take = (): void => {
      waiting = Math.max(0, waiting - takenPerMinute / 600)
      if (waiting === 0) {
        room.resolve()
        room = Promise.withResolvers()
      }
      world.at(world.nowMs + 100, take)
    }
    take()
    let last = 0
    let longest = 0
    near.send(new Uint8Array(RATE_LIMITS.maxUnsentBytes))
    const drained = near.drained(() => {
      longest = Math.max(longest, world.nowMs - last)
      last = world.nowMs
    })
    drained.catch(() => {})
    // Less than what waits is taken until then, however fast it is.
    await until(world, 300_000)
    return Math.max(longest, 300_000 - last)
  }

  test('often while only the limit holds it up', async () => {
    expect(await longestSilence(5_000, 60_000_000)).toBeLessThan(3_000)
  })

  test('within a minute when the peer takes enough', async () => {
    expect(await longestSilence(1_000_000, 120_000)).toBeLessThan(TRANSFER_LIMITS.sendTimeoutMs)
    expect(await longestSilence(10_000, 120_000)).toBeLessThan(TRANSFER_LIMITS.sendTimeoutMs)
  })

  test('too late when the peer takes next to nothing, however small the pieces are', async () => {
    expect(await longestSilence(1_000_000, 30_000)).toBeGreaterThan(TRANSFER_LIMITS.sendTimeoutMs)
    expect(await longestSilence(10_000, 30_000)).toBeGreaterThan(TRANSFER_LIMITS.sendTimeoutMs)
    expect(await longestSilence(10_000, 0)).toBeGreaterThan(TRANSFER_LIMITS.sendTimeoutMs)
  })
})

test.each(['up', 'down'] as const)(
  'an honest transfer of blocks at 10 kB/s %s outlives every time-out',
  async (way) => {
    const world = new Simulation(1)
    const block = new Uint8Array(MIB).fill(7)
    const root = cidOf(RAW, sha256(block))
    const source: ContentSource = {
      root,
      total: 2,
      readBlock: async () => ({ outcome: 'bytes', bytes: block }),
      readNode: async () => ({ outcome: 'missing' }),
    }
    const registry = new ShareRegistry()
    registry.add(source)
    const init = { seams: world.seams, limits: TRANSFER_LIMITS }
    const uploads = new UploadService({ registry, ...init })
    const [left, right] = world.connect(A, Buffer.from('peer'), QUICK)
    const limits = new RateLimits(world.seams, { [way]: 10_000 })
    uploads.accept(way === 'up' ? limits.limit(left) : left)
    const session = Session.open({ channel: way === 'up' ? right : limits.limit(right), ...init }, root)
    const requester = new Requester({ session, ...init })
    session.attach(requester)
    await world.run(session.opened)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let arrived = 0
    requester.deliverTo({
      bufferFor: (_block, length) => new Uint8Array(length),
      onBlock: () => {
        if (++arrived === 2) resolve()
      },
      onNo: () => {},
      onEnd: (error) => reject(error ?? new Error('ended')),
    })
    requester.want([0, 1])
    await world.run(promise)
    expect(world.nowMs).toBeGreaterThan(205_000)
    expect(world.nowMs).toBeLessThan(215_000)
  },
)

describe('a channel that this side ends', () => {
  test('takes no turns any more, whether or not the other side says that it ended', async () => {
    const left = vi.spyOn(Turn.prototype, 'leave')
    onTestFinished(() => left.mockRestore())
    const world = new Simulation(1)
    const limits = new RateLimits(world.seams, { up: 10_000 })
    const { near, far } = pair(world, limits)
    const remote = new Ear(world, far)
    near.receive({ onData: () => {}, onClose: () => {} })
    near.carries?.('root')
    near.send(new Uint8Array(MIB))
    await near.close()
    expect(left).toHaveBeenCalledTimes(2)
    await until(world, 1_000)
    await far.close()
    await until(world, 2_000)
    expect(left).toHaveBeenCalledTimes(2)
    expect(remote.end?.error).toBeUndefined()
  })

  test('keeps nobody waiting for room in it', async () => {
    const world = new Simulation(1)
    const { near } = pair(world, new RateLimits(world.seams, { up: 10_000 }))
    near.send(new Uint8Array(MIB))
    const room = near.drained()
    room.catch(() => {})
    await near.close()
    await expect(room).rejects.toMatchObject({ code: 'ERR_PROTOCOL' })
  })
})
