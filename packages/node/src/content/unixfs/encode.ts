/** Writes the nodes of profile `unixfs-v1-2025`. */
import { encode, type PBLink } from '@ipld/dag-pb'
import { UnixFS, type Mtime } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import type { Entry } from '../entry.ts'
import { cidOf, DAG_PB, sha256 } from '../cid.ts'
import { SHARD_FANOUT } from './limits.ts'

const CID_BYTES = 36
const MURMUR3_X64_64 = 0x22n

/** What UnixFS 1.5 keeps of an entry; empty unless metadata is preserved. */
export interface Metadata {
  mtime?: Mtime
  mode?: number
}

/** A link as its parent stores it. */
export interface Child {
  readonly name: string
  readonly cid: CID
  /** Bytes of the block and of all that it links to, each position counted. */
  readonly tsize: number
}

/** A node just written. */
export interface Written {
  readonly cid: CID
  readonly block: Uint8Array
  readonly tsize: number
}

export function metadataOf(entry: Entry): Metadata {
  const metadata: Metadata = {}
  if (entry.mtimeMs !== undefined) {
    const seconds = Math.floor(entry.mtimeMs / 1000)
    const nanoseconds = (entry.mtimeMs - seconds * 1000) * 1_000_000
    // UnixFS 1.5 leaves a fraction of zero out.
    metadata.mtime =
      nanoseconds === 0 ? { secs: BigInt(seconds) } : { secs: BigInt(seconds), nsecs: nanoseconds }
  }
  // 0644 is the default of a file and is not written.
  if (entry.kind === 'file' && entry.executable === true) metadata.mode = 0o755
  return metadata
}

export function hasMetadata(metadata: Metadata): boolean {
  return metadata.mtime !== undefined || metadata.mode !== undefined
}

/** A file node; `sizes` are the content bytes below each child. Without children it is an empty file's leaf. */
export function writeFile(children: readonly Child[], sizes: readonly number[], metadata: Metadata): Written {
  const data = new UnixFS({ type: 'file', blockSizes: sizes.map(BigInt), ...metadata })
  return write(children, data)
}

/** A folder in one block; the children must be sorted by name. */
export function writeFolder(children: readonly Child[], metadata: Metadata): Written {
  return write(children, new UnixFS({ type: 'directory', ...metadata }))
}

/** A shard; the children must be sorted by bucket, their names with the prefix already before them. */
export function writeShard(
  children: readonly Child[],
  buckets: readonly number[],
  metadata: Metadata,
): Written {
  const bits = new Uint8Array(SHARD_FANOUT / 8)
  for (const bucket of buckets) bits[bits.length - 1 - (bucket >>> 3)]! |= 1 << (bucket & 7)
  // The bit field is one big-endian number, so leading zeros are left out.
  const data = bits.subarray(bits.findIndex((byte) => byte !== 0))
  return write(
    children,
    new UnixFS({
      type: 'hamt-sharded-directory',
      data,
      fanout: BigInt(SHARD_FANOUT),
      hashType: MURMUR3_X64_64,
      ...metadata,
    }),
  )
}

/** Bytes of the block that `writeFolder` would make, without making it. */
export class FolderSize {
  bytes: number

  constructor(metadata: Metadata) {
    const data = new UnixFS({ type: 'directory', ...metadata }).marshal().byteLength
    this.bytes = 1 + varintBytes(data) + data
  }

  add(name: string, tsize: number): void {
    const nameBytes = Buffer.byteLength(name)
    const link = 2 + CID_BYTES + 1 + varintBytes(nameBytes) + nameBytes + 1 + varintBytes(tsize)
    this.bytes += 1 + varintBytes(link) + link
  }
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}

function write(children: readonly Child[], data: UnixFS): Written {
  let tsize = 0
  const links: PBLink[] = children.map((child) => {
    tsize += child.tsize
    return { Hash: child.cid, Name: child.name, Tsize: child.tsize }
  })
  const block = encode({ Data: data.marshal(), Links: links })
  return { cid: cidOf(DAG_PB, sha256(block)), block, tsize: tsize + block.byteLength }
}
