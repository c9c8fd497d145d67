/** Content that is handed in piece by piece: what is there, what is refused, and what is removed when. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  MAX_PIECE_BYTES,
  MAX_UPLOADS,
  UPLOAD_KEPT_MS,
  UPLOAD_RESTING_MS,
} from '../../../src/control/uploads/limits.ts'
import { Uploads } from '../../../src/control/uploads/uploads.ts'
import { ShoalError } from '../../../src/errors.ts'
import { systemDisk, type Disk } from '../../../src/store/disk.ts'
import { Ledger } from '../../../src/store/quota/ledger.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { temporaryFolder } from '../../helpers/files.ts'

async function world({
  disk = systemDisk,
  platform = 'posix',
  quota = 0,
}: { disk?: Disk; platform?: 'posix' | 'win32'; quota?: number } = {}) {
  const folder = join(await temporaryFolder(), 'uploads')
  const shared = new Set<string>()
  /** What the home has a share of, by `uploadUnit`. */
  const needed = new Set<string>()
  let laterMs = 0
  const clock = { ...systemSeams.clock, now: () => Date.now() + laterMs }
  const ledger = new Ledger(quota)
  const uploads = new Uploads({
    ledger,
    folder,
    disk,
    platform,
    seams: { clock },
    isShared: async (root) => shared.has(root),
    hasShares: async (unit) => needed.has(unit),
  })
  ledger.use({ counted: [uploads], evictors: [uploads] })
  const id = randomUUID()
  return { uploads, ledger, folder, shared, needed, id, later: (ms: number) => void (laterMs += ms) }
}

async function* bytes(...pieces: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

describe('a file', () => {
  test('grows by pieces, each where the one before ended', async () => {
    const { uploads, id } = await world()
    expect(await uploads.begin(id, { name: 'sea.txt', kind: 'file' })).toEqual({
      id,
      name: 'sea.txt',
      kind: 'file',
    })
    expect(await uploads.offsetOf(id, '')).toBe(0)
    expect(await uploads.append(id, { path: '', offset: 0 }, bytes('one', 'two'))).toBe(6)
    expect(await uploads.offsetOf(id, '')).toBe(6)
    expect(await uploads.append(id, { path: '', offset: 6, mtime: 5_000 }, bytes('three'))).toBe(11)
    const path = await uploads.pathOf(id)
    expect(await readFile(path, 'utf8')).toBe('onetwothree')
    expect((await stat(path)).mtimeMs).toBe(5_000)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('takes no piece that begins elsewhere, also of two at once', async () => {
    const { uploads, id } = await world()
    await uploads.begin(id, { name: 'a', kind: 'file' })
    const twice = await Promise.allSettled([
      uploads.append(id, { path: '', offset: 0 }, bytes('one')),
      uploads.append(id, { path: '', offset: 0 }, bytes('two')),
    ])
    // Either may be the first.
    const [taken] = twice.filter(({ status }) => status === 'fulfilled')
    const [refused] = twice.filter(({ status }) => status === 'rejected')
    expect(taken).toMatchObject({ value: 3 })
    expect(refused).toMatchObject({
      reason: { code: 'ERR_UPLOAD_OFFSET', message: expect.stringContaining('at 3') },
    })
    await expect(uploads.append(id, { path: '', offset: 9 }, bytes('x'))).rejects.toMatchObject({
      code: 'ERR_UPLOAD_OFFSET',
    })
    expect(await readFile(await uploads.pathOf(id), 'utf8')).toBe(taken === twice[0] ? 'one' : 'two')
  })

  test('keeps what came of a piece that broke off, or was too long', async () => {
    const { uploads, id } = await world()
    await uploads.begin(id, { name: 'a', kind: 'file' })
    const broken = (async function* () {
      yield Buffer.from('one')
      throw new Error('gone')
    })()
    await expect(uploads.append(id, { path: '', offset: 0 }, broken)).rejects.toThrow('gone')
    expect(await uploads.offsetOf(id, '')).toBe(3)
    const long = bytes(new Uint8Array(MAX_PIECE_BYTES), 'x')
    await expect(uploads.append(id, { path: '', offset: 3 }, long)).rejects.toMatchObject({
      code: 'ERR_LIMIT',
    })
    expect(await uploads.offsetOf(id, '')).toBe(3 + MAX_PIECE_BYTES)
  })

  test('has no path in its upload', async () => {
    const { uploads, id } = await world()
    await uploads.begin(id, { name: 'a', kind: 'file' })
    await expect(uploads.offsetOf(id, 'b')).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  })
})

test('a folder holds files in folders, and folders that stay empty', async () => {
  const { uploads, id } = await world()
  await uploads.begin(id, { name: 'Holiday', kind: 'folder' })
  await uploads.append(id, { path: 'Day 1/sea.txt', offset: 0 }, bytes('waves'))
  await uploads.append(id, { path: 'empty.txt', offset: 0 }, bytes())
  await uploads.makeFolder(id, 'Day 2/to come')
  const path = await uploads.pathOf(id)
  expect((await readdir(path, { recursive: true })).toSorted()).toEqual([
    'Day 1',
    'Day 1/sea.txt',
    'Day 2',
    'Day 2/to come',
    'empty.txt',
  ])
})

describe('nothing is made outside its folder', () => {
  const HOSTILE = [
    '',
    '..',
    '../x',
    'a/../../x',
    '/etc/x',
    'a//b',
    'a\\..\\b',
    'a\0b',
    './a',
    'a/',
    '\u202ex',
  ]

  test.each(HOSTILE)('by a path %j', async (path) => {
    const { uploads, id, folder } = await world()
    await uploads.begin(id, { name: 'Holiday', kind: 'folder' })
    const unsafe = { code: 'ERR_UNSAFE_NAME' }
    await expect(uploads.append(id, { path, offset: 0 }, bytes('x'))).rejects.toMatchObject(unsafe)
    await expect(uploads.makeFolder(id, path)).rejects.toMatchObject(unsafe)
    await expect(uploads.offsetOf(id, path)).rejects.toMatchObject(unsafe)
    expect(await readdir(folder)).toEqual([id])
    expect(await readdir(join(folder, id, 'content', 'Holiday'))).toEqual([])
  })

  test.each([...HOSTILE, 'a/b'])('by a name %j', async (name) => {
    const { uploads, id } = await world()
    await expect(uploads.begin(id, { name, kind: 'folder' })).rejects.toMatchObject({
      code: 'ERR_UNSAFE_NAME',
    })
  })

  test('and on Windows none of its devices is opened', async () => {
    const { uploads, id } = await world({ platform: 'win32' })
    await uploads.begin(id, { name: 'Holiday', kind: 'folder' })
    await expect(uploads.append(id, { path: 'con.txt', offset: 0 }, bytes('x'))).rejects.toMatchObject({
      code: 'ERR_UNSAFE_NAME',
    })
  })

  test.skipIf(process.platform === 'win32')('through a link that stands in its place', async () => {
    const { uploads, id, folder } = await world()
    await uploads.begin(id, { name: 'Holiday', kind: 'folder' })
    const outside = join(folder, '..', 'outside')
    await writeFile(outside, '')
    await symlink(outside, join(await uploads.pathOf(id), 'a'))
    const before = (await stat(outside)).size
    await expect(uploads.append(id, { path: 'a', offset: 0 }, bytes('x'))).rejects.toMatchObject({
      code: 'ERR_DISK',
    })
    expect((await stat(outside)).size).toBe(before)
  })
})

test('the same id again is the same upload, with what is there', async () => {
  const { uploads, id } = await world()
  await uploads.begin(id, { name: 'a', kind: 'file' })
  await uploads.append(id, { path: '', offset: 0 }, bytes('one'))
  expect(await uploads.begin(id, { name: 'b', kind: 'folder' })).toEqual({ id, name: 'a', kind: 'file' })
  expect(await uploads.offsetOf(id, '')).toBe(3)
})

test('one that is not there, or is shared, is not added to', async () => {
  const { uploads, id } = await world()
  const none = { code: 'ERR_NO_UPLOAD' }
  await expect(uploads.offsetOf(id, '')).rejects.toMatchObject(none)
  await expect(uploads.drop(id)).rejects.toMatchObject(none)
  await expect(uploads.pathOf(id)).rejects.toMatchObject(none)
  await uploads.begin(id, { name: 'a', kind: 'file' })
  await uploads.shared(id, 'root')
  await expect(uploads.append(id, { path: '', offset: 0 }, bytes('x'))).rejects.toMatchObject(none)
  await expect(uploads.drop(id)).rejects.toMatchObject(none)
})

test('only so many are open at a time', async () => {
  const { uploads } = await world()
  const ids = Array.from({ length: MAX_UPLOADS }, () => randomUUID())
  for (const id of ids) await uploads.begin(id, { name: 'a', kind: 'file' })
  await expect(uploads.begin(randomUUID(), { name: 'a', kind: 'file' })).rejects.toMatchObject({
    code: 'ERR_LIMIT',
  })
  await uploads.shared(ids[0] as string, 'root')
  await uploads.begin(randomUUID(), { name: 'a', kind: 'file' })
})

test('a disk that is almost full takes nothing', async () => {
  const { uploads, id } = await world({ disk: { ...systemDisk, freeBytes: async () => 1_000 } })
  await uploads.begin(id, { name: 'a', kind: 'file' })
  await expect(uploads.append(id, { path: '', offset: 0 }, bytes('x'))).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
  })
  expect(await uploads.offsetOf(id, '')).toBe(0)
})

describe('it is removed', () => {
  test('when its client gives it up, or what it was shared as is removed', async () => {
    const { uploads, folder, id } = await world()
    await uploads.begin(id, { name: 'a', kind: 'file' })
    await uploads.drop(id)
    const [one, other] = [randomUUID(), randomUUID()]
    for (const each of [one, other]) {
      await uploads.begin(each, { name: 'a', kind: 'file' })
      await uploads.shared(each, each)
    }
    await uploads.dropOf(one)
    expect(await readdir(folder)).toEqual([other])
  })

  test('when nobody went on with it for a week, or its share is no longer known', async () => {
    const { uploads, folder, shared, later } = await world()
    const [given, open, gone, kept] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
    for (const id of [given, open, gone, kept]) await uploads.begin(id, { name: 'a', kind: 'file' })
    await uploads.shared(gone, 'gone')
    await uploads.shared(kept, 'kept')
    shared.add('kept')
    await uploads.clear()
    expect((await readdir(folder)).toSorted()).toEqual([given, open, kept].toSorted())
    later(UPLOAD_KEPT_MS / 2)
    await uploads.append(open, { path: '', offset: 0 }, bytes('x'))
    later(UPLOAD_KEPT_MS / 2 + 60_000)
    await uploads.clear()
    expect((await readdir(folder)).toSorted()).toEqual([open, kept].toSorted())
  })

  test('also when it is nothing that this Shoal wrote', async () => {
    const { uploads, folder, id } = await world()
    await mkdir(join(folder, id), { recursive: true })
    await writeFile(join(folder, id, 'upload.json'), '{')
    await uploads.clear()
    expect(await readdir(folder)).toEqual([id])
    await expect(uploads.pathOf(id)).rejects.toBeInstanceOf(ShoalError)
    await mkdir(join(folder, 'cut off'))
    await uploads.clear()
    expect(await readdir(folder)).toEqual([id])
  })
})

describe('where only so much may be used', () => {
  const FULL = { code: 'ERR_QUOTA' }

  test('what says how much it is is refused before anything is made', async () => {
    const { uploads, ledger, folder, id } = await world({ quota: 10 })
    await expect(uploads.begin(id, { name: 'a', kind: 'file', bytes: 11 })).rejects.toMatchObject(FULL)
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
    await uploads.begin(id, { name: 'a', kind: 'file', bytes: 10 })
    // The same again is the same one.
    await uploads.begin(id, { name: 'a', kind: 'file', bytes: 10 })
    expect(await ledger.status()).toMatchObject({ used: 0, reserved: 10, free: 0 })
    await expect(uploads.begin(randomUUID(), { name: 'b', kind: 'file', bytes: 1 })).rejects.toMatchObject(
      FULL,
    )
    expect(await uploads.append(id, { path: '', offset: 0 }, bytes('12345'), 5)).toBe(5)
    expect(await uploads.append(id, { path: '', offset: 5 }, bytes('67890'))).toBe(10)
    await expect(uploads.append(id, { path: '', offset: 10 }, bytes('1'))).rejects.toMatchObject(FULL)
    expect(await ledger.status()).toMatchObject({ used: 10, reserved: 0, free: 0 })
  })

  test('one that could not be begun keeps no room', async () => {
    const full = Object.assign(new Error('no'), { code: 'ENOSPC' })
    const disk = { ...systemDisk, replaceFile: () => Promise.reject(full) }
    const { uploads, ledger, id } = await world({ quota: 10, disk })
    const begun = uploads.begin(id, { name: 'a', kind: 'file', bytes: 10 })
    await expect(begun).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
    expect(await ledger.status()).toMatchObject({ used: 0, reserved: 0, free: 10 })
  })

  test('a piece whose length is known is refused before it comes, another leaves nothing', async () => {
    const { uploads, ledger, id } = await world({ quota: 10 })
    await uploads.begin(id, { name: 'a', kind: 'file' })
    let isAsked = false
    const asked = (async function* () {
      isAsked = true
      yield Buffer.from('x')
    })()
    await expect(uploads.append(id, { path: '', offset: 0 }, asked, 11)).rejects.toMatchObject(FULL)
    expect(isAsked).toBe(false)
    const grown = uploads.append(id, { path: '', offset: 0 }, bytes('12345', '67890', '1'))
    await expect(grown).rejects.toMatchObject(FULL)
    expect(await uploads.offsetOf(id, '')).toBe(0)
    expect(await ledger.status()).toMatchObject({ used: 0, reserved: 0 })
  })

  test('what came of a piece that broke off counts, and no more', async () => {
    const { uploads, ledger, id } = await world({ quota: 10 })
    await uploads.begin(id, { name: 'a', kind: 'file' })
    const broken = (async function* () {
      yield Buffer.from('1234')
      throw new Error('gone')
    })()
    await expect(uploads.append(id, { path: '', offset: 0 }, broken, 9)).rejects.toThrow('gone')
    expect(await ledger.status()).toMatchObject({ used: 4, reserved: 0, free: 6 })
  })

  test('goes what nobody goes on with, left longest ago first, and nothing that was touched of late', async () => {
    const { uploads, folder, later } = await world({ quota: 10 })
    const [older, newer, fresh] = [randomUUID(), randomUUID(), randomUUID()]
    for (const id of [older, newer]) {
      await uploads.begin(id, { name: 'a', kind: 'file' })
      await uploads.append(id, { path: '', offset: 0 }, bytes('12345'))
      later(1_000)
    }
    await uploads.begin(fresh, { name: 'a', kind: 'file' })
    const piece = { path: '', offset: 0 }
    await expect(uploads.append(fresh, piece, bytes('1'))).rejects.toMatchObject(FULL)
    later(UPLOAD_RESTING_MS - 1_500)
    await uploads.append(fresh, piece, bytes('1'))
    expect((await readdir(folder)).toSorted()).toEqual([newer, fresh].toSorted())
    await expect(uploads.append(fresh, { path: '', offset: 1 }, bytes('12345'))).rejects.toMatchObject(FULL)
    later(2_000)
    await uploads.append(fresh, { path: '', offset: 1 }, bytes('12345'))
    expect(await readdir(folder)).toEqual([fresh])
  })

  test('nothing goes that is being shared, or is a share though nobody noted it', async () => {
    const { uploads, needed, later } = await world({ quota: 10 })
    const [one, other] = [randomUUID(), randomUUID()]
    for (const id of [one, other]) {
      await uploads.begin(id, { name: 'a', kind: 'file' })
      await uploads.append(id, { path: '', offset: 0 }, bytes('12345'))
    }
    later(UPLOAD_RESTING_MS * 2)
    needed.add(`uploads/${other}`)
    const third = randomUUID()
    await uploads.share(one, async () => {
      await expect(uploads.begin(third, { name: 'b', kind: 'file', bytes: 1 })).rejects.toMatchObject(FULL)
      return { root: 'root' }
    })
    needed.add(`uploads/${one}`)
    await expect(uploads.begin(third, { name: 'b', kind: 'file', bytes: 1 })).rejects.toMatchObject(FULL)
    // A share of one of its two roots is removed, and the other needs it.
    await uploads.dropOf('root')
    expect(await uploads.pathOf(one)).toContain(one)
  })
})

test('each record is read once to know how many there are', async () => {
  let reads = 0
  const disk: Disk = {
    ...systemDisk,
    readWhole: (path) => {
      reads++
      return systemDisk.readWhole(path)
    },
  }
  const { uploads } = await world({ disk })
  for (let i = 0; i < 20; i++) await uploads.begin(randomUUID(), { name: 'a', kind: 'file' })
  expect(reads).toBeLessThanOrEqual(21)
})
