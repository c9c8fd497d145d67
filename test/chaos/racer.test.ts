/** Somebody swaps folders with links while a fetch writes into them, or while a share reads them. */
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isShoalError } from '../../packages/node/src/errors.ts'
import { BlockWorkers } from '../../packages/node/src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../packages/node/src/store/disk.ts'
import { makeShare } from '../../packages/node/src/store/share-maker.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import { writeSourceTree } from './source-tree.ts'
import { start } from './strace.ts'
import { differences, factsOf, filesBelow, namesIn } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

const STORE = fileURLToPath(new URL('store-program.ts', import.meta.url))
const RACER = fileURLToPath(new URL('racer-program.ts', import.meta.url))
/** How long it is raced, in seconds: SHOAL_RACE_SECONDS. */
const RACE_SECONDS = Number(process.env['SHOAL_RACE_SECONDS'] ?? 5)
const MOST_MS = (RACE_SECONDS + 60) * 1_000
/** Longest between two swaps: without any no fetch gets far, and with long ones it gets to its end. */
const PAUSES_MS = [0, 300, 20, 1_000, 100]
const CANARY = 'a canary that sings\n'
const EXIT_UNEXPECTED = 1

let work: string
let source: string
let homes = 0

withWorkFolder((made) => {
  work = made
  source = join(work, 'source')
  writeSourceTree(source)
})

interface Tally {
  runs: number
  swaps: number
  /** How the runs ended, and how often. */
  readonly ends: Record<string, number>
  readonly wrong: string[]
}

/**
 * Runs a share and fetch again and again while `raced` is raced. `judge`: what was wrong afterwards. `goesAt`:
 * the fact from which on everything is raced.
 */
async function race(
  prepare: () => Promise<{ raced: string; outside: string; source: string; directory: string }>,
  judge: () => Promise<string[]>,
  goesAt?: string,
): Promise<Tally> {
  const tally: Tally = { runs: 0, swaps: 0, ends: {}, wrong: [] }
  const untilMs = performance.now() + RACE_SECONDS * 1_000
  while (performance.now() < untilMs) {
    const scene = await prepare()
    const stop = join(work, 'stop')
    const go = join(work, 'go')
    const pause = `${PAUSES_MS[tally.runs % PAUSES_MS.length]}`
    const racer = start({ script: RACER, args: [scene.raced, scene.outside, stop, go, pause], log: '' })
    const running = start({
      script: STORE,
      args: [
        scene.source,
        join(work, `home-${++homes}`),
        scene.directory,
        tally.runs % 2 === 0 ? 'sealed' : 'public',
        `${tally.runs}`,
      ],
      log: '',
    })
    await (goesAt === undefined ? undefined : running.said(goesAt))
    writeFileSync(go, '')
    const outcome = await running.ended
    writeFileSync(stop, '')
    const raced = await racer.ended
    await rm(stop)
    await rm(go)
    tally.runs++
    tally.swaps += Number(raced.facts.at(-1)?.['swaps'])
    const last = outcome.facts.at(-1)
    const end = last?.type === 'error' ? String(last['code']) : String(last?.type)
    tally.ends[end] = (tally.ends[end] ?? 0) + 1
    if (outcome.status === null || outcome.status === EXIT_UNEXPECTED) {
      tally.wrong.push(`crashed: ${JSON.stringify(last)} ${outcome.stderr}`)
    }
    tally.wrong.push(...(await judge()))
  }
  console.log(JSON.stringify({ ...tally, wrong: tally.wrong.length }))
  return tally
}

/** The same folders and files as in the share, each with something else in it. */
async function writeCanaries(folder: string): Promise<void> {
  cpSync(source, folder, { recursive: true })
  for (const path of await filesBelow(folder)) writeFileSync(path, CANARY)
}

describe('links in the place of folders', () => {
  test(
    `lead no fetch out of its folder (${RACE_SECONDS} s)`,
    async () => {
      const raced = join(work, 'race', 'parent')
      const outside = join(work, 'outside')
      let before: Map<string, string> | undefined
      const { wrong } = await race(
        async () => {
          await rm(join(work, 'race'), { recursive: true, force: true })
          mkdirSync(raced, { recursive: true })
          if (before === undefined) {
            await rm(outside, { recursive: true, force: true })
            await writeCanaries(join(outside, 'out/staged/content'))
            await writeCanaries(join(outside, 'out/source'))
            before = await factsOf(outside)
          }
          return { raced, outside, source, directory: join(raced, 'out') }
        },
        async () => {
          const damage = differences(await factsOf(outside), before ?? new Map())
          if (damage.length > 0) before = undefined
          return damage
        },
        'progress',
      )
      expect(wrong).toEqual([])
    },
    MOST_MS,
  )

  test(
    `lead no share out of its folder (${RACE_SECONDS} s)`,
    async () => {
      const raced = join(work, 'race', 'source')
      const outside = join(work, 'outside')
      const directory = join(work, 'got')
      await writeCanaries(outside)
      const { wrong } = await race(
        async () => {
          await rm(join(work, 'race'), { recursive: true, force: true })
          await rm(directory, { recursive: true, force: true })
          cpSync(source, raced, { recursive: true, preserveTimestamps: true })
          return { raced, outside, source: raced, directory }
        },
        async () => {
          if (!(await namesIn(directory)).includes('source')) return []
          return (await filesBelow(join(directory, 'source')))
            .filter((path) => readFileSync(path, 'latin1') === CANARY)
            .map((path) => `shared from outside: ${path}`)
        },
      )
      expect(wrong).toEqual([])
    },
    MOST_MS,
  )

  test('a link put in the place of a folder right after a look at it is not followed by a share', async () => {
    const tree = join(work, 'tree')
    const outside = join(work, 'private')
    mkdirSync(join(tree, 'folder'), { recursive: true })
    mkdirSync(outside)
    writeFileSync(join(outside, 'secret'), CANARY)
    const workers = new BlockWorkers({ threads: 1 })
    onTestFinished(() => workers.close())
    let isSwapped = false
    const disk: Disk = {
      ...systemDisk,
      facts: async (path) => {
        const facts = await systemDisk.facts(path)
        if (path.endsWith('/folder') && !isSwapped) {
          isSwapped = true
          renameSync(path, join(work, 'put away'))
          symlinkSync(outside, path)
        }
        return facts
      },
    }
    const made = await makeShare({ paths: [tree], disk, workers, random: systemSeams.random }).catch(
      (error: unknown) => error,
    )
    expect(isSwapped).toBe(true)
    if (!isShoalError(made, 'ERR_SOURCE_CHANGED')) expect(made).toMatchObject({ bytes: 0 })
  })
})
