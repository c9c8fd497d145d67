/** What the tests of the public format share: small shares in memory, the importer as the other side, hand-made nodes. */
import { encode, type PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { importer, type ImportCandidate, type ImporterOptions } from 'ipfs-unixfs-importer'
import { CID } from 'multiformats/cid'
import { cidOf, DAG_PB, RAW, sha256 } from '../../../src/content/cid.ts'
import { comparePaths, type Entry } from '../../../src/content/entry.ts'
import { buildUnixfs, type UnixfsDag } from '../../../src/content/unixfs/build.ts'
import type { LeafRef } from '../../../src/content/unixfs/leaves.ts'
import type { GetNodes } from '../../../src/content/unixfs/graph.ts'
import { isShoalError } from '../../../src/errors.ts'

/** Paths to bytes; `null` is a folder. Folders above files need not be named. */
export type Tree = Record<string, Uint8Array | null>

export interface Share {
  entries: Entry[]
  hashLeaf: (leaf: LeafRef) => Promise<Uint8Array>
  bytesOf: (leaf: LeafRef) => Uint8Array
}

export function shareOf(tree: Tree, metadata: (path: string) => Partial<Entry> = () => ({})): Share {
  const paths = new Map(Object.entries(tree))
  for (const path of Object.keys(tree)) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      if (!paths.has(path.slice(0, at))) paths.set(path.slice(0, at), null)
    }
  }
  const sorted = [...paths].sort(([a], [b]) => comparePaths(a, b))
  const entries = sorted.map(([path, content]): Entry =>
    content === null
      ? { path, kind: 'folder', size: 0, ...metadata(path) }
      : { path, kind: 'file', size: content.byteLength, ...metadata(path) },
  )
  const bytesOf = ({ file, offset, length }: LeafRef): Uint8Array =>
    (sorted[file] as [string, Uint8Array])[1].subarray(offset, offset + length)
  return { entries, bytesOf, hashLeaf: async (leaf) => sha256(bytesOf(leaf)) }
}

export async function build(share: Share, preserve = false): Promise<UnixfsDag> {
  return buildUnixfs(share.entries, share.hashLeaf, { preserve })
}

export interface Imported {
  root: CID
  blocks: Map<string, Uint8Array>
}

export const PROFILE: ImporterOptions = { profile: 'unixfs-v1-2025' }

/** Imports with a copy of the options, because the importer writes into them. */
export async function importAll(
  source: Iterable<ImportCandidate>,
  options: ImporterOptions,
): Promise<Imported> {
  const blocks = new Map<string, Uint8Array>()
  const store = {
    put: (cid: CID, block: Uint8Array): CID => {
      blocks.set(cid.toString(), block)
      return cid
    },
  }
  let root: CID | undefined
  for await (const entry of importer(source, store, { ...options })) root = entry.cid
  return { root: root as CID, blocks }
}

export async function importTree(tree: Tree, options: ImporterOptions = PROFILE): Promise<Imported> {
  const share = shareOf(tree)
  const source = share.entries.map(({ path }) => {
    const content = tree[path]
    return content === undefined || content === null ? { path } : { path, content }
  })
  return importAll(source, { ...options, wrapWithDirectory: true })
}

export async function importFile(content: Uint8Array, options: ImporterOptions = PROFILE): Promise<Imported> {
  return importAll([{ content }], options)
}

/** Keys by digest, so that a block is found whichever version of its CID is asked for. */
export function getterOf(
  blocks: ReadonlyMap<string, Uint8Array>,
): GetNodes & { asked: CID[]; calls: number } {
  const byDigest = new Map<string, Uint8Array>()
  for (const [cid, block] of blocks) byDigest.set(digestKey(CID.parse(cid)), block)
  const get = async (cids: readonly CID[]): Promise<Uint8Array[]> => {
    get.calls++
    get.asked.push(...cids)
    return cids.map((cid) => {
      const block = byDigest.get(digestKey(cid))
      if (block === undefined) throw new Error(`no block ${cid.toString()}`)
      return block
    })
  }
  get.asked = [] as CID[]
  get.calls = 0
  return get
}

function digestKey(cid: CID): string {
  return Buffer.from(cid.multihash.digest).toString('hex')
}

/** Nodes made by hand; each is kept under its CID. */
export class Forge {
  readonly blocks: Map<string, Uint8Array> = new Map()

  keep(block: Uint8Array): CID {
    const cid = cidOf(DAG_PB, sha256(block))
    this.blocks.set(cid.toString(), block)
    return cid
  }

  /** Links stay in the order given, unlike with the dag-pb library's `prepare`. */
  node(data: Uint8Array, links: PBLink[] = []): CID {
    return this.keep(encode({ Data: data, Links: links }))
  }

  file(sizes: number[], links: CID[], extra: Partial<UnixFS> = {}): CID {
    const data = Object.assign(new UnixFS({ type: 'file', blockSizes: sizes.map(BigInt) }), extra)
    return this.node(
      data.marshal(),
      links.map((Hash) => ({ Hash, Name: '', Tsize: 1 })),
    )
  }

  folder(children: [string, CID, number?][]): CID {
    return this.node(
      new UnixFS({ type: 'directory' }).marshal(),
      children.map(([Name, Hash, Tsize = 1]) => ({ Hash, Name, Tsize })),
    )
  }

  shard(
    children: [string, CID][],
    over: { fanout?: number; hashType?: number; bits?: Uint8Array } = {},
  ): CID {
    const fanout = over.fanout ?? 256
    const digits = (fanout - 1).toString(16).length
    const bits = new Uint8Array(fanout / 8)
    for (const [name] of children) {
      const bucket = Number.parseInt(name.slice(0, digits), 16)
      if (bucket < fanout) bits[bits.length - 1 - (bucket >>> 3)]! |= 1 << (bucket & 7)
    }
    const data = new UnixFS({
      type: 'hamt-sharded-directory',
      data: over.bits ?? bits,
      fanout: BigInt(fanout),
      hashType: BigInt(over.hashType ?? 0x22),
    })
    return this.node(
      data.marshal(),
      children.map(([Name, Hash]) => ({ Hash, Name, Tsize: 1 })),
    )
  }

  get getter(): GetNodes & { asked: CID[]; calls: number } {
    return getterOf(this.blocks)
  }
}

export function raw(seed: string): CID {
  return cidOf(RAW, sha256(Buffer.from(seed)))
}

/** The code of the ShoalError that the promise rejects with, or what else happened. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'accepted'
  } catch (error) {
    return isShoalError(error) ? error.code : String(error)
  }
}

/** Bytes that differ along their whole length and between seeds. */
export function bytes(length: number, seed = 1): Uint8Array {
  const out = new Uint8Array(length)
  let state = seed * 2654435761
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = state >>> 24
  }
  return out
}

/** `make` of a child that itself is made so, this many times. */
export function nest(depth: number, inner: CID, make: (child: CID) => CID): CID {
  let cid = inner
  for (let i = 0; i < depth; i++) cid = make(cid)
  return cid
}
