/** What members of a space go through in the simulation, and what came of it. */
import { percentile, World, type SimulatedMember } from './world.ts'

export interface ScenarioFacts {
  readonly seed: number
  readonly members: number
  /** How long it goes on once everybody knows everybody, in simulated milliseconds. */
  readonly lastsMs: number
  /** Between two members that stop without a word, in milliseconds. */
  readonly stopEveryMs: number
  /** Between two that are frozen for 30 s, in milliseconds. */
  readonly freezeEveryMs: number
}

export interface Outcome {
  readonly members: number
  readonly nodeHours: number
  /** Pairs of one that stopped and one that found it offline. */
  readonly verdicts: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
  readonly falseVerdicts: number
  readonly freezes: number
  /** Accusations of members that were there: of all, and of those who were frozen in the minute before. */
  readonly wrongAccusations: number
  readonly accusationsOfFrozen: number
  /** Bytes a second of one node, both ways together: on average, and of the one with most. */
  readonly bytesPerSecond: number
  readonly mostBytesPerSecond: number
  readonly trace: string
}

const FREEZE_MS = 30_000
const AWAY_MS = 60_000

export async function play(facts: ScenarioFacts): Promise<Outcome> {
  const world = new World({ seed: facts.seed, members: facts.members, late: 0.05 })
  const { time } = world
  world.startAll(5_000)
  await world.pass(5_000)
  world.acquaint()
  await world.pass(30_000)
  const beginMs = time.nowMs
  for (const node of world.nodes) node.reset()
  world.falseVerdicts = 0
  world.verdictsMs.length = 0
  let freezes = 0
  const frozen: SimulatedMember[] = []
  const endMs = beginMs + facts.lastsMs
  const often = (everyMs: number, act: (node: SimulatedMember) => void): void => {
    time.at(time.nowMs + everyMs * (0.5 + time.float()), () => {
      const node = world.pick()
      // What happens last still has its minute to be seen by all.
      if (time.nowMs < endMs - AWAY_MS - FREEZE_MS && node.isThere) act(node)
      often(everyMs, act)
    })
  }
  often(facts.stopEveryMs, (node) => {
    node.stop()
    time.at(time.nowMs + AWAY_MS, () => node.start())
  })
  often(facts.freezeEveryMs, (node) => {
    if (frozen.includes(node)) return
    freezes++
    frozen.push(node)
    node.freeze(FREEZE_MS)
  })
  await world.pass(facts.lastsMs)
  for (const node of world.nodes) world.settle(node)
  const seconds = (time.nowMs - beginMs) / 1_000
  const rates = world.nodes.map((node) => (node.sentBytes + node.receivedBytes) / seconds)
  return {
    members: facts.members,
    nodeHours: (facts.members * seconds) / 3_600,
    verdicts: world.verdictsMs.length,
    p50Ms: Math.round(percentile(world.verdictsMs, 0.5)),
    p99Ms: Math.round(percentile(world.verdictsMs, 0.99)),
    mostMs: Math.round(percentile(world.verdictsMs, 1)),
    falseVerdicts: world.falseVerdicts,
    freezes,
    wrongAccusations: world.nodes.reduce((sum, node) => sum + node.wrongAccusations, 0),
    accusationsOfFrozen: world.nodes.reduce((sum, node) => sum + node.accusationsAfterFreeze, 0),
    bytesPerSecond: Math.round(rates.reduce((sum, rate) => sum + rate, 0) / rates.length),
    mostBytesPerSecond: Math.round(Math.max(...rates)),
    trace: world.trace,
  }
}
