import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { makeShare, type MadeShare, type MakeShareOptions } from '../../src/store/share-maker.ts'
import type { WalkWarning } from '../../src/store/walk-facts.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

/** Shares a folder with two files; `onPass` is called at the first progress of each pass. */
async function share(
  onPass: (pass: number, folder: string) => void,
  options: Partial<MakeShareOptions> = {},
): Promise<MadeShare & { passes: number; keys: string[] }> {
  const folder = await temporaryFolder()
  await writeTree(folder, { busy: Buffer.alloc(3_000_000, 1), calm: 'calm' })
  let passes = 0
  let isChanged = true
  const keys: string[] = []
  const made = await makeShare({
    paths: [folder],
    disk: {
      ...systemDisk,
      // Each pass begins with a walk.
      list: async (path) => {
        passes++
        isChanged = false
        return await systemDisk.list(path)
      },
    },
    random: {
      bytes: (length) => {
        const bytes = systemSeams.random.bytes(length)
        keys.push(Buffer.from(bytes).toString('hex'))
        return bytes
      },
    },
    workers,
    onProgress: () => {
      if (!isChanged) onPass(passes, folder)
      isChanged = true
    },
    ...options,
  })
  return { ...made, passes, keys }
}

const append = (folder: string): void => appendFileSync(join(folder, 'busy'), 'more')

test('a file that changes during the pass makes it start again, once, under a fresh key', async () => {
  const made = await share((pass, folder) => pass === 1 && append(folder))
  expect(made.passes).toBe(2)
  expect(made.bytes).toBe(3_000_000 + 'more'.length + 'calm'.length)
  expect(new Set(made.keys).size).toBe(2)
  expect(Buffer.from(made.key as Uint8Array).toString('hex')).toBe(made.keys[1])
})

test.each([false, true])('a file that changes again is named (public: %s)', async (isPublic) => {
  await expect(share((_pass, folder) => append(folder), { isPublic })).rejects.toMatchObject({
    code: 'ERR_SOURCE_CHANGED',
    message: expect.stringContaining('busy') as string,
  })
})

test('a file that is cut short while it is read counts as changed', async () => {
  const cut = (_pass: number, folder: string): void =>
    writeFileSync(join(folder, 'busy'), 'x'.repeat(1_500_000 - _pass))
  await expect(share(cut)).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' })
})

test('a file that keeps changing is left out where that was asked for', async () => {
  const warnings: WalkWarning[] = []
  const made = await share((pass, folder) => pass <= 2 && append(folder), {
    skipUnreadable: true,
    onWarning: (warning) => warnings.push(warning),
  })
  expect(made.bytes).toBe('calm'.length)
  expect(made.passes).toBe(3)
  expect(warnings).toMatchObject([{ code: 'WARN_SKIPPED_UNREADABLE' }])
})

test('a second pass leaves out the same, and tells of a pattern without use once', async () => {
  const warnings: WalkWarning[] = []
  const made = await share((pass, folder) => pass === 1 && append(folder), {
    exclude: ['calm', 'clam'],
    onWarning: (warning) => warnings.push(warning),
  })
  expect([made.passes, made.files]).toEqual([2, 1])
  expect(warnings).toMatchObject([{ code: 'WARN_EXCLUDE_UNUSED' }])
})

test('an abort ends the pass with its reason', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  await expect(share(() => stop.abort(reason), { signal: stop.signal })).rejects.toBe(reason)
})
