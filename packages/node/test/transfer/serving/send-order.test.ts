import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Contender } from '../../../src/transfer/serving/contender.ts'
import { SEND_ORDER as LIMITS, TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { SendOrder } from '../../../src/transfer/serving/send-order.ts'
import { VirtualTime } from '../simulation/virtual-time.ts'

const SERVICE_MS = 100
/** Blocks after which a test waits no longer for what does not happen. */
const MOST_SENT = 1_000

let world: VirtualTime
let order: SendOrder
/** A block that was never sent. */
let freshBlock: number

beforeEach(() => {
  freshBlock = 5_000
  world = new VirtualTime(1)
  order = new SendOrder(world.seams)
})

async function pass(ms: number): Promise<void> {
  const untilMs = world.nowMs + ms
  let isOver = false
  world.at(untilMs, () => {
    isOver = true
    // The world never stands still.
    world.at(Number.MAX_SAFE_INTEGER, () => {})
  })
  await world.run(() => isOver, Number.MAX_SAFE_INTEGER)
  // What was waited for goes on.
  await setImmediate()
}

/** Sends a block, which takes `ms`. */
async function send(contender: Contender, block: number, ms = SERVICE_MS): Promise<void> {
  order.began(contender, block)
  await pass(ms)
  order.ended(contender, block)
}

/** Three, and blocks take their time. */
async function three(): Promise<[Contender, Contender, Contender]> {
  const all = [order.enter(), order.enter(), order.enter()] as const
  for (let block = 1_000; block < 1_010; block++) {
    await send(all[block % 3] as Contender, block)
    for (const each of all) order.has(each, [block])
  }
  return [...all]
}

/** One is sent blocks that others take from it, and asks on, until `isOver`. Returns how many it was sent. */
async function spreadUntil(good: Contender, other: Contender, isOver: () => boolean): Promise<number> {
  let sent = 0
  order.heldUntil(good, freshBlock)
  while (!isOver() && sent < MOST_SENT) {
    sent++
    await send(good, freshBlock)
    order.has(other, [freshBlock++])
    order.heldUntil(good, freshBlock)
  }
  return sent
}

/** One and who takes its blocks, and those who never passed anything on. */
async function goodAmong(
  count: number,
): Promise<{ good: Contender; friend: Contender; unknown: Contender[] }> {
  const [good, friend] = [order.enter(), order.enter()]
  await spreadUntil(good, friend, () => world.nowMs > 20 * SERVICE_MS)
  return { good, friend, unknown: Array.from({ length: count }, () => order.enter()) }
}

describe('what is sent first', () => {
  test('is what was sent least often, and of several what was asked for first', async () => {
    const [one] = await three()
    await send(one, 7)
    await send(one, 7)
    await send(one, 8)
    expect(order.best([7, 8, 9, 10])).toBe(2)
    expect(order.best([7, 8, 7])).toBe(1)
    expect([7, 8, 9].map((block) => order.copies(block))).toEqual([2, 1, 0])
  })

  test('does not wait where nobody else asks', async () => {
    const one = order.enter()
    for (let block = 0; block < 20; block++) {
      expect(order.heldUntil(one, 5)).toBeUndefined()
      await send(one, 5)
    }
  })

  test('does not wait where a block takes no time', async () => {
    const [one, two] = [order.enter(), order.enter()]
    for (let block = 0; block < 20; block++) {
      await send(one, block, LIMITS.leastServiceMs / 2)
      expect(order.heldUntil(two, block)).toBeUndefined()
    }
  })
})

describe('a block that was sent already', () => {
  test('waits for who got it to pass it on, and no longer than that takes', async () => {
    const [one, two] = await three()
    await send(one, 1)
    const untilMs = order.heldUntil(two, 1) as number
    expect(untilMs).toBeGreaterThan(world.nowMs)
    expect(untilMs).toBeLessThanOrEqual(world.nowMs + LIMITS.mostSpreadMs * LIMITS.spreadFactor)
    await pass(LIMITS.mostSpreadMs * LIMITS.spreadFactor)
    expect(order.heldUntil(two, 1)).toBeUndefined()
  })

  test('does not wait for who left', async () => {
    const [one, two] = await three()
    await send(one, 1)
    order.leave(one)
    expect(order.heldUntil(two, 1)).toBeUndefined()
  })

  test('goes to who had it before at once', async () => {
    const [one] = await three()
    await send(one, 1)
    expect(order.heldUntil(one, 1)).toBeUndefined()
  })

  test('waits for a block that nobody has, and is not forgotten', async () => {
    const [one, two, three_] = await three()
    await send(one, 1)
    order.has(three_, [1])
    order.began(one, 2)
    const untilMs = order.heldUntil(two, 1) as number
    expect(untilMs).toBeGreaterThan(world.nowMs)
    await pass(untilMs - world.nowMs)
    order.ended(one, 2)
    const sent = await spreadUntil(one, three_, () => order.heldUntil(two, 1) === undefined)
    expect(sent).toBeLessThanOrEqual(LIMITS.leftOutEvery + 1)
  })

  test('proves who got it last, and not who kept it', async () => {
    const { good, friend, unknown } = await goodAmong(2)
    const [kept, passed] = unknown as [Contender, Contender]
    for (const each of [kept, passed]) await send(each, 1)
    order.has(friend, [1])
    for (const each of [kept, passed]) order.heldUntil(each, 7)
    expect(good.isWaiting).toBe(true)
    expect(kept.cost(world.nowMs)).toBeGreaterThan(passed.cost(world.nowMs) + LIMITS.indifferentCost)
  })
})

describe('who passed nothing on so far', () => {
  test('is tried when no better one asks, and not before', async () => {
    const { good, unknown } = await goodAmong(1)
    const [newcomer] = unknown as [Contender]
    expect(order.heldUntil(newcomer, 6)).toBeDefined()
    good.withdraws()
    expect(order.heldUntil(newcomer, 6)).toBeUndefined()
  })

  test('is like any other by what it passes on', async () => {
    const { friend, unknown } = await goodAmong(1)
    const [newcomer] = unknown as [Contender]
    for (let block = 0; block < 5; block++) {
      await send(newcomer, block)
      order.has(friend, [block])
    }
    expect(order.heldUntil(newcomer, 7)).toBeUndefined()
  })
})

describe('who is left out', () => {
  test('gets one block in so many, whoever was left out for longest first', async () => {
    const { good, friend, unknown } = await goodAmong(3)
    const served: number[] = []
    for (const [i, each] of unknown.entries()) {
      order.heldUntil(each, 100 + i)
      await pass(1)
    }
    for (let turn = 0; turn < unknown.length; turn++) {
      const mayBegin = (): number =>
        unknown.findIndex((each, i) => order.heldUntil(each, 100 + i) === undefined)
      const sent = await spreadUntil(good, friend, () => mayBegin() >= 0)
      if (turn > 0) expect(sent).toBe(LIMITS.leftOutEvery)
      const next = mayBegin()
      served.push(next)
      await send(unknown[next] as Contender, 100 + next)
    }
    expect(served).toEqual([0, 1, 2])
  })

  test('is nobody who gets from others', async () => {
    const { good, friend, unknown } = await goodAmong(1)
    const [fed] = unknown as [Contender]
    let block = 10_000
    const sent = await spreadUntil(good, friend, () => {
      order.has(fed, [block++])
      return order.heldUntil(fed, 100) === undefined
    })
    expect(sent).toBe(MOST_SENT)
  })

  test('hears in time that it is not forgotten', async () => {
    const { good, friend, unknown } = await goodAmong(1)
    const [waiting] = unknown as [Contender]
    let reassured = 0
    let isFed = true
    void order.turn(
      waiting,
      () => (isFed ? 100 : undefined),
      () => reassured++,
    )
    const startedMs = world.nowMs
    let block = 10_000
    await spreadUntil(good, friend, () => {
      order.has(waiting, [block++])
      return world.nowMs - startedMs > 3 * LIMITS.reassureMs + 1_000
    })
    expect(reassured).toBe(3)
    expect(LIMITS.reassureMs * 2).toBeLessThan(TRANSFER_LIMITS.idleTimeoutMs)
    isFed = false
    waiting.wake?.()
    await pass(1)
  })
})

describe('who passes nothing on', () => {
  test('waits for who does, and gets its part nevertheless', async () => {
    const [bad, good, other] = await three()
    for (let block = 0; block < 6; block++) await send(bad, block)
    for (let block = 10; block < 16; block++) {
      await send(good, block)
      order.has(other, [block])
    }
    expect(order.heldUntil(good, 20)).toBeUndefined()
    order.began(good, 20)
    const untilMs = order.heldUntil(bad, 21) as number
    expect(untilMs).toBeGreaterThan(world.nowMs)
    expect(untilMs).toBeLessThanOrEqual(world.nowMs + LIMITS.mostHeldMs)
    await pass(untilMs - world.nowMs)
    expect(order.heldUntil(bad, 21)).toBeUndefined()
  })

  test('does not wait for who takes nothing', async () => {
    const [bad, slow] = await three()
    for (let block = 0; block < 6; block++) await send(bad, block)
    order.began(slow, 20)
    expect(order.heldUntil(bad, 21)).toBeDefined()
    await pass(LIMITS.slowMs)
    expect(order.heldUntil(bad, 21)).toBeUndefined()
  })
})

describe('a turn', () => {
  test('comes when others are done', async () => {
    const [bad, good] = await three()
    for (let block = 0; block < 6; block++) await send(bad, block)
    order.began(good, 20)
    let isTurn = false
    void order.turn(bad, () => 21).then(() => (isTurn = true))
    await pass(LIMITS.lookMs)
    expect(isTurn).toBe(false)
    order.ended(good, 20)
    await pass(2 * LIMITS.lookMs)
    expect(isTurn).toBe(true)
  })

  test('ends when nothing is asked for any more, or who waits has left', async () => {
    const [bad, good, other] = await three()
    for (let block = 0; block < 6; block++) await send(bad, block)
    for (let block = 6; block < 12; block++) await send(other, block)
    order.began(good, 20)
    const asked: (number | undefined)[] = [21, 22]
    const turns = Promise.all([order.turn(bad, () => asked[0]), order.turn(other, () => asked[1])])
    asked[0] = undefined
    bad.wake?.()
    asked[1] = undefined
    order.leave(other)
    await turns
    expect(bad.isWaiting).toBe(false)
  })
})

test('no more blocks are remembered than the limit says', async () => {
  const [one, two] = await three()
  for (let block = 0; block < LIMITS.maxUnspread + 100; block++) {
    order.began(one, block)
    order.ended(one, block)
  }
  expect([...one.unspread()]).toHaveLength(LIMITS.maxUnspread)
  order.has(
    two,
    Array.from({ length: LIMITS.maxUnspread + 100 }, (_, i) => i),
  )
  expect([...one.unspread()]).toEqual([])
  order.leave(one)
  order.leave(two)
  expect(order.isEmpty).toBe(false)
})
