import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CommitLoop } from '../../src/store/commit-loop.ts'
import { Simulation } from '../helpers/simulation.ts'

const MIB = 1_048_576

interface Round {
  readonly atMs: number
  readonly blocks: readonly number[]
  readonly isLast: boolean
  readonly end: PromiseWithResolvers<void>
}

function start(): { world: Simulation; loop: CommitLoop; rounds: Round[]; faults: Error[] } {
  const world = new Simulation(1)
  const rounds: Round[] = []
  const faults: Error[] = []
  const loop = new CommitLoop({
    timers: world.seams.timers,
    commit: (blocks, isLast) => {
      const end = Promise.withResolvers<void>()
      rounds.push({ atMs: world.nowMs, blocks, isLast, end })
      return end.promise
    },
    onFault: (error) => faults.push(error),
  })
  return { world, loop, rounds, faults }
}

async function pass(world: Simulation, toMs: number): Promise<void> {
  const there = Promise.withResolvers<void>()
  world.at(toMs, () => there.resolve())
  await world.run(there.promise)
}

test('what was written is made durable 250 ms later, all of it at once', async () => {
  const { world, loop, rounds } = start()
  loop.add(1, MIB)
  await pass(world, 100)
  loop.add(2, MIB)
  await pass(world, 249)
  expect(rounds).toEqual([])
  await pass(world, 251)
  expect(rounds).toMatchObject([{ atMs: 250, blocks: [1, 2], isLast: false }])
})

test('32 MiB do not wait, and no two rounds run at a time', async () => {
  const { world, loop, rounds } = start()
  for (let block = 0; block < 40; block++) loop.add(block, MIB)
  expect(rounds).toMatchObject([{ atMs: 0, isLast: false }])
  expect(rounds[0]?.blocks.length).toBe(32)
  for (let block = 40; block < 80; block++) loop.add(block, MIB)
  await pass(world, 1_000)
  expect(rounds.length).toBe(1)
  rounds[0]?.end.resolve()
  await setImmediate()
  expect(rounds[1]?.blocks.length).toBe(48)
})

test('the end waits for the round that runs, then makes the rest durable', async () => {
  const { world, loop, rounds } = start()
  loop.add(1, MIB)
  await pass(world, 300)
  loop.add(2, MIB)
  const ended = loop.end()
  await setImmediate()
  expect(rounds.length).toBe(1)
  rounds[0]?.end.resolve()
  await setImmediate()
  expect(rounds[1]).toMatchObject({ blocks: [2], isLast: true })
  rounds[1]?.end.resolve()
  await ended
})

test('a round that failed is told once, and none comes after it', async () => {
  const { world, loop, rounds, faults } = start()
  loop.add(1, MIB)
  await pass(world, 300)
  const fault = new Error('EIO')
  loop.add(2, MIB)
  rounds[0]?.end.reject(fault)
  await pass(world, 2_000)
  expect([rounds.length, faults, loop.hasFailed]).toEqual([1, [fault], true])
  await expect(loop.end()).rejects.toBe(fault)
})
