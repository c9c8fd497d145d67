import { decode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { RAW } from '../../../src/content/cid.ts'
import type { Entry } from '../../../src/content/entry.ts'
import type { UnixfsDag } from '../../../src/content/unixfs/build.ts'
import { walkUnixfs, type PublicLayout } from '../../../src/content/unixfs/walk.ts'
import { getterOf } from '../../helpers/forge.ts'
import { build, bytes, shareOf, type Share, type Tree } from './support.ts'

/** The leaves as the text of the design says, by the libraries alone. */
function leavesInStoredOrder(nodes: ReadonlyMap<string, Uint8Array>, cid: CID): string[] {
  if (cid.code === RAW) return [cid.toString()]
  const node = decode(nodes.get(cid.toString()) as Uint8Array)
  const isFile = !UnixFS.unmarshal(node.Data as Uint8Array).isDirectory()
  if (isFile && node.Links.length === 0) return [cid.toString()]
  return node.Links.flatMap((link) => leavesInStoredOrder(nodes, link.Hash))
}

async function expectAgreement(share: Share, dag: UnixfsDag, preserve: boolean): Promise<PublicLayout> {
  const layout = await walkUnixfs(dag.root, getterOf(dag.nodes))
  const plain = ({ path, kind, size }: Entry): object => ({ path, kind, size })
  const dated = ({ mtimeMs, executable, ...entry }: Entry): object =>
    entry.kind === 'file' ? { ...entry, mtimeMs, executable } : { ...entry, mtimeMs }
  expect(layout.entries.map(preserve ? dated : plain)).toEqual(share.entries.map(preserve ? dated : plain))
  const expected = leavesInStoredOrder(dag.nodes, dag.root)
  expect(dag.leaves.count).toBe(expected.length)
  expect(layout.leaves.count).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    for (const leaves of [dag.leaves, layout.leaves]) {
      expect(leaves.cidOf(i).toString()).toBe(expected[i])
      expect(Buffer.compare(leaves.digestOf(i), CID.parse(expected[i] as string).multihash.digest)).toBe(0)
    }
    expect(layout.leaves.refOf(i)).toEqual(dag.leaves.refOf(i))
    expect(layout.leaves.lengthOf(i)).toBe(dag.leaves.lengthOf(i))
    const ref = dag.leaves.refOf(i)
    const span = dag.leaves.spanOf(ref.file)
    expect(layout.leaves.spanOf(ref.file)).toEqual(span)
    expect(i >= span.first && i < span.first + span.count).toBe(true)
    // The leaf at a number holds the bytes that the mapping names.
    const block = dag.nodes.get(expected[i] as string) ?? share.bytesOf(ref)
    expect(block.byteLength).toBe(dag.leaves.lengthOf(i))
    if (!dag.nodes.has(expected[i] as string)) {
      expect(Buffer.compare(await share.hashLeaf(ref), dag.leaves.digestOf(i))).toBe(0)
    }
  }
  return layout
}

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
  .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed())
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constant(null),
  fc.constantFrom(bytes(1_048_576), bytes(1_048_577), bytes(2_500_000)),
)

function treeOf(pairs: [string, Uint8Array | null][]): Tree {
  const tree: Tree = {}
  for (const [key, value] of pairs) {
    // A path that is a file cannot be a folder for another one.
    const parts = key.split('/')
    const blocked = parts.some((_, i) => i > 0 && tree[parts.slice(0, i).join('/')] instanceof Uint8Array)
    const holds = Object.keys(tree).some((other) => other.startsWith(`${key}/`))
    if (!blocked && !(holds && value !== null)) tree[key] = value
  }
  return tree
}

test('what is built is walked back with the same entries and leaves', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(path, content), { maxLength: 12 }),
      fc.boolean(),
      async (pairs, preserve) => {
        let clock = 0
        const share = shareOf(treeOf(pairs), () => ({
          mtimeMs: ++clock * 777 - 3_000,
          executable: clock % 2 === 0,
        }))
        await expectAgreement(share, await build(share, preserve), preserve)
      },
    ),
    { seed: 499, numRuns: 150 },
  )
})

test('a sharded folder inside a sharded folder is numbered by bucket, listed by name', async () => {
  const tree: Tree = {}
  for (let i = 0; i < 5_000; i++) tree[`many/a file ${i}`] = bytes(i % 5, i)
  for (let i = 0; i < 5_000; i++) tree[`many/more/another ${i}`] = bytes(i % 3, i)
  for (let i = 0; i < 20; i++) tree[`many/sub${i}/file`] = bytes(2)
  tree['many/large'] = bytes(3_000_000)
  tree.last = bytes(1)
  const share = shareOf(tree)
  const dag = await build(share)
  const layout = await expectAgreement(share, dag, false)
  const files = Array.from({ length: layout.leaves.count }, (_, i) => layout.leaves.refOf(i).file)
  expect(files).not.toEqual([...files].sort((a, b) => a - b))
})

test('a file of three levels is numbered in order of its bytes', async () => {
  const size = 1_500 * 1_048_576 + 9
  const share: Share = {
    entries: [
      { path: 'a', kind: 'file', size: 3 },
      { path: 'big', kind: 'file', size },
    ],
    bytesOf: () => bytes(0),
    hashLeaf: async ({ offset }) => bytes(32, offset + 1),
  }
  const dag = await build(share)
  const { leaves } = await walkUnixfs(dag.root, getterOf(dag.nodes))
  expect(leaves.count).toBe(1_502)
  for (const i of [0, 1, 2, 1_024, 1_025, 1_500, 1_501]) {
    expect(leaves.refOf(i)).toEqual(dag.leaves.refOf(i))
    expect(leaves.cidOf(i).toString()).toBe(dag.leaves.cidOf(i).toString())
  }
  expect(leaves.refOf(1_501)).toEqual({ file: 1, offset: 1_500 * 1_048_576, length: 9 })
})

test('a single file, an empty file and an empty folder have the numbers that the design gives them', async () => {
  const file = await build(shareOf({ '': bytes(5) }))
  expect(file.leaves.count).toBe(1)
  expect(file.leaves.cidOf(0).toString()).toBe(file.root.toString())
  const layout = await walkUnixfs(file.root, getterOf(new Map([[file.root.toString(), bytes(5)]])))
  expect(layout.entries).toEqual([{ path: '', kind: 'file', size: 5 }])
  expect(layout.leaves.refOf(0)).toEqual({ file: 0, offset: 0, length: 5 })

  const empty = await build(shareOf({ a: bytes(0), b: bytes(0) }))
  expect(empty.leaves.count).toBe(2)
  expect(empty.leaves.cidOf(0).toString()).toBe(empty.leaves.cidOf(1).toString())

  const folder = await build(shareOf({}))
  expect(folder.leaves.count).toBe(0)
  expect((await walkUnixfs(folder.root, getterOf(folder.nodes))).entries).toEqual([])
})

test('a number that does not exist is a fault', async () => {
  const dag = await build(shareOf({ a: bytes(1), f: null }))
  const { leaves } = await walkUnixfs(dag.root, getterOf(dag.nodes))
  for (const number of [-1, 1, 0.5, Number.NaN]) {
    expect(() => leaves.refOf(number)).toThrow('no block')
    expect(() => dag.leaves.digestOf(number)).toThrow('no block')
  }
  expect(() => leaves.spanOf(1)).toThrow('no blocks')
})
