/** The public pass: walk -> read -> hash, and the UnixFS nodes above the leaves. Nothing is copied. */
import { buildUnixfs, type UnixfsDag } from '../content/unixfs/build.ts'
import { ShoalError } from '../errors.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { Walk, WalkedEntry } from './walk.ts'

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
    async ({ file, offset, length }) => {
      const { source } = entries[file] as WalkedEntry
      const result = await workers.read({ segments: [{ path: source, offset, length }], length })
      if (result.outcome !== 'digest')
        throw new ShoalError('ERR_INTERNAL', 'a block was read without a digest')
      bytes += length
      onProgress?.(bytes)
      return result.digest
    },
    { preserve, concurrency: workers.concurrency, ...(signal === undefined ? {} : { signal }) },
  )
  return { ...dag, entries }
}
