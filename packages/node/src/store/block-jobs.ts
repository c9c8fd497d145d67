/**
 * What a worker thread does. Here: blocks on their way out, read -> seal -> hash; `write-block.ts` has the way in.
 * All of it is synchronous: on its own thread that is the fastest way to use a disk, and the main thread never
 * touches content.
 */
import { createHash } from 'node:crypto'
import { BlockSealer, PIECE_BYTES, type BlockBinding } from '../content/sealed/cipher.ts'
import { TAG_BYTES } from '../content/sealed/format.ts'
import { digestsEqual } from '../content/cid.ts'
import { isShoalError, systemCode } from '../errors.ts'
import { SegmentReader, SharedFolders, type Segment } from './segment-reader.ts'
import { runStagingJob, type StagingJob, type SurveyResult } from './staging-jobs.ts'
import {
  openPage,
  reclaimBlock,
  writeBlock,
  type OpenJob,
  type ReclaimJob,
  type WriteJob,
  type WriteResult,
} from './write-block.ts'

/** Reads a block's plaintext from the user's files, seals it if `binding` is given, and hashes it. */
export interface ReadJob {
  readonly type: 'read'
  readonly segments: readonly Segment[]
  /** Plaintext bytes; what the segments leave over is zeros. */
  readonly length: number
  readonly binding?: BlockBinding
  /** Give the bytes back, but only if they hash to this. Without it only the digest is computed. */
  readonly expected?: Uint8Array
}

export type ReadResult =
  | { readonly outcome: 'digest'; readonly digest: Uint8Array }
  | { readonly outcome: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The files no longer hold what was promised, or are gone: nothing is given out. */
  | { readonly outcome: 'changed' | 'gone' }

export type BlockJob = ReadJob | WriteJob | ReclaimJob | OpenJob | StagingJob
export type BlockResult = ReadResult | WriteResult | SurveyResult | boolean | undefined

/** Bytes read from a file at once. */
const READ_BYTES = 262_144

const chunk = new Uint8Array(READ_BYTES)

/** Runs one job. `transfer` is what moves to the caller's thread with the result. */
export function runJob(job: BlockJob): { result: BlockResult | Promise<void>; transfer?: ArrayBuffer[] } {
  switch (job.type) {
    case 'read': {
      using folders = new SharedFolders()
      const result = readBlock(job, folders)
      return result.outcome === 'bytes' ? { result, transfer: [result.bytes.buffer] } : { result }
    }
    case 'write':
      return { result: writeBlock(job) }
    case 'reclaim':
      return { result: reclaimBlock(job) }
    case 'open':
      return { result: openPage(job) }
    default:
      return { result: runStagingJob(job) }
  }
}

/** @param folders where the files lie, for all jobs that are done together */
export function readBlock(job: ReadJob, folders: SharedFolders): ReadResult {
  const wireBytes = job.length + (job.binding === undefined ? 0 : TAG_BYTES)
  const out = job.expected === undefined ? undefined : new Uint8Array(wireBytes)
  const sealer = job.binding === undefined ? undefined : new BlockSealer(job.binding)
  const hash = sealer === undefined ? createHash('sha256') : undefined
  let at = 0
  const source = new SegmentReader(job.segments, folders)
  try {
    while (at < job.length) {
      const plain = chunk.subarray(0, Math.min(READ_BYTES, job.length - at))
      source.readInto(plain)
      if (sealer === undefined) {
        hash?.update(plain)
        out?.set(plain, at)
      } else {
        sealChunk(sealer, plain, out, at)
      }
      at += plain.byteLength
    }
  } catch (error) {
    if (job.expected === undefined) throw systemCode(error) === undefined ? error : named(error, source.path)
    // What is served answers a peer with one word; only the owner's own pass needs the cause.
    if (isShoalError(error, 'ERR_SOURCE_CHANGED')) return { outcome: 'changed' }
    if (systemCode(error) !== undefined) return { outcome: 'gone' }
    throw error
  } finally {
    source.close()
    chunk.fill(0, 0, Math.min(READ_BYTES, job.length))
  }
  let digest: Uint8Array
  if (sealer === undefined) {
    digest = new Uint8Array((hash as ReturnType<typeof createHash>).digest())
  } else {
    const finished = sealer.finish()
    digest = finished.digest
    out?.set(finished.tag, at)
  }
  if (out === undefined || job.expected === undefined) return { outcome: 'digest', digest }
  if (digestsEqual(digest, job.expected)) return { outcome: 'bytes', bytes: out }
  // Other plaintext under a (key, nonce) that was used before must never leave this thread.
  out.fill(0)
  return { outcome: 'changed' }
}

/** Not every failed call says which file it was about. */
function named(error: unknown, path: string | undefined): unknown {
  return Object.assign(error as Error, { path })
}

function sealChunk(sealer: BlockSealer, plain: Uint8Array, out: Uint8Array | undefined, at: number): void {
  for (let from = 0; from < plain.byteLength; from += PIECE_BYTES) {
    const sealed = sealer.update(plain.subarray(from, from + PIECE_BYTES))
    out?.set(sealed, at + from)
  }
}
