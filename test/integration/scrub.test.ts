/** Rot: bits that a disk turns over while nobody touches a file, found by reading back, and put right from other devices. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ControlClient, homePaths } from '@shoal/node/control'
import type { DamagedEvent, ScrubStreamEvent, ScrubbedEvent } from '../../packages/node/src/events.ts'
import { seededFloats } from '../../packages/node/test/helpers/simulation.ts'
import { systemDisk } from '../../packages/node/src/store/disk.ts'
import { ShareRecords } from '../../packages/node/src/store/share-records.ts'
import { temporaryFolder, startNode } from '../helpers/nodes.ts'

const BLOCK_BYTES = 1_048_576
/** Damaged blocks, each in its own MiB: a run for the record takes 1,000. */
const BLOCKS = Number(process.env['SHOAL_ROT_BLOCKS'] ?? 12)
const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const MOST_MS = 1_200_000

/** Turns one bit over in each of some blocks of a file. */
async function rot(
  file: string,
  blocks: readonly number[],
  float: () => number,
  blockBytes = BLOCK_BYTES,
): Promise<void> {
  const { atime, mtime, size } = await stat(file)
  const handle = await open(file, 'r+')
  for (const block of blocks) {
    const at = block * blockBytes + Math.floor(float() * Math.min(blockBytes, size - block * blockBytes))
    const byte = Buffer.alloc(1)
    await handle.read(byte, 0, 1, at)
    byte[0] = (byte[0] as number) ^ (1 << Math.floor(float() * 8))
    await handle.write(byte, 0, 1, at)
  }
  await handle.close()
  // Whole milliseconds, which a time keeps when it is put back.
  await utimes(file, atime, mtime)
}

/**
 * A program cannot turn bits over without the system noting that the file was written. So the records of the home are
 * made to tell of the files as they are now: nobody changed them since.
 */
async function asIfUntouched(home: string): Promise<void> {
  const records = new ShareRecords(join(home, 'shares'), systemDisk)
  for (const id of await records.ids()) {
    const record = await records.load(id)
    if (record === undefined) throw new Error('a record is lost')
    const entries = await Promise.all(
      record.entries.map(async (entry) => ({
        ...entry,
        facts: (await systemDisk.facts(entry.source)) ?? entry.facts,
      })),
    )
    await records.save(id, { ...record, entries })
  }
}

function draw(count: number, among: number, float: () => number): number[] {
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(Math.floor(float() * among))
  return [...chosen]
}

describe.each([
  { name: 'sealed', format: { public: false } },
  { name: 'public', format: { public: true } },
])('$name', ({ format }) => {
  test(
    `${BLOCKS} damaged blocks are found and repaired by one scrub (seed ${SEED})`,
    async () => {
      const float = seededFloats(SEED)
      const work = await temporaryFolder()
      const home = join(work, 'home')
      const file = join(work, 'film.bin')
      const total = Math.ceil(BLOCKS * 1.2)
      const handle = await open(file, 'w')
      for (let block = 0; block < total; block++) await handle.write(randomBytes(BLOCK_BYTES))
      await handle.close()
      const first = await startNode({ home })
      const { link, root } = await first.share(file, format)
      const other = await startNode()
      const { path } = await other.fetch(link, { directory: join(work, 'out'), seed: true })
      await first.stop()

      // A sealed block holds 16 bytes less, which are its tag.
      const blockBytes = BLOCK_BYTES - (format.public ? 0 : 16)
      await rot(file, draw(BLOCKS, total, float), float, blockBytes)
      await asIfUntouched(home)
      const { mtimeMs } = await stat(file)
      const again = await startNode({ home })
      const damaged: DamagedEvent[] = []
      const startedMs = performance.now()
      const result = await again.scrub({
        peers: other.addresses(),
        onEvent: (event) => {
          if (event.type === 'damaged') damaged.push(event)
        },
      })
      const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
      console.log(`${BLOCKS} of ${total} MiB damaged, ${result.repaired} blocks repaired in ${seconds} s`)
      expect(result.shares).toBe(1)
      expect(result.damaged).toBe(BLOCKS)
      expect(result.repaired).toBe(result.damaged)
      expect(damaged).toEqual([
        { type: 'damaged', root, path: 'film.bin', blocks: result.damaged, repaired: result.damaged },
      ])
      expect((await readFile(file)).equals(await readFile(path))).toBe(true)
      // Some 240 ns are lost of a time that is set as a number of seconds.
      expect(Math.abs((await stat(file)).mtimeMs - mtimeMs)).toBeLessThan(0.001)
      // It is as sound as it was, and the same share is the same link.
      expect(await again.scrub()).toMatchObject({ damaged: 0 })
      expect((await again.share(file, format)).root).toBe(root)
    },
    MOST_MS,
  )
})

test('what somebody changed is no damage: it is left alone, and its share is stale', async () => {
  const work = await temporaryFolder()
  const file = join(work, 'notes.bin')
  await writeFile(file, randomBytes(3 * BLOCK_BYTES))
  const node = await startNode({ home: join(work, 'home') })
  const { link, root } = await node.share(file)
  const other = await startNode()
  await other.fetch(link, { directory: join(work, 'out'), seed: true })
  await rot(file, [1], seededFloats(SEED))
  const before = await readFile(file)
  expect(await node.scrub({ root, peers: other.addresses() })).toMatchObject({
    shares: 1,
    damaged: 0,
    repaired: 0,
  })
  expect((await readFile(file)).equals(before)).toBe(true)
  const shares: unknown[] = []
  for await (const share of node.shares()) shares.push(share)
  expect(shares).toMatchObject([{ root, state: 'stale' }])
})

test('a repair that broke off goes on, though its files look as if somebody had touched them', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const file = join(work, 'film.bin')
  await writeFile(file, randomBytes(4 * BLOCK_BYTES))
  const first = await startNode({ home })
  const { link } = await first.share(file)
  const other = await startNode()
  const { path } = await other.fetch(link, { directory: join(work, 'out'), seed: true })
  await first.stop()
  await rot(file, [0, 2], seededFloats(SEED))
  await asIfUntouched(home)
  const { atime, mtime } = await stat(file)
  await utimes(file, atime, mtime)
  const [id = ''] = await new ShareRecords(join(home, 'shares'), systemDisk).ids()
  const peers = other.addresses()
  const before = await startNode({ home })
  expect(await before.scrub({ peers })).toMatchObject({ damaged: 0, repaired: 0 })
  await before.stop()

  await writeFile(join(home, 'repairing'), id)
  const again = await startNode({ home })
  expect(await again.scrub({ peers })).toMatchObject({ damaged: 2, repaired: 2 })
  expect((await readFile(file)).equals(await readFile(path))).toBe(true)
  await expect(stat(join(home, 'repairing'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('small files that lie in one block are repaired each in its place', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const folder = join(work, 'many')
  await mkdir(join(folder, 'deep'), { recursive: true })
  for (let i = 0; i < 40; i++)
    await writeFile(join(folder, i % 2 ? 'deep' : '', `f${i}`), randomBytes(9_000 + i))
  const first = await startNode({ home })
  const { link } = await first.share(folder)
  const other = await startNode()
  const { path } = await other.fetch(link, { directory: join(work, 'out'), seed: true })
  await first.stop()
  await rot(join(folder, 'deep', 'f7'), [0], seededFloats(SEED))
  await rot(join(folder, 'f8'), [0], seededFloats(SEED + 1))
  await asIfUntouched(home)
  const again = await startNode({ home })
  const result = await again.scrub({ peers: other.addresses() })
  expect(result.repaired).toBe(result.damaged)
  expect(result.damaged).toBeGreaterThan(0)
  for (const name of ['deep/f7', 'f8', 'f6', 'deep/f9']) {
    expect((await readFile(join(folder, name))).equals(await readFile(join(path, name)))).toBe(true)
  }
})

test('where nobody has what is damaged it is told, the share is stale, and the rest is served', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const file = join(work, 'film.bin')
  await writeFile(file, randomBytes(3 * BLOCK_BYTES))
  const first = await startNode({ home })
  const { root } = await first.share(file)
  await first.stop()
  await rot(file, [1], seededFloats(SEED))
  await asIfUntouched(home)
  const node = await startNode({ home })
  const codes: string[] = []
  const { damaged, repaired } = await node.scrub({
    waitMs: 500,
    rate: 50_000_000,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === 'warning') codes.push(event.code)
    },
  })
  expect({ damaged: damaged > 0, repaired, codes }).toEqual({
    damaged: true,
    repaired: 0,
    codes: ['WARN_NOT_REPAIRED'],
  })
  const shares: unknown[] = []
  for await (const share of node.shares()) shares.push(share)
  expect(shares).toMatchObject([{ root, state: 'stale' }])
  await expect(node.scrub({ root: 'bafkqaaa' })).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
})

test('over the control API it tells how far it is, and at the end what came of it', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const file = join(work, 'notes.bin')
  await writeFile(file, randomBytes(3 * BLOCK_BYTES))
  const node = await startNode({ home })
  const { root } = await node.share(file)
  const client = await ControlClient.connect(homePaths(home, {}))
  const events: ScrubStreamEvent[] = []
  const request = { root, rate: 100_000_000, waitMs: 500, peers: [] }
  for await (const event of client?.scrub(request, new AbortController().signal) ?? []) events.push(event)
  const last = events.at(-1) as ScrubbedEvent
  expect(last).toMatchObject({ type: 'scrubbed', shares: 1, damaged: 0, repaired: 0 })
  expect(last.bytes).toBeGreaterThanOrEqual(3 * BLOCK_BYTES)
  expect(events[0]).toMatchObject({ type: 'scrub', root, name: 'notes.bin', total: 3 * BLOCK_BYTES })
})
