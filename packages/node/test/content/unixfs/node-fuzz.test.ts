import { decode, encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { RAW } from '../../../src/content/cid.ts'
import { decodeNode } from '../../../src/content/unixfs/node.ts'
import { isShoalError } from '../../../src/errors.ts'
import { Forge, raw } from '../../helpers/forge.ts'
import { build, bytes, importFile, importTree, shareOf, type Tree } from './support.ts'

const CPU_LIMIT_MS = 5

/** Milliseconds of the fastest of some runs: what the work takes when nothing else has the core. */
function cpuOf(work: () => void, runs: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    work()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** Decodes, lets nothing but a ShoalError pass, and holds an accepted node against the library. */
function attempt(block: Uint8Array): 'accepted' | 'refused' {
  try {
    decodeNode(block)
  } catch (error) {
    if (!isShoalError(error)) throw error
    return 'refused'
  }
  return 'accepted'
}

function expectLikeLibrary(block: Uint8Array): void {
  const node = decodeNode(block)
  const other = decode(block)
  const unixfs = UnixFS.unmarshal(other.Data as Uint8Array)
  expect(node.kind).toBe({ directory: 'folder', 'hamt-sharded-directory': 'shard' }[unixfs.type] ?? 'file')
  expect(node.count).toBe(other.Links.length)
  other.Links.forEach((link, i) => {
    expect(Buffer.from(node.digests.buffer, i * 32, 32).equals(link.Hash.multihash.digest)).toBe(true)
    expect(node.codecs[i] === RAW).toBe(link.Hash.code === RAW)
    if (node.kind === 'folder') expect(node.names[i]?.replace(/^\ufeff/, '')).toBe(link.Name)
    if (node.kind === 'file') expect(node.sizes[i]).toBe(Number(unixfs.blockSizes[i]))
    else expect(node.sizes[i]).toBe(link.Tsize ?? -1)
  })
  if (node.kind !== 'file') return
  expect(node.size).toBe(Number(unixfs.fileSize()))
  const content = block.subarray(node.contentStart, node.contentEnd)
  expect(Buffer.compare(content, unixfs.data ?? new Uint8Array(0))).toBe(0)
}

async function seeds(): Promise<Uint8Array[]> {
  const tree: Tree = { a: bytes(3_000_000), 'b/c': bytes(5), 'b/été': bytes(0), e: null }
  for (let i = 0; i < 40; i++) tree[`many/f${i}`] = bytes(1, i)
  const made = await Promise.all([
    importTree(tree),
    importTree(tree, { shardSplitThresholdBytes: 1 }),
    importTree(tree, { shardSplitThresholdBytes: 1, shardFanoutBits: 4, fieldOrder: 'data-first' }),
    importFile(bytes(600_000), { profile: 'unixfs-v0-2015' }),
  ])
  const preserved = await build(
    shareOf(tree, () => ({ mtimeMs: -1, executable: true })),
    true,
  )
  const dagPb = made.flatMap(({ blocks }) => [...blocks].filter(([cid]) => CID.parse(cid).code !== RAW))
  return [...dagPb.map(([, block]) => block), ...preserved.nodes.values()].filter(
    ({ byteLength }) => byteLength < 20_000,
  )
}

test('valid nodes are read as the library reads them', async () => {
  for (const block of await seeds()) expectLikeLibrary(block)
})

type Mutation =
  | { kind: 'set'; at: number; value: number }
  | { kind: 'cut'; at: number; length: number }
  | { kind: 'insert'; at: number; value: Uint8Array }
  | { kind: 'repeat'; at: number; length: number }

// No `fc.double`, which prefers numbers next to zero.
const at = fc.nat(999_999).map((millionths) => millionths / 1_000_000)
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at, length: fc.nat(40) }),
  fc.record({ kind: fc.constant('insert' as const), at, value: fc.uint8Array({ maxLength: 12 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at, length: fc.nat(80) }),
)

function mutate(block: Uint8Array, change: Mutation): Uint8Array {
  const place = Math.floor(change.at * block.byteLength)
  const [before, after] = [block.subarray(0, place), block.subarray(place)]
  switch (change.kind) {
    case 'set': {
      const copy = block.slice()
      copy[place] = change.value
      return copy
    }
    case 'cut':
      return Buffer.concat([before, after.subarray(change.length)])
    case 'insert':
      return Buffer.concat([before, change.value, after])
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, change.length), after])
  }
}

test('mutated nodes are refused by a ShoalError or read as the library reads them, each in under 5 ms', async () => {
  const blocks = await seeds()
  let worst = 0
  let accepted = 0
  fc.assert(
    fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 4 }), (pick, changes) => {
      const block = changes.reduce(mutate, blocks[pick % blocks.length] as Uint8Array)
      let took = cpuOf(() => attempt(block), 1)
      if (took > CPU_LIMIT_MS / 5) took = cpuOf(() => attempt(block), 5)
      worst = Math.max(worst, took)
      if (attempt(block) === 'refused') return
      accepted++
      expectLikeLibrary(block)
    }),
    { seed: 20260101, numRuns: 20_000 },
  )
  if (process.env['SHOAL_FIGURES'] !== undefined)
    console.log(`worst ${worst.toFixed(2)} ms, accepted ${accepted}`)
  expect(worst).toBeLessThan(CPU_LIMIT_MS)
  // Else the mutations are so wild that only the outermost checks are tried.
  expect(accepted).toBeGreaterThan(500)
})

test('random bytes are refused by a ShoalError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (block) => {
      attempt(block)
    }),
    { seed: 7, numRuns: 5_000 },
  )
})

function linkBytes(name: Uint8Array, tsize: number): Uint8Array {
  const inner = Buffer.concat([
    Buffer.from([0x0a, 36]),
    raw('x').bytes,
    Buffer.from(name.byteLength < 128 ? [0x12, name.byteLength] : [0x12, (name.byteLength & 127) | 128, 1]),
    name,
    Buffer.from([0x18, tsize]),
  ])
  const length = inner.byteLength
  return Buffer.concat([
    Buffer.from(length < 128 ? [0x12, length] : [0x12, (length & 127) | 128, length >> 7]),
    inner,
  ])
}

const FOLDER = Buffer.from([0x0a, 2, 8, 1])

/** Links named so that they are distinct, in an order, with a filler byte or character to a width. */
function folder(count: number, width: number, filler: string, descending = false): Uint8Array {
  const links = Array.from({ length: count }, (_, i) => {
    const label = String(descending ? count - i : i).padStart(5, '0')
    return linkBytes(
      Buffer.from(label + filler.repeat(Math.max(0, Math.floor((width - 5) / Buffer.byteLength(filler))))),
      1,
    )
  })
  return Buffer.concat([...links, FOLDER])
}

function unixfsOf(message: Uint8Array): Uint8Array {
  return encode({ Data: message, Links: [] })
}

async function heavyNodes(): Promise<Record<string, Uint8Array>> {
  const tree: Tree = {}
  for (let i = 0; i < 4_000; i++) tree[`file-${String(i).padStart(8, '0')}.jpg`] = bytes(1)
  const { root, nodes } = await build(shareOf(tree))
  const legit = nodes.get(root.toString()) as Uint8Array
  expect(legit.byteLength).toBeGreaterThan(240_000)
  expect(nodes.size).toBe(1)
  const forge = new Forge()
  const parts = forge.file(Array<number>(8_192).fill(1), Array<CID>(8_192).fill(raw('x')))
  const shards = Array.from({ length: 1_024 }, (_, i): [string, CID] => [
    i.toString(16).toUpperCase().padStart(3, '0') + 'n'.repeat(250),
    raw('x'),
  ])
  const mib = 1_048_576
  return {
    'a legitimate folder of 256 KiB': legit,
    'most links, sorted ASCII names': folder(8_192, 18, 'n'),
    'most links, names in reverse': folder(8_192, 18, 'n', true),
    'most links, names of two bytes a character': folder(8_192, 18, 'é', true),
    'names of replacement characters': folder(3_400, 253, '\ufffd', true),
    'longest names': folder(3_400, 255, 'n', true),
    'most links in a file': forge.blocks.get(parts.toString()) as Uint8Array,
    'the widest shard': forge.blocks.get(forge.shard(shards, { fanout: 1_024 }).toString()) as Uint8Array,
    'one link too many': folder(8_193, 12, 'n'),
    'sizes without links': unixfsOf(new Uint8Array(mib - 20).fill(0x20)),
    'unknown fields': unixfsOf(Uint8Array.from({ length: mib - 20 }, (_, i) => (i % 2 === 0 ? 0x78 : 1))),
    'one endless number': unixfsOf(new Uint8Array(mib - 20).fill(0x80)),
    'an unknown endless number': unixfsOf(new Uint8Array(mib - 20).fill(0x80).fill(0x78, 0, 1)),
    'empty links': Uint8Array.from({ length: mib }, (_, i) => (i % 2 === 0 ? 0x12 : 0)),
    'empty data': Uint8Array.from({ length: mib }, (_, i) => (i % 2 === 0 ? 0x0a : 0)),
    'a time of many fields': unixfsOf(
      Buffer.concat([
        Buffer.from([8, 1, 0x42, 0x80, 0xe0, 0x3f]),
        Buffer.alloc(1_044_480, Buffer.from([8, 1])),
      ]),
    ),
    zeros: new Uint8Array(mib),
    'inline bytes': unixfsOf(new UnixFS({ type: 'file', data: bytes(mib - 40) }).marshal()),
  }
}

test('the heaviest nodes of 1 MiB are decoded or refused in under 5 ms', async () => {
  const figures: string[] = []
  for (const [name, block] of Object.entries(await heavyNodes())) {
    expect(block.byteLength).toBeLessThanOrEqual(1_048_576)
    let took = cpuOf(() => attempt(block), 20)
    // Another process may have the other half of the core for as long as that.
    for (let tries = 0; took >= CPU_LIMIT_MS && tries < 4; tries++) {
      took = Math.min(
        took,
        cpuOf(() => attempt(block), 100),
      )
    }
    figures.push(`${took.toFixed(2)} ms  ${attempt(block)}  ${block.byteLength} bytes  ${name}`)
    expect(took, name).toBeLessThan(CPU_LIMIT_MS)
  }
  if (process.env['SHOAL_FIGURES'] !== undefined) console.log(figures.join('\n'))
})
