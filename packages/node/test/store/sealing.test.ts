import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { comparePaths, type Entry } from '../../src/content/entry.ts'
import { openBlock } from '../../src/content/sealed/cipher.ts'
import { partOf, plainLength, plainOffset } from '../../src/content/sealed/format.ts'
import { partKeys } from '../../src/content/sealed/keys.ts'
import { isShoalError } from '../../src/errors.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import type { FileFacts } from '../../src/store/disk.ts'
import { SealedShare } from '../../src/store/sealed-share.ts'
import { bindingOf, seal, type SealedPlan } from '../../src/store/sealing.ts'
import type { WalkedEntry } from '../../src/store/walk-facts.ts'
import { vectorInput, type SealedVectors } from '../content/make-sealed-vectors.ts'
import { openReference, sealReference, type ReferenceShare } from '../content/sealed-reference.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

const workers = new BlockWorkers({ threads: 2 })
afterAll(() => workers.close())

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../content/sealed-vectors.json'), 'utf8'),
) as SealedVectors

const NO_FACTS: FileFacts = { kind: 'file', size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n, executable: false }

/** Puts a share's content on disk and seals it from there. */
async function sealOnDisk(share: ReferenceShare, shareKey: Uint8Array): Promise<SealedPlan> {
  const folder = await temporaryFolder()
  const sorted = share.entries.toSorted((a, b) => comparePaths(a.path, b.path))
  // Nothing is read of the others.
  const filled = sorted.filter(({ content }) => content.byteLength > 0)
  await writeTree(folder, Object.fromEntries(filled.map(({ path, content }) => [join('s', path), content])))
  const entries = sorted.map((entry): WalkedEntry => {
    const { path, kind, size, mtimeMs, executable } = entry
    return {
      path,
      kind,
      size,
      mtimeMs,
      executable,
      source: join(folder, 's', path),
      below: path,
      facts: NO_FACTS,
    }
  })
  return await seal({ kind: share.kind, entries }, { name: share.name, shareKey, workers })
}

async function blocksOf(plan: SealedPlan): Promise<Uint8Array[]> {
  const share = new SealedShare(plan, workers)
  const blocks: Uint8Array[] = []
  for (let i = 0; i < share.total; i++) {
    const answer = await share.readBlock(i)
    if (answer.outcome !== 'bytes') throw new Error(`block ${i}: ${answer.outcome}`)
    blocks.push(answer.bytes)
  }
  return blocks
}

describe('known-answer vectors of an independent implementation', () => {
  test.each(vectors.vectors.map((vector) => [vector.id, vector] as const))('%s', async (_id, vector) => {
    const { key, ...share } = vectorInput(vector)
    const plan = await sealOnDisk(share, key)
    expect(plan.root.cid.toString()).toBe(vector.rootCid)
    expect(Buffer.from(plan.root.bytes).toString('hex')).toBe(vector.root)
    expect(plan.root.pages.map((page) => hex(page.bytes))).toEqual(vector.pages)
    expect(hex(plan.digests)).toBe(vector.blocksSha256)
    expect([plan.shape.blocks, plan.shape.manifest, ...plan.shape.bytes]).toEqual([
      vector.n,
      vector.m,
      vector.d,
      vector.e,
    ])
  })
})

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

const name = fc
  .string({ minLength: 1, maxLength: 12, unit: 'binary' })
  .filter((text) => !/[/\0]/u.test(text) && text.isWellFormed())
const content = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.integer({ min: 0, max: 1_100_000 }).map((length) => Buffer.alloc(length, length)),
)
const folder = fc
  .uniqueArray(
    fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      content,
      mtimeMs: fc.integer({ min: -1e12, max: 4e12 }),
      executable: fc.boolean(),
    }),
    { maxLength: 8, selector: (file) => file.path },
  )
  .map((files): ReferenceShare => {
    // A path that another uses as a folder is left out.
    const kept = files.filter((file) => !files.some((other) => other.path.startsWith(`${file.path}/`)))
    const entries = kept.map((file) => ({ ...file, kind: 'file' as const, size: file.content.byteLength }))
    return { name: 'folder', kind: 'folder', entries }
  })

test(`what is sealed opens again, for any folder (seed ${seed})`, { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(folder, fc.uint8Array({ minLength: 32, maxLength: 32 }), async (share, key) => {
      const plan = await sealOnDisk(share, key)
      const blocks = await blocksOf(plan)
      const opened = openReference(
        key,
        plan.root.bytes,
        plan.root.pages.map((page) => page.bytes),
        blocks,
      )
      const expected = sealReference({ ...share, key })
      expect(plan.root.cid.toString()).toBe(expected.rootCid)
      expect(opened.entries.map(facts)).toEqual(
        share.entries.toSorted((a, b) => comparePaths(a.path, b.path)).map(facts),
      )
    }),
    { seed, numRuns: 25 },
  )
})

test(`no two blocks of one key share a nonce, and each is bound to its number and part (seed ${seed})`, async () => {
  const key = Buffer.alloc(32, 9)
  const entries = [
    { path: '', kind: 'file' as const, mtimeMs: 0, executable: false, content: Buffer.alloc(3_000_000) },
  ]
  const share = {
    name: 'zeros',
    kind: 'file' as const,
    entries: entries.map((e) => ({ ...e, size: 3_000_000 })),
  }
  const plan = await sealOnDisk(share, key)
  const blocks = await blocksOf(plan)
  // Equal plaintext under equal nonces would give equal ciphertext.
  const starts = new Set(blocks.map((block) => hex(block.subarray(0, 64))))
  expect(starts.size).toBe(blocks.length)
  for (const [i, block] of blocks.entries()) {
    for (let claimed = 0; claimed < blocks.length; claimed++) {
      const open = (): Uint8Array =>
        openBlock(bindingOf(plan.shape, plan.keys, claimed), block, new Uint8Array(block.byteLength))
      if (claimed === i) expect(open().byteLength).toBe(plainLength(plan.shape, i))
      else expect(open).toThrow('does not open')
    }
  }
})

test(`any flipped bit is refused (seed ${seed})`, async () => {
  const key = Buffer.alloc(32, 5)
  const file = {
    path: '',
    kind: 'file' as const,
    size: 5_000,
    mtimeMs: 0,
    executable: false,
    content: Buffer.alloc(5_000, 1),
  }
  const plan = await sealOnDisk({ name: 'x', kind: 'file', entries: [file] }, key)
  const [block] = await blocksOf(plan)
  const sealed = block as Uint8Array
  fc.assert(
    fc.property(fc.integer({ min: 0, max: sealed.byteLength * 8 - 1 }), (bit) => {
      const altered = sealed.slice()
      altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
      const target = new Uint8Array(sealed.byteLength).fill(0xee)
      try {
        openBlock(bindingOf(plan.shape, plan.keys, 0), altered, target)
      } catch (error) {
        // What was opened before the tag was compared must not stay behind.
        return (
          isShoalError(error, 'ERR_CONTENT_INVALID') &&
          target.subarray(0, sealed.byteLength - 16).every((b) => b === 0)
        )
      }
      return false
    }),
    { seed, numRuns: 2_000 },
  )
})

test('a source that was changed behind the share is answered with "changed", never with other bytes', async () => {
  const key = Buffer.alloc(32, 3)
  const file = {
    path: '',
    kind: 'file' as const,
    size: 2_000_000,
    mtimeMs: 0,
    executable: false,
    content: Buffer.alloc(2_000_000, 1),
  }
  const plan = await sealOnDisk({ name: 'x', kind: 'file', entries: [file] }, key)
  const source = plan.files[0]?.source as string
  const share = new SealedShare(plan, workers)
  await writeTree('/', { [source]: Buffer.concat([file.content.subarray(1), Buffer.from('2')]) })
  expect(await share.readBlock(0)).toMatchObject({ outcome: 'bytes' })
  expect(await share.readBlock(1)).toEqual({ outcome: 'changed' })
  await writeTree('/', { [source]: 'short' })
  expect(await share.readBlock(0)).toEqual({ outcome: 'changed' })
})

test('every byte of a part belongs to exactly one block', async () => {
  const key = Buffer.alloc(32, 3)
  const file = {
    path: '',
    kind: 'file' as const,
    size: 2_500_000,
    mtimeMs: 0,
    executable: false,
    content: Buffer.alloc(2_500_000),
  }
  const { shape } = await sealOnDisk({ name: 'x', kind: 'file', entries: [file] }, key)
  const next = { data: 0, manifest: 0 }
  for (let block = 0; block < shape.blocks; block++) {
    const part = partOf(shape, block)
    expect(plainOffset(shape, block)).toBe(next[part])
    next[part] += plainLength(shape, block)
  }
  expect(next).toEqual(shape.plainBytes)
  expect(partKeys(key).data).not.toEqual(partKeys(key).manifest)
})

function facts({ path, kind, size, mtimeMs, executable }: Entry): unknown[] {
  return [path, kind, size, mtimeMs, executable]
}

function hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
