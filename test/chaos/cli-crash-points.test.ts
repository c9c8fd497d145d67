/** The `shoal` command is killed at its calls that change the disk, and run again. Needs `tsc -b`. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { shoal, sweep } from './command.ts'
import { namesInHome, wrongAfterFault, wrongAfterRestart, type Scene } from './crash-checks.ts'
import { KILLED_SYSCALLS, isStable } from './faults.ts'
import { pointsOf, runSeed } from './points.ts'
import { writeSourceTree } from './source-tree.ts'
import { record, runWithFault, skipWithoutStrace, start, type Running } from './strace.ts'
import { treeOf } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

const MOST_MS = 3_600_000
/** Of a fetch, and of a share. */
const USUAL_POINTS = 12
const SEED = runSeed()

let work: string
let source: string
let tree: Map<string, string>
const providers: Running[] = []

withWorkFolder(async (made) => {
  work = made
  source = join(work, 'source')
  writeSourceTree(source)
  tree = await treeOf(source)
})

afterAll(async () => {
  for (const provider of providers) provider.kill('SIGKILL')
  await Promise.all(providers.map((provider) => provider.ended))
})

skipWithoutStrace()

test(
  `a fetch that is killed at any call that changes the disk tears, loses and leaves nothing (seed ${SEED})`,
  async () => {
    const provider = start({ ...shoal(join(work, 'provider'), ['share', source]), isLasting: true })
    providers.push(provider)
    const ready = await provider.said('ready')
    const folder = join(work, 'fetch')
    const directory = join(folder, 'out')
    const program = shoal(folder, ['fetch', '-', '-o', directory], { SHOAL_LINK: String(ready?.['link']) })
    const home = join(folder, 'home')

    await mkdir(folder)
    const whole = await record(program, KILLED_SYSCALLS)
    expect(whole.facts.at(-1)).toMatchObject({ type: 'done' })
    const homeNames = await namesInHome(home)
    const scene: Scene = { source: tree, name: 'source', directory, home, homeNames }
    await rm(folder, { recursive: true })

    const wrong = await sweep(
      'fetch',
      folder,
      pointsOf(whole.calls, folder, isStable),
      { seed: SEED, usual: USUAL_POINTS },
      async (point) => {
        const struck = await runWithFault(program, { ...point, effect: 'KILL' })
        const found: string[] = []
        found.push(...(await wrongAfterFault(scene, struck.facts)))
        const again = await start(program).ended
        found.push(...(await wrongAfterRestart(scene, struck.facts, again)))
        return { landed: struck.landed, wrong: found.map((line) => `${line}, killed at ${point.text}`) }
      },
    )
    expect(wrong).toEqual([])
  },
  MOST_MS,
)

test(
  `a share that is killed at any call that changes the disk loses and leaves nothing (seed ${SEED})`,
  async () => {
    const folder = join(work, 'share')
    const program = shoal(folder, ['share', source])
    const stopWhenReady = async (running: Running): Promise<void> => {
      if ((await running.said('ready')) !== undefined) running.kill('SIGTERM')
    }

    await mkdir(folder)
    const whole = await record(program, KILLED_SYSCALLS, stopWhenReady)
    expect(whole).toMatchObject({ status: 0, stderr: '' })
    const homeNames = await namesInHome(join(folder, 'home'))
    await rm(folder, { recursive: true })

    const wrong = await sweep(
      'share',
      folder,
      pointsOf(whole.calls, folder, isStable),
      { seed: SEED, usual: USUAL_POINTS },
      async (point) => {
        const struck = await runWithFault(program, { ...point, effect: 'KILL' }, stopWhenReady)
        const found: string[] = []
        const again = start(program)
        await stopWhenReady(again)
        const { status, facts, stderr } = await again.ended
        if (status !== 0 || stderr !== '')
          found.push(`started again: ${JSON.stringify(facts.at(-1))} ${stderr}`)
        const promised = struck.facts.find((fact) => fact.type === 'ready')
        const kept = facts.find((fact) => fact.type === 'ready')
        // With the addresses in it: whoever has the link still gets there.
        if (promised !== undefined && promised['link'] !== kept?.['link']) {
          found.push(`the link was ${String(promised['link'])} and is ${String(kept?.['link'])}`)
        }
        const held = await namesInHome(join(folder, 'home'))
        if (held.join() !== homeNames.join())
          found.push(`the home holds ${held.join()}, not ${homeNames.join()}`)
        return { landed: struck.landed, wrong: found.map((line) => `${line}, killed at ${point.text}`) }
      },
    )
    expect(wrong).toEqual([])
  },
  MOST_MS,
)
