/** A process that shares and fetches is killed at its calls that change the disk, and started again. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { namesInHome, wrongAfterFault, wrongAfterRestart, type Scene } from './crash-checks.ts'
import { KILLED_SYSCALLS, isStable } from './faults.ts'
import { LANDED_SHARE, draw, pointsOf, runSeed, wantedPoints, type Point } from './points.ts'
import { writeSourceTree } from './source-tree.ts'
import { record, runWithFault, skipWithoutStrace, start, type Program } from './strace.ts'
import { treeOf } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

const PROGRAM = fileURLToPath(new URL('store-program.ts', import.meta.url))
const AT_ONCE = 2
const USUAL_POINTS = 12
const MOST_MS = 3_600_000
const SEED = runSeed()

let work: string
let source: string
let tree: Map<string, string>

withWorkFolder(async (made) => {
  work = made
  source = join(work, 'source')
  writeSourceTree(source)
  tree = await treeOf(source)
})

skipWithoutStrace()

/** Paths are the same in every run of a slot, since faults are found by them. */
function inSlot(
  slot: string,
  format: string,
): { program: Program; folder: string; scene: Omit<Scene, 'homeNames'> } {
  const folder = join(work, slot)
  const [home, directory] = [join(folder, 'home'), join(folder, 'out')]
  const args = [source, home, directory, format, 'one']
  return {
    folder,
    program: { script: PROGRAM, args, log: join(work, `${slot}.strace`) },
    scene: { source: tree, name: 'source', directory, home },
  }
}

interface Slot {
  readonly points: readonly Point[]
  readonly homeNames: readonly string[]
}

/** One slot for each run at a time: the points of it, and what a clean run leaves in its home. */
async function cleanRun(slot: string, format: string): Promise<Slot> {
  const { program, folder, scene } = inSlot(slot, format)
  await mkdir(folder)
  const { facts, calls, stderr } = await record(program, KILLED_SYSCALLS)
  expect(facts.at(-1)).toMatchObject({ type: 'done' })
  expect({ stderr, wrong: await wrongAfterFault(scene, facts) }).toEqual({ stderr: '', wrong: [] })
  const homeNames = await namesInHome(scene.home)
  await rm(folder, { recursive: true })
  return { points: pointsOf(calls, folder, isStable), homeNames }
}

async function strike(
  slot: string,
  format: string,
  homeNames: readonly string[],
  point: Point,
): Promise<{ landed: boolean; wrong: string[] }> {
  const { program, scene, folder } = inSlot(slot, format)
  await mkdir(folder)
  const struck = await runWithFault(program, { ...point, effect: 'KILL' })
  const wrong = await wrongAfterFault(scene, struck.facts)
  // Other random bytes: the same link comes from what was kept.
  const again = await start({ ...program, args: [...program.args.slice(0, -1), 'two'] }).ended
  wrong.push(...(await wrongAfterRestart({ ...scene, homeNames }, struck.facts, again)))
  await rm(folder, { recursive: true })
  return { landed: struck.landed, wrong: wrong.map((line) => `${line}, killed at ${point.text}`) }
}

describe.each(['sealed', 'public'])('%s', (format) => {
  test(
    `killed at any call that changes the disk, nothing is torn, lost or left (seed ${SEED})`,
    async () => {
      const startedMs = performance.now()
      const slots = Array.from({ length: AT_ONCE }, (_slot, i) => `${format}-${i}`)
      const found = await Promise.all(slots.map((slot) => cleanRun(slot, format)))
      const all = found[0]?.points ?? []
      const chosen = draw([...all.keys()], wantedPoints(USUAL_POINTS), SEED)
      const wrong: string[] = []
      let landed = 0
      const runs = slots.map(async (slot, at) => {
        const { points, homeNames } = found[at] as Slot
        for (const i of chosen.filter((_point, n) => n % AT_ONCE === at)) {
          const point = points[i]
          // Rounds that come by the clock are not as many in every slot.
          if (point === undefined) continue
          const result = await strike(slot, format, homeNames, point)
          if (result.landed) landed++
          wrong.push(...result.wrong)
          // A long sweep tells at once.
          for (const line of result.wrong) console.log(line)
        }
      })
      await Promise.all(runs)
      const seconds = Math.round((performance.now() - startedMs) / 1_000)
      console.log(`${format}: ${chosen.length} of ${all.length} crash points, ${landed} landed, ${seconds} s`)
      expect(wrong).toEqual([])
      expect(landed).toBeGreaterThanOrEqual(chosen.length * LANDED_SHARE)
    },
    MOST_MS,
  )
})
