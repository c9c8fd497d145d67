/** Opens a public share from a peer: walks the UnixFS nodes and numbers the leaves. */
import type { CID } from 'multiformats/cid'
import { RAW } from '../content/cid.ts'
import type { Entry } from '../content/entry.ts'
import type { PublicLeaves } from '../content/unixfs/leaves.ts'
import { walkUnixfs } from '../content/unixfs/walk.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import { hashesTo } from '../store/held-blocks.ts'
import type { Staging } from '../store/staging.ts'
import type { FetchPlan } from './fetch-plan.ts'
import type { PlanReader } from './plan-reader.ts'

/** @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME */
export async function openPublic(root: CID, reader: PlanReader, workers: BlockWorkers): Promise<FetchPlan> {
  let rootBytes: Uint8Array | undefined
  const { entries, leaves } = await walkUnixfs(root, async (cids) => {
    const nodes = await reader.getNodes(cids)
    if (cids[0]?.equals(root) === true) rootBytes = nodes[0]
    return nodes
  })
  // A root that is a leaf is here already: it had to be got to know how long it is.
  const here = root.code === RAW && rootBytes !== undefined ? new Map([[0, rootBytes]]) : new Map()
  const bytes = entries.reduce((sum, entry) => sum + entry.size, 0)
  return {
    name: undefined,
    kind: entries[0]?.path === '' ? 'file' : 'folder',
    entries,
    bytes,
    here,
    needed: () => numbers(leaves.count, here),
    contentBytes: (block) => leaves.refOf(block).length,
    sinkFor: (staging) => new PublicSink(leaves, entries, staging, workers),
    verifyPadding: async () => {},
  }
}

class PublicSink implements BlockSink {
  readonly #leaves: PublicLeaves
  readonly #entries: readonly Entry[]
  readonly #staging: Staging
  readonly #workers: BlockWorkers

  constructor(leaves: PublicLeaves, entries: readonly Entry[], staging: Staging, workers: BlockWorkers) {
    this.#leaves = leaves
    this.#entries = entries
    this.#staging = staging
    this.#workers = workers
  }

  holds(block: number): Promise<boolean> {
    const cid = this.#leaves.cidOf(block)
    // Of a dag-pb leaf only the content lies in the file, and not the node around it.
    if (cid.code !== RAW) return Promise.resolve(false)
    const { file, offset, length } = this.#leaves.refOf(block)
    const path = this.#staging.pathOf(this.#entries[file] as Entry)
    return hashesTo(cid.multihash.digest, this.#workers, { segments: [{ path, offset, length }], length })
  }

  lengthOf(): undefined {
    // A parent only claims how long its leaves are; the hash tells.
    return undefined
  }

  accept(block: number, bytes: Uint8Array): Promise<boolean> {
    const cid = this.#leaves.cidOf(block)
    const { file, offset, length } = this.#leaves.refOf(block)
    return this.#workers.write({
      bytes,
      expected: cid.multihash.digest.slice(),
      leaf: { codec: cid.code, length },
      segments: [{ path: this.#staging.pathOf(this.#entries[file] as Entry), offset, length }],
    })
  }
}

function* numbers(count: number, without: ReadonlyMap<number, unknown>): Generator<number> {
  for (let i = 0; i < count; i++) if (!without.has(i)) yield i
}
