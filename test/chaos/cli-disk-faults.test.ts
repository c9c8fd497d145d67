/** The disk is full, or fails, at any call by which `shoal fetch` writes: exit 5, a clear word. Needs `tsc -b`. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { shoal, sweep } from './command.ts'
import { namesInHome, wrongAfterFault, wrongAfterRestart, type Scene } from './crash-checks.ts'
import { FAILED_SYSCALLS, isStable, wrongAnswer } from './faults.ts'
import { pointsOf, runSeed, type Point } from './points.ts'
import { writeSourceTree } from './source-tree.ts'
import {
  record,
  runWithFault,
  skipWithoutStrace,
  start,
  straceIsMissing,
  type Program,
  type Running,
} from './strace.ts'
import { treeOf } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

const MOST_MS = 3_600_000
const SEED = runSeed()
const USUAL_POINTS = 8

let folder: string
let program: Program
let scene: Scene
let points: Point[]
let provider: Running | undefined

withWorkFolder(async (work) => {
  if (straceIsMissing !== undefined) return
  const source = join(work, 'source')
  writeSourceTree(source)
  provider = start({ ...shoal(join(work, 'provider'), ['share', source]), isLasting: true })
  const ready = await provider.said('ready')
  folder = join(work, 'fetch')
  const directory = join(folder, 'out')
  program = shoal(folder, ['fetch', '-', '-o', directory], { SHOAL_LINK: String(ready?.['link']) })
  await mkdir(folder)
  const whole = await record(program, FAILED_SYSCALLS)
  if (whole.facts.at(-1)?.type !== 'done') throw new Error(`without a fault: ${JSON.stringify(whole.facts)}`)
  const home = join(folder, 'home')
  scene = {
    source: await treeOf(source),
    name: 'source',
    directory,
    home,
    homeNames: await namesInHome(home),
  }
  await rm(folder, { recursive: true })
  // A call that fails anyway, such as making a folder that is there, writes nothing.
  points = pointsOf(whole.calls, folder, isStable).filter(({ text }) => !/ = -1 E[A-Z]+ /.test(text))
})

afterAll(async () => {
  provider?.kill('SIGKILL')
  await provider?.ended
})

skipWithoutStrace()

test.each(['ENOSPC', 'EIO'] as const)(
  `%s at a call that writes is said with exit 5, and the next fetch goes on (seed ${SEED})`,
  async (effect) => {
    const wrong = await sweep(
      `fetch, ${effect}`,
      folder,
      points,
      { seed: SEED, usual: USUAL_POINTS },
      async (point) => {
        const struck = await runWithFault(program, { ...point, effect })
        const found = struck.landed ? wrongAnswer(effect, point, struck) : []
        found.push(...(await wrongAfterFault(scene, struck.facts)))
        const again = await start(program).ended
        found.push(...(await wrongAfterRestart(scene, struck.facts, again)))
        return { landed: struck.landed, wrong: found.map((line) => `${line}, ${effect} at ${point.text}`) }
      },
    )
    expect(wrong).toEqual([])
  },
  MOST_MS,
)
