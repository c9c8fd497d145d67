/** Opens a public share from a peer: walks the UnixFS nodes and numbers the leaves. */
import type { CID } from 'multiformats/cid'
import { RAW } from '../../content/cid.ts'
import type { PublicLeaves } from '../../content/unixfs/leaves.ts'
import { walkUnixfs } from '../../content/unixfs/walk.ts'
import type { ContentBlocks } from '../../store/content-blocks.ts'
import type { FetchPlan } from './fetch-plan.ts'
import { NodeKeeper, knownPublic } from './known-public.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'

/** @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME */
export async function openPublic(root: CID, name: string, reader: PlanReader): Promise<FetchPlan> {
  const kept = new NodeKeeper()
  let rootBytes: Uint8Array | undefined
  const { entries, leaves } = await walkUnixfs(root, async (cids) => {
    const nodes = await reader.getNodes(cids)
    if (cids[0]?.equals(root) === true) rootBytes = nodes[0]
    for (const [i, cid] of cids.entries()) if (cid.code !== RAW) kept.keep(cid, nodes[i] as Uint8Array)
    return nodes
  })
  // A root that is a leaf is here already: it had to be got to know how long it is.
  const here = root.code === RAW && rootBytes !== undefined ? new Map([[0, rootBytes]]) : new Map()
  return {
    name,
    kind: entries[0]?.path === '' ? 'file' : 'folder',
    entries,
    blocks: blocksOf(leaves),
    total: leaves.count,
    known: knownPublic({ root, entries, leaves, nodes: kept }),
    here,
    verifyPadding: async () => {},
  }
}

function blocksOf(leaves: PublicLeaves): ContentBlocks {
  return {
    count: leaves.count,
    piecesOf: (block) => {
      const { file, offset, length } = leaves.refOf(block)
      return [{ entry: file, offset, length }]
    },
    blocksOf: (entry) => leaves.spanOf(entry),
    checkOf: (block) => {
      const cid = leaves.cidOf(block)
      const { length } = leaves.refOf(block)
      return { expected: cid.multihash.digest.slice(), leaf: { codec: cid.code, length } }
    },
    // Of a dag-pb leaf only the content lies in the file, and not the node around it.
    plainLengthOf: (block) => (leaves.cidOf(block).code === RAW ? leaves.refOf(block).length : undefined),
    // A parent only claims how long its leaves are; the hash tells.
    lengthOf: () => undefined,
    sizeOf: (block) => leaves.refOf(block).length,
  }
}
