import { afterAll, describe, expect, test } from 'vitest'
import type { ReadEvent } from '../../src/events.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import type { Channel } from '../../src/network/channel.ts'
import type { ContentSource } from '../../src/store/content-source.ts'
import { TRANSFER_LIMITS } from '../../src/transfer/limits.ts'
import { ReadService, type ByteRange, type ReadOptions } from '../../src/transfer/read-service.ts'
import { makeShare, partsWith, type Tree } from '../helpers/providers.ts'
import { seededFloats } from '../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const FORMS = ['sealed', 'public'] as const
const MIB = 1_048_576

const workers = new BlockWorkers({ threads: 2 })
afterAll(() => workers.close())

/** Bytes that differ from block to block. */
function bytesOf(length: number, salt = 0): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4)
    bytes.writeUInt32LE((Math.imul(at, 2_654_435_761) + salt) >>> 0, at)
  return bytes
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) {
    expect(piece.byteLength).toBeGreaterThan(0)
    expect(piece.byteLength).toBeLessThanOrEqual(MIB)
    all.push(piece)
  }
  return Buffer.concat(all)
}

/** Waits until nothing more is asked for: for as long as whole other operations take. */
async function settled(source: ContentSource, link: string, count: () => number): Promise<void> {
  for (let seen = -1; seen !== count();) {
    seen = count()
    const { parts } = partsWith(source, workers)
    await collect(new ReadService(parts).read(link))
  }
}

describe.each(FORMS)('%s', (form) => {
  test(`any range of any file is that part of it (seed ${SEED})`, { timeout: 120_000 }, async () => {
    const float = seededFloats(SEED)
    const below = (limit: number): number => Math.floor(float() * limit)
    for (let share = 0; share < 6; share++) {
      const tree: Record<string, Buffer> = {}
      const isFile = share % 3 === 2
      const sizes = [0, 1, 15, MIB - 16, MIB, MIB + 1, 2 * MIB - 32]
      for (let i = 0; i < (isFile ? 1 : 2 + below(6)); i++) {
        const size = below(3) === 0 ? below(3 * MIB) : (sizes[below(sizes.length)] as number)
        tree[isFile ? '' : `${['', 'sub/', 'sub/deep/'][below(3)]}file ${i}`] = bytesOf(size, i)
      }
      const { source, link } = await makeShare(tree, form, workers)
      const service = new ReadService(partsWith(source, workers).parts)
      for (const [path, content] of Object.entries(tree)) {
        expect((await collect(service.read(link, { path }))).equals(content), path).toBe(true)
        for (let i = 0; i < 6 && content.byteLength > 0; i++) {
          const from = below(content.byteLength)
          const to = below(4) === 0 ? undefined : from + below(content.byteLength * 1.5 - from)
          const got = await collect(service.read(link, { path, range: { from, to } }))
          const wanted = content.subarray(from, to === undefined ? undefined : to + 1)
          expect(got.equals(wanted), `${path} of ${content.byteLength}: ${from}-${to}`).toBe(true)
        }
      }
    }
  })

  test('of a large share only what leads to the range is got', async () => {
    const tree: Tree = {
      'a.bin': bytesOf(9 * MIB),
      'b.bin': bytesOf(9 * MIB, 1),
      'c/d.bin': bytesOf(9 * MIB, 2),
    }
    const { source, link } = await makeShare(tree, form, workers)
    const { parts, counts } = partsWith(source, workers)
    const range = { from: 5 * MIB + 7, to: 5 * MIB + 16 }
    const got = await collect(new ReadService(parts).read(link, { path: 'c/d.bin', range }))
    expect(got.equals((tree['c/d.bin'] as Buffer).subarray(range.from, range.to + 1))).toBe(true)
    // The manifest and one block; or the nodes of the root, the folder, the file, and one leaf.
    expect(counts).toEqual(form === 'sealed' ? { blocks: 2, nodes: 2 } : { blocks: 0, nodes: 4 })
  })

  test('what nobody takes is not got, beyond a window', async () => {
    const window = TRANSFER_LIMITS.readWindowBlocks
    const { source, link } = await makeShare({ '': bytesOf(60 * MIB) }, form, workers)
    const { parts, counts } = partsWith(source, workers)
    const before = form === 'sealed' ? 1 : 2
    const total = (): number => counts.blocks + counts.nodes - (form === 'sealed' ? 2 : 0)
    const pieces = new ReadService(parts).read(link)
    await pieces.next()
    await settled(source, link, total)
    expect(total()).toBeGreaterThan(before + 4)
    expect(total()).toBeLessThanOrEqual(before + 1 + window)
    const first = total()
    await pieces.next()
    await settled(source, link, total)
    expect(total()).toBeGreaterThan(first)
    expect(total()).toBeLessThanOrEqual(before + 2 + window)
    await pieces.return(undefined)
  })

  test('a connection that breaks again and again loses nothing and repeats nothing', async () => {
    const content = bytesOf(40 * MIB + 5)
    const { source, link } = await makeShare({ '': content }, form, workers)
    const { parts, channels } = partsWith(source, workers)
    const got: Uint8Array[] = []
    for await (const piece of new ReadService(parts).read(link)) {
      if (got.length % 10 === 0) channels.at(-1)?.abort(new Error('cut'))
      got.push(piece)
    }
    expect(channels.length).toBeGreaterThan(3)
    expect(Buffer.concat(got).equals(content)).toBe(true)
  }, 60_000)

  test('while nobody takes anything nobody is looked for, and then there is the full time', async () => {
    const content = bytesOf(40 * MIB)
    const { source, link } = await makeShare({ '': content }, form, workers)
    const { parts, channels, counts } = partsWith(source, workers)
    const got: Uint8Array[] = []
    for await (const piece of new ReadService(parts).read(link, { waitMs: 1 })) {
      got.push(piece)
      if (got.length !== 2) continue
      await settled(source, link, () => counts.blocks + counts.nodes)
      channels.at(-1)?.abort(new Error('cut'))
      await settled(source, link, () => channels.length)
      expect(channels).toHaveLength(1)
    }
    expect(Buffer.concat(got).equals(content)).toBe(true)
    expect(channels).toHaveLength(2)
  })

  test('wrong data ends it, and nothing of it is given out', async () => {
    const content = bytesOf(30 * MIB)
    const { source, link } = await makeShare({ '': content }, form, workers)
    let reads = 0
    const { parts } = partsWith(source, workers, {
      onRead: (_what, answer) => {
        if (++reads === 20 && answer.outcome === 'bytes') answer.bytes[77] = (answer.bytes[77] as number) ^ 1
        return answer
      },
    })
    const got: Uint8Array[] = []
    const reading = async (): Promise<void> => {
      for await (const piece of new ReadService(parts).read(link)) got.push(piece)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
    const all = Buffer.concat(got)
    expect(all.equals(content.subarray(0, all.byteLength))).toBe(true)
    expect(all.byteLength).toBeLessThan(content.byteLength)
  })

  test('a file that was changed after it was shared ends it as gone', async () => {
    const { source, link } = await makeShare({ '': bytesOf(20 * MIB) }, form, workers)
    let reads = 0
    const { parts } = partsWith(source, workers, {
      onRead: () => (++reads === 12 ? { outcome: 'changed' } : undefined),
    })
    await expect(collect(new ReadService(parts).read(link))).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })
  })

  describe('what is asked for is answered, or refused with the reason', () => {
    const tree: Tree = { 'day 1/sea.txt': 'waves\n', 'day 1/empty': '', 'one.txt': '0123456789', none: null }
    const read = async (options: ReadOptions): Promise<string> => {
      const { source, link } = await makeShare(tree, form, workers)
      return (await collect(new ReadService(partsWith(source, workers).parts).read(link, options))).toString()
    }

    test.each<[string, string, ByteRange | undefined, string]>([
      ['a file', 'one.txt', undefined, '0123456789'],
      ['a file in a folder', './day 1//sea.txt', undefined, 'waves\n'],
      ['an empty file', 'day 1/empty', undefined, ''],
      ['the first byte', 'one.txt', { from: 0, to: 0 }, '0'],
      ['the last byte', 'one.txt', { from: 9, to: 9 }, '9'],
      ['beyond the end', 'one.txt', { from: 8, to: 99 }, '89'],
      ['to the end', 'one.txt', { from: 7 }, '789'],
    ])('%s', async (_what, path, range, wanted) => {
      expect(await read(range === undefined ? { path } : { path, range })).toBe(wanted)
    })

    test.each<[string, ReadOptions, string, string]>([
      ['the share', {}, 'ERR_IS_FOLDER', 'is a folder'],
      ['a folder', { path: 'day 1' }, 'ERR_IS_FOLDER', '"day 1" is a folder'],
      ['an empty folder', { path: 'none' }, 'ERR_IS_FOLDER', '"none" is a folder'],
      ['nothing', { path: 'day 2' }, 'ERR_NOT_IN_SHARE', '"day 2"'],
      ['below a file', { path: 'one.txt/x' }, 'ERR_NOT_IN_SHARE', '"one.txt/x"'],
      ['from the end', { path: 'one.txt', range: { from: 10, to: 12 } }, 'ERR_RANGE', '10 bytes'],
      ['backwards', { path: 'one.txt', range: { from: 5, to: 4 } }, 'ERR_RANGE', '10 bytes'],
      ['of an empty file', { path: 'day 1/empty', range: { from: 0, to: 0 } }, 'ERR_RANGE', '0 bytes'],
      ['half a byte', { path: 'one.txt', range: { from: 0.5 } }, 'ERR_OPTIONS_INVALID', '0.5'],
      ['a negative byte', { path: 'one.txt', range: { from: 0, to: -1 } }, 'ERR_OPTIONS_INVALID', '-1'],
    ])('%s', async (_what, options, code, message) => {
      const fault = { code, message: expect.stringContaining(message) as string }
      await expect(read(options)).rejects.toMatchObject(fault)
    })
  })

  test('a share that is a single file is read without a path, and by its name', async () => {
    const { source, link } = await makeShare({ '': 'alone' }, form, workers)
    const { parts } = partsWith(source, workers)
    const events: ReadEvent[] = []
    const service = new ReadService(parts)
    expect(String(await collect(service.read(link, { onEvent: (event) => events.push(event) })))).toBe(
      'alone',
    )
    const [content, end] = events
    const root = source.root.toString()
    const path = form === 'sealed' ? 'made up' : root
    expect(content).toEqual({ type: 'content', root, path, size: 5, from: 0, bytes: 5 })
    expect(end).toMatchObject({ type: 'end' })
    expect((end as { bytesFetched: number }).bytesFetched).toBeGreaterThanOrEqual(5)
    expect(String(await collect(service.read(link, { path, range: { from: 1, to: 2 } })))).toBe('lo')
    await expect(collect(service.read(link, { path: 'x' }))).rejects.toMatchObject({
      code: 'ERR_NOT_IN_SHARE',
    })
  })

  test('leaving the loop ends it; an abort rejects with its reason, also in the middle', async () => {
    const { source, link } = await makeShare({ '': bytesOf(30 * MIB) }, form, workers)
    const { parts, channels } = partsWith(source, workers)
    const service = new ReadService(parts)
    for await (const _ of service.read(link)) break
    expect((channels[0] as Channel & { isClosed: boolean }).isClosed).toBe(true)
    const stop = new AbortController()
    const reason = new Error('enough')
    const pieces = service.read(link, { signal: stop.signal })
    await pieces.next()
    stop.abort(reason)
    await expect(collect(pieces)).rejects.toBe(reason)
  })
})
