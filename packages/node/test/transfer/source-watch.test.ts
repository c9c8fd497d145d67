/** Files of shares that are changed, moved, touched and put back: what a round of looking at them finds out. */
import { appendFile, mkdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { makeShare, type MadeShare } from '../../src/store/share-maker.ts'
import { SourceWatch, WATCH_FILES_PER_SECOND } from '../../src/transfer/source-watch.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder } from '../helpers/files.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

interface Told {
  readonly what: 'sound' | 'partly' | 'changed'
  readonly block?: number | undefined
}

async function world(isPublic = false) {
  const folder = join(await temporaryFolder(), 'shared')
  await mkdir(folder)
  await writeFile(join(folder, 'a'), Buffer.alloc(1_500_000, 1))
  await writeFile(join(folder, 'b'), Buffer.alloc(1_500_000, 2))
  await writeFile(join(folder, 'empty'), '')
  const share: { made: MadeShare } = {
    made: await makeShare({
      paths: [folder],
      isPublic,
      disk: systemDisk,
      random: systemSeams.random,
      workers,
    }),
  }
  const told: Told[] = []
  let looked = 0
  const watch = new SourceWatch<{ made: MadeShare }>({
    shares: {
      served: () => [share],
      untouched: async (_share, made, isSound) => {
        share.made = made
        told.push({ what: isSound ? 'sound' : 'partly' })
      },
      changed: async (_share, block) => void told.push({ what: 'changed', block }),
    },
    disk: {
      facts: (path) => {
        looked++
        return systemDisk.facts(path)
      },
    },
    workers,
    seams: systemSeams,
  })
  return {
    folder,
    at: (name: string) => join(folder, name),
    looked: () => looked,
    watch,
    /** What another round tells. */
    next: async () => {
      await watch.round()
      return told.splice(0)
    },
  }
}

test.each([false, true])(
  'a file with other bytes is told once, and again when it is another (public %s)',
  async (isPublic) => {
    const { at, next, looked } = await world(isPublic)
    expect(await next()).toEqual([])
    expect(looked()).toBe(3)
    const original = await readFile(at('b'))
    await writeFile(at('b'), Buffer.alloc(1_500_000, 3))
    expect(await next()).toMatchObject([{ what: 'changed', block: expect.any(Number) as number }])
    expect(await next()).toEqual([])
    await writeFile(at('b'), Buffer.alloc(1_500_000, 4))
    expect(await next()).toMatchObject([{ what: 'changed' }])
    await writeFile(at('b'), original)
    expect(await next()).toEqual([{ what: 'sound' }])
    expect(await next()).toEqual([])
  },
)

test('a file that is moved or deleted is told, and so is that it is back', async () => {
  const { at, folder, next } = await world()
  await rename(at('a'), join(folder, '..', 'a'))
  await rm(at('empty'))
  expect(await next()).toMatchObject([{ what: 'changed', block: expect.any(Number) as number }])
  expect(await next()).toEqual([])
  await rename(join(folder, '..', 'a'), at('a'))
  expect(await next()).toEqual([{ what: 'partly' }])
  await writeFile(at('empty'), '')
  expect(await next()).toEqual([{ what: 'sound' }])
})

test('a file without bytes that is gone has no block to be told', async () => {
  const { at, next } = await world()
  await rm(at('empty'))
  expect(await next()).toEqual([{ what: 'changed', block: undefined }])
})

test('one that was only touched, or grew, holds what was shared; one that was cut short does not', async () => {
  const { at, next } = await world()
  await utimes(at('a'), 1, 1)
  expect(await next()).toEqual([{ what: 'sound' }])
  await appendFile(at('a'), 'more')
  expect(await next()).toEqual([{ what: 'sound' }])
  await truncate(at('b'), 1_400_000)
  expect(await next()).toMatchObject([{ what: 'changed' }])
})

test('a folder in the place of a file is a change', async () => {
  const { at, next } = await world()
  await rm(at('empty'))
  await mkdir(at('empty'))
  expect(await next()).toEqual([{ what: 'changed', block: undefined }])
})

test('of many files only so many are looked at in a second', async () => {
  let nowMs = 0
  const waits: number[] = []
  const { made } = await (async () => {
    const folder = await temporaryFolder()
    for (let i = 0; i < 20; i++) await writeFile(join(folder, `f${i}`), '')
    return {
      made: await makeShare({ paths: [folder], disk: systemDisk, random: systemSeams.random, workers }),
    }
  })()
  const shares = Array.from({ length: WATCH_FILES_PER_SECOND / 10 }, () => ({ made }))
  const watch = new SourceWatch({
    shares: { served: () => shares, untouched: async () => {}, changed: async () => {} },
    disk: { facts: async (path) => made.entries.find(({ source }) => source === path)?.facts },
    workers,
    seams: {
      clock: { now: () => nowMs, monotonic: () => nowMs },
      timers: {
        set: (callback, ms) => {
          waits.push(ms)
          nowMs += ms
          queueMicrotask(callback)
          return 0
        },
        clear: () => {},
      },
    },
  })
  await watch.round()
  expect(nowMs).toBeGreaterThan(900)
  expect(nowMs).toBeLessThan(1_100)
  expect(waits.length).toBeGreaterThan(100)
})
