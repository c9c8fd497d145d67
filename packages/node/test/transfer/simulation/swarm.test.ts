import { expect, test } from 'vitest'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import type { Receiver } from './swarm.ts'
import { playSwarm, type SwarmInit } from './swarm.ts'
import { VirtualTime } from './virtual-time.ts'

const MIB = 1_048_576
const SEED = 20_261_121
/** SHOAL_SWARM_RECEIVERS=100 SHOAL_SWARM_BLOCKS=256 for the figures: minutes for each swarm. */
const RECEIVERS = Number(process.env['SHOAL_SWARM_RECEIVERS'] ?? 30)
const BLOCKS = Number(process.env['SHOAL_SWARM_BLOCKS'] ?? 128)
const CONTENT = { blocks: BLOCKS, blockBytes: MIB }
/** What is aimed at: the last finisher by the fluid bound, copies that the seeder sends, duplicates. */
const AIM = { ratio: 1.2, seederCopies: 1.5, duplicates: 0.02 }
const HOUR_MS = 3_600_000

function receivers(count: number, make: (i: number) => Omit<Receiver, 'name'>): Receiver[] {
  return Array.from({ length: count }, (_, i) => ({ name: `receiver ${i}`, ...make(i) }))
}

/** What holds of a swarm of this size today, so that it does not get worse unnoticed. */
interface Most {
  readonly ratio: number
  readonly seederCopies: number
  readonly duplicates: number
}

/** Of larger ones nothing is known before. */
const ANY: Most = { ratio: 3, seederCopies: 6, duplicates: 0.2 }
const isUsual = RECEIVERS === 30 && BLOCKS === 128

const SWARMS: readonly [string, (world: VirtualTime) => Pick<SwarmInit, 'seeders' | 'receivers'>, Most][] = [
  [
    'of all speeds, the seeder the bottleneck',
    (world) => ({
      seeders: [{ name: 'seeder', up: 3_000, down: 3_000, latencyMs: 20 }],
      receivers: receivers(RECEIVERS, () => ({
        up: world.logUniform(10, 100_000),
        down: world.logUniform(6_000, 100_000),
        latencyMs: world.logUniform(1, 100),
        joinsAtMs: world.float() * 40_000,
      })),
    }),
    { ratio: 1.15, seederCopies: 1.2, duplicates: 0.1 },
  ],
  [
    'short of upload',
    (world) => ({
      seeders: [{ name: 'seeder', up: 1_000, down: 1_000, latencyMs: 20 }],
      receivers: receivers(RECEIVERS, () => ({
        up: world.logUniform(10, 4_000),
        down: world.logUniform(2_000, 100_000),
        latencyMs: world.logUniform(1, 100),
        joinsAtMs: world.float() * 60_000,
      })),
    }),
    { ratio: 1.2, seederCopies: 1.5, duplicates: 0.05 },
  ],
  [
    'with churn, liars and free riders',
    (world) => ({
      seeders: [{ name: 'seeder', up: 3_000, down: 3_000, latencyMs: 20 }],
      receivers: receivers(RECEIVERS, (i) => {
        const joinsAtMs = world.float() * 40_000
        const fromMs = joinsAtMs + world.float() * 30_000
        return {
          up: world.logUniform(10, 100_000),
          down: world.logUniform(6_000, 100_000),
          latencyMs: world.logUniform(1, 100),
          joinsAtMs,
          lies: i % 10 === 0 ? 1 : i % 10 === 1 ? 0.01 : 0,
          isFreeRider: i % 10 === 2,
          away: i % 10 === 3 ? { fromMs, untilMs: fromMs + world.float() * 20_000 } : undefined,
        }
      }),
    }),
    { ratio: 1.5, seederCopies: 1.2, duplicates: 0.08 },
  ],
  [
    'with one who takes 10 kB/s',
    (world) => ({
      seeders: [{ name: 'seeder', up: 3_000, down: 3_000, latencyMs: 20 }],
      receivers: receivers(RECEIVERS, (i) => ({
        up: world.logUniform(10, 100_000),
        down: i === 7 ? 10 : world.logUniform(10, 100_000),
        latencyMs: world.logUniform(1, 100),
        joinsAtMs: world.float() * 40_000,
      })),
    }),
    { ratio: 1.35, seederCopies: 5.6, duplicates: 0.2 },
  ],
]

test.each(SWARMS)(
  `one seeder and ${RECEIVERS} receivers %s all end, and how near the fluid bound is told (seed ${SEED})`,
  async (swarm, make, usual) => {
    const most = isUsual ? usual : ANY
    const world = new VirtualTime(SEED)
    const startedMs = performance.now()
    const { nodes, figures } = await playSwarm({
      ...make(world),
      world,
      content: CONTENT,
      degree: 40,
      mostMs: 12 * HOUR_MS,
    })
    const seconds = Math.round(performance.now() - startedMs) / 1_000
    console.log(JSON.stringify({ type: 'swarm', swarm, ...figures, aim: AIM, seconds }))
    expect(nodes.map(({ failure }) => failure)).toEqual(nodes.map(() => undefined))
    expect(figures.ratio).toBeLessThanOrEqual(most.ratio)
    expect(figures.seederCopies).toBeLessThanOrEqual(most.seederCopies)
    expect(figures.duplicates).toBeLessThanOrEqual(most.duplicates)
    // One that went and came back meets a liar anew.
    for (const node of nodes) expect(node.wrong).toBeLessThanOrEqual(node.liars.size * 2)
    expect(figures.mostOwedMiB * MIB).toBeLessThanOrEqual(TRANSFER_LIMITS.swarmWindowBytes)
    for (const node of nodes) expect([...node.accepted].every((times) => times === 1)).toBe(true)
  },
  600_000,
)
