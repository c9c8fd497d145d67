import { afterAll, describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/content/entry.ts'
import { comparePaths } from '../../../src/content/entry.ts'
import { PLAIN_BLOCK_BYTES, plainLength, shapeOf } from '../../../src/content/sealed/format.ts'
import { partKeys } from '../../../src/content/sealed/keys.ts'
import { encodePages } from '../../../src/content/sealed/manifest.ts'
import { BlockWorkers } from '../../../src/store/block-workers.ts'
import { sealManifestBlock } from '../../../src/store/sealing.ts'
import type { PlanReader } from '../../../src/transfer/swarm/plan-reader.ts'
import {
  readManifest,
  readManifestAt,
  type ManifestPart,
} from '../../../src/transfer/plan/sealed-manifest.ts'
import type { Sealed } from '../../../src/transfer/plan/sealed-root.ts'
import { joinPages } from '../../helpers/sealed-forge.ts'

const workers = new BlockWorkers({ threads: 2 })
afterAll(() => workers.close())

const KEYS = partKeys(Buffer.alloc(32, 7))
const FOLDERS = 60
const FILES = 60
/** So long that a page holds about a thousand. */
const FILE = 'n'.repeat(1_000 - 40)

function manyEntries(): Entry[] {
  const entries: Entry[] = []
  for (let i = 0; i < FOLDERS; i++) {
    const folder = `folder ${i}`
    entries.push({ path: folder, kind: 'folder', size: 0 })
    for (let j = 0; j < FILES; j++) entries.push({ path: `${folder}/${FILE}${j}`, kind: 'file', size: 0 })
  }
  return entries.toSorted((a, b) => comparePaths(a.path, b.path))
}

interface Fake {
  readonly sealed: Sealed
  readonly reader: PlanReader
  /** Numbers of the pages that were asked for, the first page being 0. */
  readonly asked: number[]
  readonly pages: number
}

/** A sealed share of empty files, whose manifest is `manifest`, without a network. */
function fake(manifest: Uint8Array): Fake {
  const shape = shapeOf(0, manifest.byteLength)
  const first = shape.blocks - shape.manifest
  const digests = new Uint8Array(shape.blocks * 32)
  const blocks = new Map<number, Uint8Array>()
  for (let block = first; block < shape.blocks; block++) {
    const { bytes, digest } = sealManifestBlock(shape, KEYS, manifest, block)
    blocks.set(block, bytes)
    digests.set(digest, block * 32)
  }
  const asked: number[] = []
  const reader: PlanReader = {
    getNodes: async () => [],
    getBlocks: async (sink, wanted) => {
      for (const block of wanted) {
        asked.push(block - first)
        expect(await sink.accept(block, blocks.get(block) as Uint8Array)).toBe(true)
      }
    },
  }
  return {
    sealed: { shape, keys: KEYS, digests, digestsFrom: 0, rootBytes: new Uint8Array(), pages: [], workers },
    reader,
    asked,
    pages: Math.ceil(manifest.byteLength / PLAIN_BLOCK_BYTES),
  }
}

async function paths(parts: AsyncIterable<ManifestPart>): Promise<string[]> {
  const found: string[] = []
  for await (const { entries } of parts) for (const { path } of entries) found.push(path)
  return found
}

const entries = manyEntries()
const all = entries.map(({ path }) => path)

describe('a manifest of several pages', () => {
  test('is read in order, each page once, none that is padding', async () => {
    const { sealed, reader, asked, pages } = fake(joinPages(encodePages('many', 'folder', entries)))
    expect(pages).toBeGreaterThan(3)
    expect(await paths(readManifest(sealed, reader))).toEqual(all)
    expect(asked).toEqual(Array.from({ length: pages }, (_, i) => i))
  })

  test('yields before it was read to the end', async () => {
    const { sealed, reader, asked, pages } = fake(
      joinPages(encodePages('many', 'folder', repeated(entries, 10))),
    )
    const parts = readManifest(sealed, reader)
    await parts.next()
    await parts.return(undefined)
    expect(asked.length).toBeLessThanOrEqual(8)
    expect(pages).toBeGreaterThan(30)
  })

  test('of a path its part is found with few pages', async () => {
    const many = repeated(entries, 10)
    const { sealed, reader, asked, pages } = fake(joinPages(encodePages('many', 'folder', many)))
    for (const path of ['0', '3/folder 17', '9/folder 9', `5/folder 30/${FILE}59`]) {
      asked.length = 0
      const found = await paths(readManifestAt(sealed, reader, path))
      const expected = many
        .map((entry) => entry.path)
        .filter((at) => at === path || at.startsWith(`${path}/`))
      expect(found.filter((at) => at === path || at.startsWith(`${path}/`))).toEqual(expected)
      if (path !== '0') {
        expect(new Set(asked).size).toBe(asked.length)
        expect(asked.length).toBeLessThan(Math.log2(pages) + 2)
      }
      expect(Math.max(...asked)).toBeLessThan(pages)
    }
  })

  test('every path is found', async () => {
    const { sealed, reader, asked, pages } = fake(joinPages(encodePages('many', 'folder', entries)))
    for (let i = 0; i < entries.length; i += 37) {
      const path = all[i] as string
      expect(await paths(readManifestAt(sealed, reader, path))).toContain(path)
    }
    for (const path of ['a', 'folder 5/zzz', 'folder', 'zzz']) {
      expect(await paths(readManifestAt(sealed, reader, path))).not.toContain(path)
    }
    expect(Math.max(...asked)).toBeLessThan(pages)
  })
})

describe('a publisher that lies is refused', () => {
  test.each([
    ['pages that are not in order', [0, 2, 1, 3]],
    ['a page twice', [0, 1, 1, 2, 3]],
  ])('%s', async (_name, order) => {
    const pages = [...encodePages('many', 'folder', entries)]
    const { sealed, reader } = fake(joinPages(order.map((i) => pages[i] as Uint8Array)))
    await expect(paths(readManifest(sealed, reader))).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
    const at = paths(readManifestAt(sealed, reader, 'folder 10'))
    await expect(at).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  })

  test('a page without entries in the middle', async () => {
    const pages = [...encodePages('many', 'folder', entries)]
    const [, empty] = [...encodePages('many', 'folder', [])]
    const hollow = new Uint8Array(4)
    expect(empty).toBeUndefined()
    const { sealed, reader } = fake(joinPages([pages[0], hollow, hollow, pages[1], pages[2]] as Uint8Array[]))
    const at = paths(readManifestAt(sealed, reader, 'folder 10'))
    await expect(at).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  })
})

test('a share without entries has one page, and no path', async () => {
  const { sealed, reader, asked } = fake(joinPages(encodePages('nothing', 'folder', [])))
  expect(plainLength(sealed.shape, 1)).toBe(4_096)
  expect(await paths(readManifest(sealed, reader))).toEqual([])
  expect(await paths(readManifestAt(sealed, reader, 'x'))).toEqual([])
  expect(asked).toEqual([0, 0])
})

/** The same entries in several folders above. */
function repeated(below: readonly Entry[], times: number): Entry[] {
  const found: Entry[] = []
  for (let i = 0; i < times; i++) {
    found.push({ path: `${i}`, kind: 'folder', size: 0 })
    for (const entry of below) found.push({ ...entry, path: `${i}/${entry.path}` })
  }
  return found
}
