/** What a fetch of public content has in memory: the nodes above the leaves, within a bound. */
import type { CID } from 'multiformats/cid'
import { DIGEST_BYTES, RAW } from '../../content/cid.ts'
import type { Entry } from '../../content/entry.ts'
import type { PublicLeaves } from '../../content/unixfs/leaves.ts'
import { isShoalError } from '../../errors.ts'
import type { KnownContent } from '../../store/known-content.ts'
import { LeafNumbers } from '../../store/leaf-numbers.ts'
import { restorePublic } from '../../store/publishing.ts'
import type { SharePlan } from '../../store/share-plan.ts'
import type { WalkedEntry } from '../../store/walk-facts.ts'
import { MAX_KEPT_NODE_BYTES } from '../limits.ts'

/** Keeps nodes while they come, until they are too many; who asks for one that is not kept is told that it is missing. */
export class NodeKeeper {
  readonly #nodes = new Map<string, Uint8Array>()
  #bytes = 0

  keep(cid: CID, bytes: Uint8Array): void {
    const key = cid.toString()
    if (this.#nodes.has(key) || this.#bytes + bytes.byteLength > MAX_KEPT_NODE_BYTES) return
    this.#nodes.set(key, bytes)
    this.#bytes += bytes.byteLength
  }

  get(cid: CID): Uint8Array | undefined {
    return this.#nodes.get(cid.toString())
  }
}

export interface KnownPublicInit {
  readonly root: CID
  readonly entries: readonly Entry[]
  readonly leaves: PublicLeaves
  readonly nodes: NodeKeeper
}

export function knownPublic({ root, entries, leaves, nodes }: KnownPublicInit): KnownContent {
  const numbers = new LeafNumbers(leaves)
  /** A leaf that is a node holds more than its file does, and has to be in memory. */
  const leafNode = (block: number): Uint8Array | undefined => {
    const cid = leaves.cidOf(block)
    return cid.code === RAW ? undefined : nodes.get(cid)
  }
  const preserve = entries.some(
    ({ mtimeMs, executable }) => mtimeMs !== undefined || executable !== undefined,
  )
  return {
    root,
    preserve,
    total: leaves.count,
    nodeOf: (cid) => nodes.get(cid),
    numberOf: (cid) => numbers.of(cid),
    isInMemory: (block) => leafNode(block) !== undefined,
    make: async (block) => {
      const bytes = leafNode(block)
      return bytes === undefined ? { outcome: 'missing' } : { outcome: 'bytes', bytes }
    },
    planOf: (walked) => planOf(root, leaves, walked, preserve),
  }
}

function planOf(
  root: CID,
  leaves: PublicLeaves,
  entries: readonly WalkedEntry[],
  preserve: boolean,
): SharePlan | undefined {
  try {
    const plan = restorePublic(entries, digestsByEntry(entries, leaves), preserve)
    return plan.root.equals(root) ? { form: 'public', ...plan } : undefined
  } catch (error) {
    // Leaves of another size are more or fewer.
    if (isShoalError(error)) return undefined
    throw error
  }
}

function digestsByEntry(entries: readonly Entry[], leaves: PublicLeaves): Uint8Array {
  const digests = new Uint8Array(leaves.count * DIGEST_BYTES)
  let at = 0
  for (const [i, { kind }] of entries.entries()) {
    if (kind === 'folder') continue
    const { first, count } = leaves.spanOf(i)
    for (let leaf = first; leaf < first + count; leaf++, at += DIGEST_BYTES) {
      digests.set(leaves.digestOf(leaf), at)
    }
  }
  return digests
}
