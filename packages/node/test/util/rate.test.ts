import { expect, test } from 'vitest'
import { Paced, RateMeter } from '../../src/util/rate.ts'
import { Simulation } from '../helpers/simulation.ts'

const wait = (world: Simulation, ms: number): Promise<void> => world.pass(ms)

test('paced values come at most once an interval, and the last one always comes', async () => {
  const world = new Simulation(1)
  const told: number[] = []
  const paced = new Paced<number>(world.seams, 250, (value) => told.push(value))
  for (let i = 0; i <= 10; i++) {
    paced.tell(i)
    await wait(world, 50)
  }
  await wait(world, 1_000)
  expect(told).toEqual([0, 4, 9, 10])
  paced.tell(11)
  paced.tell(12)
  paced.flush()
  expect(told).toEqual([0, 4, 9, 10, 11, 12])
  paced.tell(13)
  paced.cancel()
  await wait(world, 1_000)
  expect(told.at(-1)).toBe(12)
})

test('a rate is the bytes of the last seconds, not of the whole run', async () => {
  const world = new Simulation(1)
  const meter = new RateMeter(world.seams.clock, 2_000)
  expect(meter.rate(0)).toBe(0)
  for (let i = 1; i <= 10; i++) {
    await wait(world, 1_000)
    meter.rate(i * 1_000)
  }
  for (let i = 1; i <= 4; i++) {
    await wait(world, 1_000)
    meter.rate(10_000)
  }
  expect(meter.rate(10_000)).toBe(0)
})
