/**
 * Hashes many small files in one job: to hand a job to a thread and its result back costs more than to read and hash
 * 16 KiB.
 */
import { DIGEST_BYTES } from '../content/cid.ts'
import { readBlock } from './block-jobs.ts'
import { SharedFolders, type Segment } from './segment-reader.ts'

export interface HashJob {
  readonly type: 'hash'
  readonly segments: readonly Segment[]
}

/** The sha2-256 digests of the segments, each by itself, 32 bytes each and in their order. */
export function hashSegments(job: HashJob): Uint8Array {
  const digests = new Uint8Array(job.segments.length * DIGEST_BYTES)
  using folders = new SharedFolders()
  for (const [i, segment] of job.segments.entries()) {
    const result = readBlock({ type: 'read', segments: [segment], length: segment.length }, folders)
    if (result.outcome === 'digest') digests.set(result.digest, i * DIGEST_BYTES)
  }
  return digests
}
