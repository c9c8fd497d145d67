/** The disk is full, or fails, at any call by which a fetch writes: it says so, and goes on once the disk does. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { namesInHome, wrongAfterFault, wrongAfterRestart, type Scene } from './crash-checks.ts'
import { FAILED_SYSCALLS, isStable, wrongAnswer } from './faults.ts'
import { LANDED_SHARE, draw, pointsOf, runSeed, wantedPoints, type Point } from './points.ts'
import { writeSourceTree } from './source-tree.ts'
import { record, runWithFault, skipWithoutStrace, start, type Program } from './strace.ts'
import { treeOf } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

const PROGRAM = fileURLToPath(new URL('store-program.ts', import.meta.url))
const USUAL_POINTS = 8
const MOST_MS = 3_600_000
const SEED = runSeed()

let work: string
let program: Program
let scene: Scene
let folder: string

withWorkFolder(async (made) => {
  work = made
  const source = join(work, 'source')
  writeSourceTree(source)
  folder = join(work, 'slot')
  const [home, directory] = [join(folder, 'home'), join(folder, 'out')]
  program = {
    script: PROGRAM,
    args: [source, home, directory, 'sealed', 'one'],
    log: join(work, 'strace'),
  }
  scene = { source: await treeOf(source), name: 'source', directory, home, homeNames: [] }
})

skipWithoutStrace()

async function allPoints(): Promise<Point[]> {
  await mkdir(folder)
  const { calls, facts } = await record(program, FAILED_SYSCALLS)
  expect(facts.at(-1)).toMatchObject({ type: 'done' })
  scene = { ...scene, homeNames: await namesInHome(scene.home) }
  await rm(folder, { recursive: true })
  return pointsOf(calls, folder, isStable)
}

async function strike(point: Point, effect: 'ENOSPC' | 'EIO'): Promise<{ landed: boolean; wrong: string[] }> {
  await mkdir(folder)
  const struck = await runWithFault(program, { ...point, effect })
  const wrong = struck.landed ? wrongAnswer(effect, point, struck) : []
  wrong.push(...(await wrongAfterFault(scene, struck.facts)))
  const again = await start(program).ended
  wrong.push(...(await wrongAfterRestart(scene, struck.facts, again)))
  await rm(folder, { recursive: true })
  return { landed: struck.landed, wrong: wrong.map((line) => `${line}, ${effect} at ${point.text}`) }
}

test.each(['ENOSPC', 'EIO'] as const)(
  `%s at a call that writes is said, nothing is torn, and the next start goes on (seed ${SEED})`,
  async (effect) => {
    const startedMs = performance.now()
    const all = await allPoints()
    const chosen = draw(all, wantedPoints(USUAL_POINTS), SEED)
    const wrong: string[] = []
    let landed = 0
    for (const point of chosen) {
      const result = await strike(point, effect)
      if (result.landed) landed++
      wrong.push(...result.wrong)
      for (const line of result.wrong) console.log(line)
    }
    const seconds = Math.round((performance.now() - startedMs) / 1_000)
    console.log(`${effect}: ${chosen.length} of ${all.length} points, ${landed} landed, ${seconds} s`)
    expect(wrong).toEqual([])
    expect(landed).toBeGreaterThanOrEqual(chosen.length * LANDED_SHARE)
  },
  MOST_MS,
)

// A system may forget what it could not write and report success the next time.
test('a file whose bytes could not be made durable is written again, not only synced again', async () => {
  const point = (await allPoints()).find(
    ({ syscall, path }) => syscall === 'fsync' && path?.endsWith('file 7'),
  )
  expect(point).toBeDefined()
  await mkdir(folder)
  const struck = await runWithFault(program, { ...(point as Point), effect: 'EIO' })
  expect(struck.landed).toBe(true)
  const { calls, facts } = await record(program, ['fsync', 'pwrite64'])
  await rm(folder, { recursive: true })
  expect(facts.at(-1)).toMatchObject({ type: 'done' })
  const own = calls.filter(({ path }) => path === point?.path).map(({ syscall }) => syscall)
  expect(own.slice(0, 2)).toEqual(['pwrite64', 'fsync'])
})
