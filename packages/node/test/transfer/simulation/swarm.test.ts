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
/** What holds of any of these swarms today, so that it does not get worse unnoticed. */
const MOST = { ratio: 2.5, seederCopies: 6, duplicates: 0.2 }
const HOUR_MS = 3_600_000

function receivers(count: number, make: (i: number) => Omit<Receiver, 'name'>): Receiver[] {
  return Array.from({ length: count }, (_, i) => ({ name: `receiver ${i}`, ...make(i) }))
}

const SWARMS: readonly [string, (world: VirtualTime) => Pick<SwarmInit, 'seeders' | 'receivers'>][] = [
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
  ],
]

test.each(SWARMS)(
  `one seeder and ${RECEIVERS} receivers %s all end, and how near the fluid bound is told (seed ${SEED})`,
  async (swarm, make) => {
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
    expect(figures.ratio).toBeLessThanOrEqual(MOST.ratio)
    expect(figures.seederCopies).toBeLessThanOrEqual(MOST.seederCopies)
    expect(figures.duplicates).toBeLessThanOrEqual(MOST.duplicates)
    // One that went and came back meets a liar anew.
    for (const node of nodes) expect(node.wrong).toBeLessThanOrEqual(node.liars.size * 2)
    expect(figures.mostOwedMiB * MIB).toBeLessThanOrEqual(TRANSFER_LIMITS.swarmWindowBytes)
    for (const node of nodes) expect([...node.accepted].every((times) => times === 1)).toBe(true)
  },
  600_000,
)
