/** A few members in virtual time: what a single person would see. */
import { expect, test } from 'vitest'
import type { SimulatedMember } from './world.ts'
import { World } from './world.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)

async function worldOf(members: number): Promise<World> {
  const world = new World({ seed: SEED, members, late: 0.05 })
  world.startAll(1_000)
  await world.pass(30_000)
  return world
}

function seeEachOther(some: readonly SimulatedMember[]): boolean {
  return some.every((one) => some.every((other) => one === other || one.sees(other)))
}

test.each([2, 3, 8])('of %i members each sees all, and soon who went', async (members) => {
  const world = await worldOf(members)
  expect(seeEachOther(world.nodes)).toBe(true)
  const [first, ...others] = world.nodes as [SimulatedMember, ...SimulatedMember[]]
  first.stop()
  await world.pass(20_000)
  expect(others.some((other) => other.sees(first))).toBe(false)
  expect(seeEachOther(others)).toBe(true)
  first.start()
  await world.pass(20_000)
  expect(seeEachOther(world.nodes)).toBe(true)
  expect(world.falseVerdicts).toBe(0)
})

test('two halves that are cut off see each other go, and again when they are joined', async () => {
  const world = await worldOf(16)
  world.group = ({ index }) => index % 2
  // Who loses half of all it knows takes itself for the one that is ill, and takes its time.
  await world.pass(120_000)
  const halves = [0, 1].map((half) => world.nodes.filter(({ index }) => index % 2 === half))
  for (const half of halves) expect(seeEachOther(half)).toBe(true)
  expect(
    world.nodes.every((one) =>
      world.nodes.every((other) => (one.index - other.index) % 2 === 0 || !one.sees(other)),
    ),
  ).toBe(true)
  world.group = () => 0
  await world.pass(40_000)
  expect(seeEachOther(world.nodes)).toBe(true)
})

test('who was frozen accuses nobody, and is back when it thaws', async () => {
  const world = await worldOf(8)
  const [first] = world.nodes as [SimulatedMember]
  first.freeze(30_000)
  await world.pass(29_000)
  expect(world.nodes.filter((other) => other !== first && other.sees(first))).toEqual([])
  await world.pass(30_000)
  expect(first.wrongAccusations).toBe(0)
  expect(first.online.size).toBe(7)
  expect(seeEachOther(world.nodes)).toBe(true)
})

test('one that joins a space of a hundred soon knows who is there, and has a few neighbours', async () => {
  const world = new World({ seed: SEED, members: 100, late: 0.05 })
  const [last] = world.nodes as [SimulatedMember]
  for (const node of world.nodes) if (node !== last) node.start()
  await world.pass(1_000)
  world.acquaint()
  await world.pass(90_000)
  last.start()
  await world.pass(60_000)
  expect(last.online.size).toBe(99)
  expect(world.nodes.filter((other) => other !== last && other.sees(last))).toHaveLength(99)
  for (const { membership } of world.nodes) expect(membership?.neighbours.length).toBeLessThanOrEqual(14)
})
