/** Nodes of public content made by hand, right or wrong, and what answers a walk with them. */
import { encode, type PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { cidOf, DAG_PB, RAW, sha256 } from '../../src/content/cid.ts'
import type { GetNodes } from '../../src/content/unixfs/graph.ts'
import { bucketAt, shardHash } from '../../src/content/unixfs/shard-hash.ts'

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

/** `make` of a child that itself is made so, this many times. */
export function nest(depth: number, inner: CID, make: (child: CID) => CID): CID {
  let cid = inner
  for (let i = 0; i < depth; i++) cid = make(cid)
  return cid
}

export function varint(value: bigint): number[] {
  const out: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80)
  return [...out, Number(rest)]
}

/** A field of a protobuf message that holds a number. */
export const field = (number: number, value: number | bigint): number[] => [
  number * 8,
  ...varint(BigInt(value)),
]

/** A field of a protobuf message that holds bytes. */
export const bytesField = (number: number, value: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([number * 8 + 2, ...varint(BigInt(value.byteLength))]), value])

/** One link of a dag-pb node, its name as bytes. */
export const linkBytes = (cid: CID, name: Uint8Array, tsize = 1): Uint8Array =>
  bytesField(
    2,
    Buffer.concat([bytesField(1, cid.bytes), bytesField(2, name), Uint8Array.from(field(3, tsize))]),
  )

/** The bucket of a name in a shard of 256, as its prefix. */
export function bucketPrefix(name: string, level = 0): string {
  return hex(bucketAt(shardHash(name), level, 8))
}

function hex(bucket: number): string {
  return bucket.toString(16).toUpperCase().padStart(2, '0')
}

/** A prefix at which the name does not belong. */
export function otherPrefix(name: string): string {
  return hex((bucketAt(shardHash(name), 0, 8) + 1) % 256)
}
