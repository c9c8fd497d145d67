/** The public pass: walk -> read -> hash, and the UnixFS nodes above the leaves. Nothing is copied. */
import { DIGEST_BYTES } from '../content/cid.ts'
import { buildUnixfs, rebuildUnixfs, type UnixfsDag } from '../content/unixfs/build.ts'
import type { ReadJob } from './block-jobs.ts'
import type { BlockWorkers } from './block-workers.ts'
import { segmentOf } from './segment-reader.ts'
import type { Walk, WalkedEntry } from './walk-facts.ts'

/** A finished pass: everything that is needed to serve the share from the files where they lie. */
export interface PublicPlan extends UnixfsDag {
  readonly entries: readonly WalkedEntry[]
}

export interface PublishOptions {
  /** Keep times and executable bits, which changes the root. */
  readonly preserve: boolean
  readonly workers: BlockWorkers
  /** Called with the content bytes that were hashed so far. */
  readonly onProgress?: (bytes: number) => void
  readonly signal?: AbortSignal
}

export async function publish(walked: Walk, options: PublishOptions): Promise<PublicPlan> {
  const { preserve, workers, onProgress, signal } = options
  const { entries } = walked
  let bytes = 0
  const dag = await buildUnixfs(
    entries,
    async (leaves) => {
      const segments = leaves.map((leaf) => segmentOf(entries[leaf.file] as WalkedEntry, leaf))
      const digests = await workers.hash({ segments })
      for (const { length } of leaves) bytes += length
      onProgress?.(bytes)
      return digests
    },
    { preserve, concurrency: workers.concurrency, ...(signal === undefined ? {} : { signal }) },
  )
  return { ...dag, entries }
}

/** How a leaf is read from its file. */
export function publicReadJob(
  { leaves, entries }: Pick<PublicPlan, 'leaves' | 'entries'>,
  block: number,
): Omit<ReadJob, 'type'> {
  const leaf = leaves.refOf(block)
  return { segments: [segmentOf(entries[leaf.file] as WalkedEntry, leaf)], length: leaf.length }
}

/** The plan of a pass that was finished before, without reading a file; `digests` as `entryDigests` gave them. */
export function restorePublic(
  entries: readonly WalkedEntry[],
  digests: Uint8Array,
  preserve: boolean,
): PublicPlan {
  return { ...rebuildUnixfs(entries, digests, preserve), entries }
}

/** The digests of all leaves in the order of the entries: with the entries all that a plan is made of. */
export function entryDigests({ entries, leaves }: PublicPlan): Uint8Array {
  const digests = new Uint8Array(leaves.digests.byteLength)
  let at = 0
  for (const [i, entry] of entries.entries()) {
    if (entry.kind === 'folder') continue
    const { first, count } = leaves.spanOf(i)
    digests.set(leaves.digests.subarray(first * DIGEST_BYTES, (first + count) * DIGEST_BYTES), at)
    at += count * DIGEST_BYTES
  }
  return digests
}
