import { encode, type PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced, trickle } from 'ipfs-unixfs-importer/layout'
import type { ImporterOptions } from 'ipfs-unixfs-importer'
import { expect, test } from 'vitest'
import { RAW } from '../../../src/content/cid.ts'
import { leafContent } from '../../../src/content/unixfs/leaf-content.ts'
import { walkUnixfs } from '../../../src/content/unixfs/walk.ts'
import { Forge, getterOf, raw } from '../../helpers/forge.ts'
import { bytes, importFile, importTree, PROFILE, shareOf, type Imported, type Tree } from './support.ts'

/** Puts the files together from their leaves in block order, and holds entries and bytes against the tree. */
async function expectTree({ root, blocks }: Imported, tree: Tree): Promise<void> {
  const get = getterOf(blocks)
  const { entries, leaves } = await walkUnixfs(root, get)
  const plain = entries.map(({ path, kind, size }) => ({ path, kind, size }))
  expect(plain).toEqual(shareOf(tree).entries)
  const files = entries.map(({ size }) => new Uint8Array(size))
  const written = entries.map(() => 0)
  for (let i = 0; i < leaves.count; i++) {
    const cid = leaves.cidOf(i)
    const [block] = await get([cid])
    expect(block?.byteLength).toBe(leaves.lengthOf(i))
    const { file, offset, length } = leaves.refOf(i)
    files[file]?.set(leafContent(cid, block as Uint8Array, length), offset)
    written[file] = (written[file] as number) + length
  }
  entries.forEach(({ path, kind, size }, i) => {
    expect(written[i]).toBe(size)
    if (kind === 'file') expect(Buffer.compare(files[i] as Uint8Array, tree[path] as Uint8Array)).toBe(0)
  })
}

const tree: Tree = {
  'a/one': bytes(1),
  'a/none': bytes(0),
  'a/full': bytes(262_144, 2),
  'a/more': bytes(262_145, 3),
  'b/large': bytes(3_000_000, 4),
  c: null,
}
const small = fixedSize({ chunkSize: 1_000 })

const profiles: [string, ImporterOptions][] = [
  ['the legacy profile with CIDv0 and dag-pb leaves', { profile: 'unixfs-v0-2015' }],
  ['dag-pb leaves of type raw', { rawLeaves: false, leafType: 'raw', cidVersion: 1 }],
  ['chunks of 256 KiB as raw leaves', { rawLeaves: true, chunker: fixedSize({ chunkSize: 262_144 }) }],
  ['narrow nodes', { chunker: small, layout: balanced({ maxChildrenPerNode: 7 }) }],
  ['a trickle layout', { chunker: small, layout: trickle({ maxChildrenPerNode: 5 }) }],
  [
    'a trickle layout with dag-pb leaves',
    { chunker: small, rawLeaves: false, layout: trickle({ layerRepeat: 3 }) },
  ],
  ['data before links', { fieldOrder: 'data-first' }],
  ['single leaves that are not reduced', { reduceSingleLeafToSelf: false }],
  ...[3, 4, 6, 8, 10].map((bits): [string, ImporterOptions] => [
    `shards of ${2 ** bits} buckets`,
    { shardFanoutBits: bits, shardSplitThresholdBytes: 1 },
  ]),
]

test.each(profiles)('content made with %s is read', async (_, options) => {
  await expectTree(await importTree(tree, options), tree)
})

test.each([3, 5, 8, 10])('a folder of 2,000 files in shards of 2^%i buckets is read', async (bits) => {
  const many: Tree = {}
  for (let i = 0; i < 2_000; i++) many[`file ${i}`] = bytes(i % 4, i)
  many['\u{1f600}'] = bytes(1)
  many['\uffee'] = bytes(2)
  await expectTree(await importTree(many, { shardFanoutBits: bits, shardSplitThresholdBytes: 1 }), many)
})

test.each([0, 1, 2_000_000])('a single file of %i bytes in dag-pb leaves is read', async (length) => {
  const content = bytes(length)
  await expectTree(await importFile(content, { profile: 'unixfs-v0-2015' }), { '': content })
})

test('metadata of other tools is read, inline data included', async () => {
  const { root, blocks } = await importTree({ a: bytes(3) })
  expect(blocks.has(root.toString())).toBe(true)
  const forge = new Forge()
  const inline = new UnixFS({
    type: 'file',
    data: bytes(3),
    mtime: { secs: -2n, nsecs: 999_999_999 },
    mode: 0o700,
  })
  const file = forge.node(inline.marshal())
  const { entries, leaves } = await walkUnixfs(forge.folder([['x', file]]), forge.getter)
  expect(entries).toEqual([{ path: 'x', kind: 'file', size: 3, mtimeMs: -1_001, executable: true }])
  expect(leaves.lengthOf(0)).toBe((forge.blocks.get(file.toString()) as Uint8Array).byteLength)
  expect(leaves.refOf(0)).toEqual({ file: 0, offset: 0, length: 3 })
})

test('raw blocks are not got, except a root and those in folders that state no size', async () => {
  const { root, blocks } = await importTree({ a: bytes(3), b: bytes(2_000_000) })
  const get = getterOf(blocks)
  await walkUnixfs(root, get)
  expect(get.asked.map((cid) => cid.code)).not.toContain(RAW)

  const forge = new Forge()
  const block = bytes(9)
  const leaf = (await importFile(block)).root
  forge.blocks.set(leaf.toString(), block)
  const links: PBLink[] = [
    { Hash: leaf, Name: 'twice' },
    { Hash: leaf, Name: 'x' },
    { Hash: leaf, Name: 'y', Tsize: 7 },
  ]
  const folder = forge.keep(encode({ Data: new UnixFS({ type: 'directory' }).marshal(), Links: links }))
  const getForged = forge.getter
  const { entries, leaves } = await walkUnixfs(folder, getForged)
  // What is stated stays a claim, even a wrong one: it is compared with the block when that arrives.
  expect(entries.map(({ size }) => size)).toEqual([9, 9, 7])
  expect(leaves.lengthOf(2)).toBe(7)
  expect(() => leafContent(leaves.cidOf(2), block, leaves.refOf(2).length)).toThrow('another length')
  expect(getForged.asked).toHaveLength(2)
})

test('a node is got once however often it is linked, in calls of at most 64', async () => {
  const many: Tree = {}
  for (let i = 0; i < 500; i++) many[`d${i}/same`] = bytes(1)
  for (let i = 0; i < 300; i++) many[`e${i}/f${i}`] = bytes(1)
  const { root, blocks } = await importTree(many, PROFILE)
  const get = getterOf(blocks)
  const sizes: number[] = []
  await walkUnixfs(root, async (cids) => {
    sizes.push(cids.length)
    return get(cids)
  })
  expect(get.asked).toHaveLength(302)
  expect(new Set(get.asked.map(String)).size).toBe(302)
  expect(Math.max(...sizes)).toBe(64)
})

test('names come out as the bytes they are stored as', async () => {
  const names = ['\ufeffmark', '\ufffd', 'e\u0301', '\u{10ffff}', 'a\\b', ' ', '...']
  const forge = new Forge()
  const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const folder = forge.folder(sorted.map((name) => [name, raw(name)]))
  const { entries } = await walkUnixfs(folder, forge.getter)
  expect(entries.map(({ path }) => path)).toEqual(sorted)
})

test('links of a folder that are not sorted are numbered as stored and listed by name', async () => {
  const forge = new Forge()
  const data = Buffer.concat(
    ['b', 'a'].map((name) => {
      const link = encode({ Links: [{ Hash: raw(name), Name: name, Tsize: 1 }] })
      return Buffer.from(link)
    }),
  )
  const block = Buffer.concat([data, Buffer.from([0x0a, 0x02, 0x08, 0x01])])
  const { entries, leaves } = await walkUnixfs(forge.keep(block), forge.getter)
  expect(entries.map(({ path }) => path)).toEqual(['a', 'b'])
  expect([0, 1].map((i) => leaves.refOf(i).file)).toEqual([1, 0])
  expect(leaves.cidOf(0).toString()).toBe(raw('b').toString())
})
