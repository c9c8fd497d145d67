/** Follows a path from a public root, so that only the nodes on its way have to be got. */
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { DIGEST_BYTES, RAW, cidOf, type Codec } from '../cid.ts'
import { invalid } from './faults.ts'
import type { GetNodes } from './graph.ts'
import { decodeNode, type UnixfsNode } from './node.ts'
import { CID_V0 } from './node-links.ts'
import { bucketAt, maxShardLevels, shardHash } from './shard-hash.ts'

const SHA2_256 = 0x12

/**
 * The CID of what stands under `path` below `root`; undefined when there is no such entry.
 *
 * @param path names joined by `/`, not empty
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME; what `getNodes` throws
 */
export async function resolvePath(root: CID, path: string, getNodes: GetNodes): Promise<CID | undefined> {
  let cid: CID | undefined = root
  for (const name of path.split('/')) {
    // A raw block is a file, whatever stands behind it in the path; only shards have links without a name.
    if (cid.code === RAW || name === '') return undefined
    cid = await childOf(cid, name, getNodes)
    if (cid === undefined) return undefined
  }
  return cid
}

/** Whether a root is a single file. */
export async function isFileRoot(root: CID, getNodes: GetNodes): Promise<boolean> {
  return root.code === RAW || (await getNode(root, getNodes)).kind === 'file'
}

async function childOf(folder: CID, name: string, getNodes: GetNodes): Promise<CID | undefined> {
  let node = await getNode(folder, getNodes)
  if (node.kind === 'file') return undefined
  if (node.kind === 'folder') return linkOf(node, node.names.indexOf(name))
  const hash = shardHash(name)
  for (let level = 0; ; level++) {
    const bits = Math.log2(node.fanout)
    if (node.kind !== 'shard' || level >= maxShardLevels(bits)) throw invalid('a sharded folder is malformed')
    const at = node.buckets.indexOf(bucketAt(hash, level, bits))
    const found = linkOf(node, at)
    if (found === undefined || node.names[at] === name) return found
    if (node.names[at] !== '') return undefined
    node = await getNode(found, getNodes)
  }
}

async function getNode(cid: CID, getNodes: GetNodes): Promise<UnixfsNode> {
  const [block] = await getNodes([cid])
  return decodeNode(block as Uint8Array)
}

function linkOf(node: UnixfsNode, at: number): CID | undefined {
  return at < 0 ? undefined : linkAt(node, at)
}

/** Where link `at` of a node leads. */
export function linkAt(node: UnixfsNode, at: number): CID {
  const codec = node.codecs[at] as number
  const digest = node.digests.slice(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES)
  return codec === CID_V0 ? CID.createV0(Digest.create(SHA2_256, digest)) : cidOf(codec as Codec, digest)
}
