import { mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { VerifyEvent } from '../../src/events.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import { VerifyService, type VerifyResult } from '../../src/transfer/verify-service.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { makeShare, partsWith, type MadeShare, type Tree, type Watched } from '../helpers/providers.ts'
import { seededFloats } from '../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const MIB = 1_048_576

const workers = new BlockWorkers({ threads: 2 })
afterAll(() => workers.close())

const TREE: Tree = {
  'a.txt': 'first of its block',
  'b.txt': 'second of its block',
  'big.bin': Buffer.alloc(3 * MIB, 3),
  'c.txt': 'behind the big one',
  'day 1/empty': '',
  'day 1/sea.txt': 'waves',
  none: null,
}

async function verify(made: MadeShare, path: string, watched: Watched = {}, disk: Disk = systemDisk) {
  const { parts, counts } = partsWith(made.source, workers, watched)
  const events: VerifyEvent[] = []
  const service = new VerifyService({ ...parts, disk })
  const outcome = await service
    .verify(path, made.link, { onEvent: (event) => events.push(event) })
    .then<VerifyResult, { code: string; message: string }>(
      (result) => result,
      (error: { code: string; message: string }) => error,
    )
  const bad = events.filter((event) => event.type === 'bad').map((event) => event.path)
  const warnings = events.filter((event) => event.type === 'warning').map((event) => event.message)
  return { outcome, bad, warnings, counts, events }
}

/** A copy of TREE elsewhere, with what is different in it. */
async function copyWith(differ: (folder: string) => Promise<unknown>, tree = TREE): Promise<string> {
  const folder = join(await temporaryFolder(), 'copy')
  await mkdir(folder)
  await writeTree(folder, tree)
  await differ(folder)
  return folder
}

describe.each(['sealed', 'public'] as const)('%s', (form) => {
  test('the same files are the same, whatever their times; nothing of their content is got', async () => {
    const made = await makeShare(TREE, form, workers)
    const copy = await copyWith((folder) => utimes(join(folder, 'a.txt'), 1, 1))
    const { outcome, bad, warnings, counts, events } = await verify(made, copy)
    expect(outcome).toMatchObject({ root: made.source.root.toString(), path: copy, bytes: 3 * MIB + 60 })
    expect([bad, warnings]).toEqual([[], []])
    expect(events.at(-1)).toMatchObject({ type: 'done' })
    expect(events.filter(({ type }) => type === 'hashing').at(-1)).toMatchObject({ total: 3 * MIB + 60 })
    expect(counts.blocks).toBe(form === 'sealed' ? 1 : 0)
  })

  test.each<[string, (folder: string) => Promise<unknown>, string[]]>([
    ['a byte of a large file', (f) => writeFile(join(f, 'big.bin'), change(2 * MIB)), ['big.bin']],
    ['its first byte', (f) => writeFile(join(f, 'big.bin'), change(0)), ['big.bin']],
    ['its last byte', (f) => writeFile(join(f, 'big.bin'), change(3 * MIB - 1)), ['big.bin']],
    ['a byte of a small file', (f) => writeFile(join(f, 'b.txt'), 'SECOND of its block'), ['b.txt']],
    ['a size', (f) => writeFile(join(f, 'a.txt'), 'first'), ['a.txt']],
    [
      'two small files',
      (f) => writeTree(f, { 'c.txt': 'x', 'day 1/sea.txt': 'WAVES' }),
      ['c.txt', 'day 1/sea.txt'],
    ],
    ['a missing file', (f) => rm(join(f, 'c.txt')), ['c.txt']],
    ['a missing empty file', (f) => rm(join(f, 'day 1/empty')), ['day 1/empty']],
    ['a missing empty folder', (f) => rm(join(f, 'none'), { recursive: true }), ['none']],
    [
      'a missing folder',
      (f) => rm(join(f, 'day 1'), { recursive: true }),
      ['day 1', 'day 1/empty', 'day 1/sea.txt'],
    ],
    [
      'a file in place of a folder',
      async (f) => {
        await rm(join(f, 'none'), { recursive: true })
        await writeFile(join(f, 'none'), '')
      },
      ['none'],
    ],
    [
      'a link in place of a file',
      async (f) => {
        await rename(join(f, 'a.txt'), join(f, '../a.txt'))
        await symlink('../a.txt', join(f, 'a.txt'))
      },
      ['a.txt'],
    ],
    [
      'a link in place of a folder',
      async (f) => {
        await rename(join(f, 'day 1'), join(f, '../day 1'))
        await symlink('../day 1', join(f, 'day 1'))
      },
      ['day 1', 'day 1/empty', 'day 1/sea.txt'],
    ],
    [
      'all of it',
      async (f) => {
        await rm(f, { recursive: true })
        await writeFile(f, 'a file')
      },
      ['a.txt', 'b.txt', 'big.bin', 'c.txt', 'day 1', 'day 1/empty', 'day 1/sea.txt', 'none'],
    ],
  ])('%s is told, and nothing else is blamed', async (_what, differ, wanted) => {
    const made = await makeShare(TREE, form, workers)
    const { outcome, bad } = await verify(made, await copyWith(differ))
    expect(bad).toEqual(wanted)
    expect(outcome).toMatchObject({
      code: 'ERR_VERIFY_FAILED',
      message: `${wanted.length} of 8 entries of "${form === 'sealed' ? 'made up' : String(made.source.root)}" differ or are missing`,
    })
  })

  test('what is here besides is a warning; of a folder only itself', async () => {
    const made = await makeShare(TREE, form, workers)
    const copy = await copyWith((f) => writeTree(f, { 'day 1/more': 'x', 'other/deep/file': 'y' }))
    const { outcome, bad, warnings } = await verify(made, copy)
    expect(outcome).toMatchObject({ path: copy })
    expect(bad).toEqual([])
    expect(warnings.toSorted()).toEqual(['day 1/more is not in the share', 'other/ is not in the share'])
  })

  test('a share that is a single file', async () => {
    const made = await makeShare({ '': Buffer.alloc(2 * MIB, 5) }, form, workers)
    expect((await verify(made, made.path)).bad).toEqual([])
    const other = join(await temporaryFolder(), 'other')
    await writeFile(other, Buffer.alloc(2 * MIB, 6))
    const { outcome, bad } = await verify(made, other)
    expect(bad).toEqual([form === 'sealed' ? 'made up' : made.source.root.toString()])
    expect(outcome).toMatchObject({ code: 'ERR_VERIFY_FAILED' })
    expect((await verify(made, await temporaryFolder())).bad).toHaveLength(1)
  })

  test('an empty folder, and a file in its place', async () => {
    const made = await makeShare({}, form, workers)
    expect((await verify(made, await temporaryFolder())).outcome).toMatchObject({ bytes: 0 })
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    expect((await verify(made, file)).outcome).toMatchObject({ code: 'ERR_VERIFY_FAILED' })
  })

  test('nothing at the path, and a disk that cannot be read', async () => {
    const made = await makeShare(TREE, form, workers)
    const missing = await verify(made, join(made.path, 'nowhere'))
    expect(missing.outcome).toMatchObject({ code: 'ERR_SOURCE_MISSING' })
    const fault = Object.assign(new Error('no'), { code: 'EACCES' })
    const list = (): Promise<never> => Promise.reject(fault)
    const broken = await verify(made, made.path, {}, { ...systemDisk, list })
    expect(broken.outcome).toMatchObject({ code: 'ERR_PERMISSION' })
  })

  test('nothing is written', async () => {
    const made = await makeShare(TREE, form, workers)
    const copy = await copyWith((f) => rm(join(f, 'c.txt')))
    const before = await readdir(copy, { recursive: true })
    await verify(made, copy)
    expect(await readdir(copy, { recursive: true })).toEqual(before)
  })

  test(`any change of any files is found, and only that (seed ${SEED})`, { timeout: 60_000 }, async () => {
    const float = seededFloats(SEED)
    const below = (limit: number): number => Math.floor(float() * limit)
    for (let round = 0; round < 5; round++) {
      const tree: Record<string, Buffer> = {}
      for (let i = 0; i < 12; i++) {
        const size = below(4) === 0 ? below(2 * MIB) : below(50_000)
        tree[`${['', 'x/', 'x/y/'][below(3)]}file ${String(i).padStart(2, '0')}`] = Buffer.alloc(size, i + 1)
      }
      const made = await makeShare(tree, form, workers)
      const changed = Object.keys(tree).filter(
        (name) => below(4) === 0 && (tree[name] as Buffer).byteLength > 0,
      )
      const copy = await copyWith(async (folder) => {
        for (const name of changed) {
          const bytes = Buffer.from(tree[name] as Buffer)
          bytes[below(bytes.byteLength)] = 0
          await writeFile(join(folder, name), bytes)
        }
      }, tree)
      expect((await verify(made, copy)).bad.toSorted(), `round ${round}`).toEqual(changed.toSorted())
    }
  })
})

test('of a public share that keeps times, a leaf inside a node is compared too', async () => {
  const made = await makeShare({ 'a.txt': 'in a node', empty: '' }, 'public', workers, { preserve: true })
  expect((await verify(made, made.path)).bad).toEqual([])
  await writeFile(join(made.path, 'a.txt'), 'IN a node')
  expect((await verify(made, made.path)).bad).toEqual(['a.txt'])
})

test('blocks that hold several files are got only where a file in them is not known to differ', async () => {
  const made = await makeShare(TREE, 'sealed', workers)
  const whole = await copyWith((f) => writeFile(join(f, 'big.bin'), change(2 * MIB)))
  // The block in the middle holds nothing but the big file: its digest says it all.
  expect((await verify(made, whole)).counts.blocks).toBe(1)
  const edge = await copyWith((f) => writeFile(join(f, 'b.txt'), 'SECOND of its block'))
  expect((await verify(made, edge)).counts.blocks).toBe(2)
})

test('a provider that lies about a block that is compared is no reason to blame a file', async () => {
  const made = await makeShare(TREE, 'sealed', workers)
  const copy = await copyWith((f) => writeFile(join(f, 'b.txt'), 'SECOND of its block'))
  let blocks = 0
  const { outcome, bad } = await verify(made, copy, {
    onRead: (what, answer) => {
      if (what === 'block' && ++blocks === 2 && answer.outcome === 'bytes') answer.bytes.fill(1)
      return answer
    },
  })
  expect(outcome).toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  expect(bad).toEqual([])
})

function change(at: number): Buffer {
  const bytes = Buffer.alloc(3 * MIB, 3)
  bytes[at] = 4
  return bytes
}
