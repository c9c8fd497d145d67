/** What the tests of the public format share: small shares in memory, the importer as the other side. */
import { importer, type ImportCandidate, type ImporterOptions } from 'ipfs-unixfs-importer'
import type { CID } from 'multiformats/cid'
import { sha256 } from '../../../src/content/cid.ts'
import { comparePaths, type Entry } from '../../../src/content/entry.ts'
import { buildUnixfs, type UnixfsDag } from '../../../src/content/unixfs/build.ts'
import type { HashLeaves } from '../../../src/content/unixfs/hash-leaves.ts'
import type { LeafRef } from '../../../src/content/unixfs/leaves.ts'
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
  return buildUnixfs(share.entries, leafByLeaf(share.hashLeaf), { preserve })
}

/** Hashes the leaves of a call one after the other. */
export function leafByLeaf(hash: Share['hashLeaf']): HashLeaves {
  return async (leaves) => {
    const digests: Uint8Array[] = []
    for (const leaf of leaves) digests.push(await hash(leaf))
    return Buffer.concat(digests)
  }
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
