import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Contender } from '../../../src/transfer/serving/contender.ts'
import { SEND_ORDER as LIMITS } from '../../../src/transfer/limits.ts'
import { SendOrder } from '../../../src/transfer/serving/send-order.ts'
import { VirtualTime } from '../simulation/virtual-time.ts'

const SERVICE_MS = 100

let world: VirtualTime
let order: SendOrder

beforeEach(() => {
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
    expect(order.heldUntil(two, 1)).toBeUndefined()
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
