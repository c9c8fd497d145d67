/**
 * The protocol of membership among many, in virtual time. In the ordinary run 100 members for some minutes; with
 * `SHOAL_MEMBERS=1000` as many, for `SHOAL_MINUTES` simulated minutes (15), which takes some minutes of processor time.
 */
import { expect, test } from 'vitest'
import { play } from './scenario.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)
const MEMBERS = Number(process.env['SHOAL_MEMBERS'] ?? 100)
const MINUTES = Number(process.env['SHOAL_MINUTES'] ?? (MEMBERS > 100 ? 15 : 5))

test(`${MEMBERS} members find out who goes, wrong nobody, and say little (seed ${SEED})`, async () => {
  const outcome = await play({
    seed: SEED,
    members: MEMBERS,
    lastsMs: MINUTES * 60_000,
    stopEveryMs: 20_000,
    freezeEveryMs: 30_000,
  })
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
  expect(outcome.verdicts).toBeGreaterThan(MEMBERS * 2)
  expect(outcome.p99Ms).toBeLessThan(20_000)
  expect(outcome.falseVerdicts / Math.max(1, outcome.nodeHours / 1_000)).toBeLessThan(1)
  expect(outcome.freezes).toBeGreaterThan(2)
  expect(outcome.accusationsOfFrozen).toBe(0)
  expect(outcome.bytesPerSecond).toBeLessThanOrEqual(2_000)
  expect(outcome.mostBytesPerSecond).toBeLessThanOrEqual(3_000)
}, 600_000)

test('a trace replays bit for bit from its seed, and another seed gives another', async () => {
  const facts = { members: 20, lastsMs: 120_000, stopEveryMs: 20_000, freezeEveryMs: 30_000 }
  const first = await play({ ...facts, seed: SEED })
  expect(await play({ ...facts, seed: SEED })).toEqual(first)
  expect((await play({ ...facts, seed: SEED + 1 })).trace).not.toBe(first.trace)
})
