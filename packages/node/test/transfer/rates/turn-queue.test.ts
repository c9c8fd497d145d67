import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TurnQueue, type Turn } from '../../../src/transfer/rates/turn-queue.ts'
import { RateLimiter } from '../../../src/util/rate-limiter.ts'
import { Simulation } from '../../helpers/simulation.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

class World {
  readonly simulation = new Simulation(1)
  readonly common: RateLimiter
  readonly queue: TurnQueue

  constructor(rate: number) {
    this.common = new RateLimiter(this.simulation.seams.clock, rate)
    this.queue = new TurnQueue(this.simulation.seams, this.common)
  }

  limiter(rate: number): RateLimiter {
    return new RateLimiter(this.simulation.seams.clock, rate)
  }

  until(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.simulation.at(ms, resolve)
    return this.simulation.run(promise)
  }
}

/** Always has messages of `messageBytes` to send, unless told how much in all. */
class Sender {
  readonly turn: Turn
  passed = 0
  left: number
  #inMessage = 0

  constructor({ queue }: World, peer: string, messageBytes: number, own?: RateLimiter, left = Infinity) {
    this.left = left
    this.turn = queue.join(peer, {
      pass: (most) => {
        if (this.#inMessage === 0) this.#inMessage = messageBytes
        const bytes = Math.min(most, this.#inMessage, this.left)
        this.#inMessage -= bytes
        this.left -= bytes
        this.passed += bytes
        return bytes
      },
      onLimits: () => {},
    })
    if (own !== undefined) this.turn.carries(own)
    this.turn.wait()
  }
}

function within(actual: number, expected: number, part = 0.05): void {
  expect(Math.abs(actual - expected), `${actual} beside ${expected}`).toBeLessThanOrEqual(expected * part)
}

describe('the measured rate', () => {
  test.each([10_000, 100_000, 1_000_000, 30_000_000, 100_000_000])(
    'of %d bytes a second is kept in every ten seconds',
    async (rate) => {
      const world = new World(rate)
      const sender = new Sender(world, 'a', 1_048_576)
      const seconds: number[] = []
      for (let second = 0; second < 25; second++) {
        const before = sender.passed
        await world.until((second + 1) * 1_000)
        seconds.push(sender.passed - before)
      }
      for (let from = 0; from <= 15; from++) {
        const sum = seconds.slice(from, from + 10).reduce((a, b) => a + b, 0)
        within(sum, rate * 10)
      }
      // No burst above what is due in a second, but for what a pause may be made up for and one turn.
      for (const bytes of seconds) expect(bytes).toBeLessThanOrEqual(rate * 1.36)
    },
  )

  test(`is kept whatever the size of messages, seed ${seed}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_048_576 }), { minLength: 1, maxLength: 5 }),
        async (sizes) => {
          const world = new World(200_000)
          const senders = sizes.map((size, i) => new Sender(world, `p${i}`, Math.max(size, 64)))
          await world.until(10_000)
          within(
            senders.reduce((sum, sender) => sum + sender.passed, 0),
            2_000_000,
          )
        },
      ),
      { seed, numRuns: 20 },
    )
  })
})

describe('fairness', () => {
  test('three peers get the same, whatever the size of their messages, also one that comes late', async () => {
    const world = new World(300_000)
    const a = new Sender(world, 'a', 1_048_576)
    const b = new Sender(world, 'b', 3_000)
    await world.until(20_000)
    within(a.passed, 3_000_000)
    within(b.passed, 3_000_000)
    const c = new Sender(world, 'c', 65_536)
    const before = [a.passed, b.passed]
    await world.until(50_000)
    within(a.passed - (before[0] ?? 0), 3_000_000)
    within(b.passed - (before[1] ?? 0), 3_000_000)
    within(c.passed, 3_000_000)
  })

  test('a peer with three contents gets as much as one with one, under a limit for all', async () => {
    const world = new World(100_000)
    const many = [1, 2, 3].map(() => new Sender(world, 'many', 1_048_576))
    const one = new Sender(world, 'one', 1_048_576)
    await world.until(60_000)
    within(one.passed, 3_000_000)
    for (const { passed } of many) within(passed, 1_000_000, 0.1)
  })

  test('what a peer does not take is for the others', async () => {
    const world = new World(100_000)
    const some = new Sender(world, 'some', 1_000, undefined, 50_000)
    const all = new Sender(world, 'all', 1_048_576)
    await world.until(20_000)
    expect(some.passed).toBe(50_000)
    within(all.passed, 1_950_000)
  })

  test('one that comes and goes between its messages is not behind one that never stops', async () => {
    const world = new World(100_000)
    const steady = new Sender(world, 'steady', 1_048_576)
    const pausing = new Sender(world, 'pausing', 1_048_576, undefined, 0)
    // Its next message comes when the last one has passed.
    const more = (): void => {
      if (pausing.left === 0) {
        pausing.left = 20_000
        pausing.turn.wait()
      }
      world.simulation.at(world.simulation.nowMs + 5, more)
    }
    more()
    await world.until(60_000)
    within(pausing.passed, 3_000_000)
    within(steady.passed, 3_000_000)
  })
})

describe('limits within limits', () => {
  test('a content has its own limit, and what it leaves is for the others', async () => {
    const world = new World(100_000)
    const narrow = world.limiter(20_000)
    const slow = [new Sender(world, 'a', 1_048_576, narrow), new Sender(world, 'b', 1_048_576, narrow)]
    const fast = new Sender(world, 'c', 1_048_576)
    await world.until(30_000)
    for (const { passed } of slow) within(passed, 300_000)
    within(fast.passed, 2_400_000)
  })

  test('a limit of its own is nothing beside a narrower one for all', async () => {
    const world = new World(10_000)
    const sender = new Sender(world, 'a', 1_048_576, world.limiter(1_000_000))
    await world.until(30_000)
    within(sender.passed, 300_000)
  })

  test('a peer that gets much of one content is not kept from another', async () => {
    const world = new World(0)
    const both = world.limiter(100_000)
    const other = world.limiter(10_000_000)
    const fast = new Sender(world, 'a', 1_048_576, other)
    const a = new Sender(world, 'a', 1_048_576, both)
    const b = new Sender(world, 'b', 1_048_576, both)
    await world.until(10_000)
    within(fast.passed, 100_000_000)
    within(a.passed, 500_000)
    within(b.passed, 500_000)
  })
})

describe('while somebody waits', () => {
  test('a limit that is lifted lets all pass at once', async () => {
    const world = new World(1_000)
    const sender = new Sender(world, 'a', 1_048_576, undefined, 500_000)
    await world.until(1_000)
    expect(sender.passed).toBeLessThan(10_000)
    world.common.set(0)
    world.queue.changed()
    expect(sender.passed).toBe(500_000)
  })

  test('a narrower and a wider limit hold from then on', async () => {
    const world = new World(100_000)
    const sender = new Sender(world, 'a', 1_048_576)
    await world.until(10_000)
    world.common.set(10_000)
    world.queue.changed()
    const first = sender.passed
    await world.until(40_000)
    within(sender.passed - first, 300_000)
    const second = sender.passed
    world.common.set(1_000_000)
    world.queue.changed()
    await world.until(50_000)
    within(sender.passed - second, 10_000_000)
  })

  test('one that leaves gets nothing more, and the others do', async () => {
    const world = new World(10_000)
    const a = new Sender(world, 'a', 1_048_576)
    const b = new Sender(world, 'b', 1_048_576)
    await world.until(10_000)
    a.turn.leave()
    const before = [a.passed, b.passed]
    await world.until(20_000)
    expect(a.passed).toBe(before[0])
    within(b.passed - (before[1] ?? 0), 100_000)
  })
})
