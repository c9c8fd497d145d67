import { describe, expect, test } from 'vitest'
import { FairBudget } from '../../../src/transfer/serving/fair-budget.ts'

const MIB = 1_048_576

/** Sessions that always want the next block and hold one at a time; returns what each device got, in bytes. */
async function contend(
  budget: FairBudget,
  sessions: readonly { readonly peer: string; readonly bytes: number }[],
  rounds: number,
): Promise<Map<string, number>> {
  const got = new Map<string, number>()
  const holding: { peer: string; bytes: number }[] = []
  const ask = (session: { peer: string; bytes: number }): void => {
    void budget.acquire(session.peer).then(() => holding.push(session))
  }
  for (const session of sessions) ask(session)
  for (let i = 0; i < rounds; i++) {
    await Promise.resolve()
    const session = holding.shift()
    if (session === undefined) continue
    got.set(session.peer, (got.get(session.peer) ?? 0) + session.bytes)
    ask(session)
    budget.release(session.peer, session.bytes)
  }
  return got
}

const limits = { blocks: 4, blocksPerPeer: 4, readAheadBlocks: 4 }

describe('devices take turns', () => {
  test('whatever the number of sessions of one', async () => {
    const greedy = Array.from({ length: 20 }, () => ({ peer: 'greedy', bytes: MIB }))
    const got = await contend(new FairBudget(limits), [...greedy, { peer: 'modest', bytes: MIB }], 2_000)
    // One session alone can hold one of the four; with turns it is never without.
    const modest = got.get('modest') ?? 0
    expect(modest / ((got.get('greedy') ?? 0) + modest)).toBeGreaterThan(0.2)
  })

  test('by bytes, whatever the size of the blocks', async () => {
    const sessions = [
      ...Array.from({ length: 8 }, () => ({ peer: 'large', bytes: MIB })),
      ...Array.from({ length: 8 }, () => ({ peer: 'small', bytes: MIB / 8 })),
    ]
    const got = await contend(new FairBudget(limits), sessions, 4_000)
    expect((got.get('large') ?? 0) / (got.get('small') ?? 0)).toBeCloseTo(1, 1)
  })

  test('who comes late has neither to wait for what others had, nor do they for it', async () => {
    const budget = new FairBudget({ ...limits, blocks: 1 })
    await contend(budget, [{ peer: 'early', bytes: MIB }], 100)
    const order: string[] = []
    const ask = (peer: string): void => void budget.acquire(peer).then(() => order.push(peer))
    for (let i = 0; i < 3; i++) ask('late')
    ask('early')
    for (let i = 0; i < 6; i++) {
      await Promise.resolve()
      const last = order.at(-1)
      budget.release(last ?? 'early', MIB)
    }
    expect(order.slice(0, 3)).toContain('early')
    expect(order.slice(0, 3)).toContain('late')
  })
})

test('a device that takes nothing holds no more than its part', async () => {
  const budget = new FairBudget({ blocks: 8, blocksPerPeer: 3, readAheadBlocks: 2 })
  let held = 0
  for (let i = 0; i < 10; i++) void budget.acquire('slow').then(() => held++)
  await Promise.resolve()
  expect(held).toBe(3)
  expect(budget.tryAcquire('slow')).toBe(false)
  await budget.acquire('other')
  expect([budget.tryAcquire('other'), budget.tryAcquire('other')]).toEqual([true, false])
})

test('no more than all blocks are given out, and each that comes back is given again', async () => {
  const budget = new FairBudget({ blocks: 2, blocksPerPeer: 2, readAheadBlocks: 2 })
  await budget.acquire('a')
  await budget.acquire('b')
  expect(budget.tryAcquire('a')).toBe(false)
  let isServed = false
  void budget.acquire('c').then(() => (isServed = true))
  await Promise.resolve()
  expect(isServed).toBe(false)
  budget.release('a', MIB)
  await Promise.resolve()
  expect(isServed).toBe(true)
})
