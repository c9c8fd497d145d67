import { execFileSync } from 'node:child_process'
import { renameSync, symlinkSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import { LOOKS_AT_ONCE } from '../../src/store/walk-folder.ts'
import type { WalkWarning } from '../../src/store/walk-facts.ts'
import { walk } from '../../src/store/walk.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

/** A disk that refuses one path, as for a user without permission (tests may run as root, who has all). */
function refusing(path: string): Disk {
  const refuse = (): never => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  }
  return {
    ...systemDisk,
    list: async (asked) => (asked === path ? refuse() : await systemDisk.list(asked)),
    isReadable: async (asked) => asked !== path && (await systemDisk.isReadable(asked)),
  }
}

test('entries come in the order of both formats, with what lies in a folder behind it', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { 'a/b': '1', 'a-b': '22', 'a.txt': '', Z: '', 'ä/ö': '', empty: null })
  const { kind, entries } = await walk(folder, { disk: systemDisk })
  expect(kind).toBe('folder')
  expect(entries.map((entry) => [entry.path, entry.kind, entry.size])).toEqual([
    ['Z', 'file', 0],
    ['a', 'folder', 0],
    ['a/b', 'file', 1],
    ['a-b', 'file', 2],
    ['a.txt', 'file', 0],
    ['empty', 'folder', 0],
    ['ä', 'folder', 0],
    ['ä/ö', 'file', 0],
  ])
})

test('links, pipes and names that nobody can receive are left out, each with a warning', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { good: 'x', 'back\\slash': 'x', 'bidi\u202egnp.exe': 'x', 'con.txt': 'x' })
  await symlink('good', join(folder, 'link'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'x')
  const warnings: WalkWarning[] = []
  const { entries } = await walk(folder, { disk: systemDisk, onWarning: (warning) => warnings.push(warning) })
  expect(entries.map((entry) => entry.path)).toEqual(['con.txt', 'good'])
  expect(warnings.map((warning) => warning.code).toSorted()).toEqual([
    'WARN_SKIPPED_LINK',
    'WARN_SKIPPED_NAME',
    'WARN_SKIPPED_NAME',
    'WARN_SKIPPED_NAME',
    'WARN_SKIPPED_SPECIAL',
    'WARN_UNPORTABLE_NAME',
  ])
  expect(warnings.map((warning) => warning.message).join()).not.toMatch(/\u202e/)
})

test('a path that is not there, and one that is a link, are told', async () => {
  const folder = await temporaryFolder()
  await symlink('nowhere', join(folder, 'link'))
  await expect(walk(join(folder, 'none'), { disk: systemDisk })).rejects.toMatchObject({
    code: 'ERR_SOURCE_MISSING',
  })
  await expect(walk(join(folder, 'link'), { disk: systemDisk })).rejects.toMatchObject({ code: 'ERR_USAGE' })
})

test('what cannot be read stops the walk, or is left out where that was asked for', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'locked'))
  await writeFile(join(folder, 'open'), '')
  const disk = refusing(join(folder, 'locked'))
  await expect(walk(folder, { disk })).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREADABLE' })
  const warnings: WalkWarning[] = []
  const { entries } = await walk(folder, { disk, skipUnreadable: true, onWarning: (w) => warnings.push(w) })
  expect(entries.map((entry) => entry.path)).toEqual(['open'])
  expect(warnings).toMatchObject([{ code: 'WARN_SKIPPED_UNREADABLE' }])
})

test('a time before 1970 is rounded down like any other', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'old'), '')
  const real = systemDisk.facts
  const disk: Disk = {
    ...systemDisk,
    facts: async (path) => {
      const facts = await real(path)
      return facts === undefined ? undefined : { ...facts, mtimeNs: -1_500_001n }
    },
  }
  const { entries } = await walk(join(folder, 'old'), { disk })
  expect(entries[0]?.mtimeMs).toBe(-2)
})

test('many files of a folder are looked at at once, but never more than the bound', async () => {
  const folder = await temporaryFolder()
  const names = Array.from({ length: 3 * LOOKS_AT_ONCE }, (_, i) => `f${String(i).padStart(4, '0')}`)
  await writeTree(folder, Object.fromEntries(names.map((name) => [name, 'x'])))
  let running = 0
  let most = 0
  const disk: Disk = {
    ...systemDisk,
    facts: async (path) => {
      most = Math.max(most, ++running)
      const facts = await systemDisk.facts(path)
      running--
      return facts
    },
  }
  const { entries } = await walk(folder, { disk })
  expect(entries.map((entry) => entry.path)).toEqual(names)
  expect(most).toBe(LOOKS_AT_ONCE)
})

test('a folder that is put away while it is looked at, with a link in its place, is noticed', async () => {
  const work = await temporaryFolder()
  await writeTree(work, { 'tree/sub/a': 'mine', 'outside/secret': 'not to be shared' })
  const sub = join(work, 'tree/sub')
  const disk: Disk = {
    ...systemDisk,
    facts: async (path, at) => {
      const facts = await systemDisk.facts(path, at)
      if (path === sub) {
        renameSync(sub, join(work, 'held'))
        symlinkSync(join(work, 'outside'), sub)
      }
      return facts
    },
  }
  await expect(walk(join(work, 'tree'), { disk })).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' })
})
