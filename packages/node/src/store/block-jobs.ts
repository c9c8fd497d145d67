/**
 * What a worker thread does with blocks: read -> seal -> hash on the way out, hash -> open -> write on the way in.
 * All of it is synchronous: on its own thread that is the fastest way to use a disk, and the main thread never
 * touches content.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { BlockSealer, PIECE_BYTES, openBlock, type BlockBinding } from '../content/sealed/cipher.ts'
import { TAG_BYTES } from '../content/sealed/format.ts'
import { cidOf, digestsEqual, sha256, type Codec } from '../content/cid.ts'
import { leafContent } from '../content/unixfs/leaf-content.ts'
import { MAX_BLOCK_BYTES } from '../content/limits.ts'
import { ShoalError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'

/** A run of bytes in one file. */
export interface Segment {
  readonly path: string
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
}

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

/** Verifies a received block, opens it if sealed, and writes it to its final place. */
export interface WriteJob {
  readonly type: 'write'
  readonly bytes: Uint8Array
  readonly expected: Uint8Array
  readonly binding?: BlockBinding
  /** A leaf of public content: its codec and the bytes of the file in it. */
  readonly leaf?: { readonly codec: number; readonly length: number }
  /** Destinations in the order of the plaintext; what they leave over is padding. */
  readonly segments: readonly Segment[]
}

/** Verifies a block that is needed in memory, a page of the manifest, and opens it in place. */
export interface OpenJob {
  readonly type: 'open'
  /** In shared memory: where the plaintext is afterwards, 16 bytes shorter. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  readonly expected: Uint8Array
  readonly binding: BlockBinding
}

export interface FinishedFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs?: number
  readonly executable?: boolean
}

/** Gives whole files their size, times and mode and syncs them to the disk. */
export interface FinishJob {
  readonly type: 'finish'
  readonly files: readonly FinishedFile[]
}

export type BlockJob = ReadJob | WriteJob | OpenJob | FinishJob
/** Of a block that came in: does it hash to what was promised? False: the sender lied. */
export type Verified = boolean
export type BlockResult = ReadResult | Verified | undefined

const FILE_MODE = 0o644
const EXECUTABLE_MODE = 0o755
// Windows has no O_NOFOLLOW; links are refused there when the destination is judged.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** Bytes read from a file at once. */
const READ_BYTES = 262_144

const chunk = new Uint8Array(READ_BYTES)
const opened = new Uint8Array(MAX_BLOCK_BYTES)

/** Runs one job. `transfer` is what moves to the caller's thread with the result. */
export function runJob(job: BlockJob): { result: BlockResult; transfer?: ArrayBuffer[] } {
  switch (job.type) {
    case 'read': {
      const result = readBlock(job)
      return result.outcome === 'bytes' ? { result, transfer: [result.bytes.buffer] } : { result }
    }
    case 'write':
      return { result: writeBlock(job) }
    case 'open':
      return { result: openPage(job) }
    case 'finish':
      finishFiles(job)
      return { result: undefined }
  }
}

function readBlock(job: ReadJob): ReadResult {
  const wireBytes = job.length + (job.binding === undefined ? 0 : TAG_BYTES)
  const out = job.expected === undefined ? undefined : new Uint8Array(wireBytes)
  const sealer = job.binding === undefined ? undefined : new BlockSealer(job.binding)
  const hash = sealer === undefined ? createHash('sha256') : undefined
  let at = 0
  const source = new SegmentReader(job.segments)
  try {
    while (at < job.length) {
      const plain = chunk.subarray(0, Math.min(READ_BYTES, job.length - at))
      source.fill(plain)
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
    if (error instanceof ChangedError) return { outcome: 'changed' }
    if (systemCode(error) !== undefined) return { outcome: 'gone' }
    throw error
  } finally {
    source.close()
    chunk.fill(0)
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

/** A file ended before the bytes that were promised. */
class ChangedError extends ShoalError {
  constructor(path: string) {
    super('ERR_SOURCE_CHANGED', `${escapeForDisplay(path)} was changed while it was read`)
  }
}

/** Reads a list of segments as one stream; zeros follow the last. */
class SegmentReader {
  readonly #segments: readonly Segment[]
  #index = 0
  #done = 0
  #fd: number | undefined

  constructor(segments: readonly Segment[]) {
    this.#segments = segments
  }

  /** The file that is being read. */
  get path(): string | undefined {
    return this.#segments[this.#index]?.path
  }

  fill(target: Uint8Array): void {
    let filled = 0
    while (filled < target.byteLength) {
      const segment = this.#segments[this.#index]
      if (segment === undefined) {
        target.fill(0, filled)
        return
      }
      const wanted = Math.min(segment.length - this.#done, target.byteLength - filled)
      if (wanted > 0) {
        this.#fd ??= openRegular(segment.path)
        const read = readSync(this.#fd, target, filled, wanted, segment.offset + this.#done)
        if (read === 0) throw new ChangedError(segment.path)
        filled += read
        this.#done += read
      }
      if (this.#done === segment.length) {
        this.close()
        this.#index++
        this.#done = 0
      }
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}

/** Opens a file for reading and refuses what is none: a pipe put in its place would block the thread for ever. */
function openRegular(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw new ChangedError(path)
}

function writeBlock(job: WriteJob): Verified {
  if (!digestsEqual(sha256(job.bytes), job.expected)) return false
  const plain = contentOf(job)
  let from = 0
  for (const segment of job.segments) {
    const fd = openSync(segment.path, constants.O_WRONLY | constants.O_CREAT | NO_FOLLOW, FILE_MODE)
    try {
      writeAll(fd, plain.subarray(from, from + segment.length), segment.offset)
    } finally {
      closeSync(fd)
    }
    from += segment.length
  }
  if (job.binding !== undefined) assertZero(plain, from)
  return true
}

/** The bytes that belong into files, of a block that was verified. */
function contentOf(job: WriteJob): Uint8Array {
  if (job.binding !== undefined) return openBlock(job.binding, job.bytes, opened)
  if (job.leaf === undefined) return job.bytes
  return leafContent(cidOf(job.leaf.codec as Codec, job.expected), job.bytes, job.leaf.length)
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  let done = 0
  while (done < bytes.byteLength) {
    done += writeSync(fd, bytes, done, bytes.byteLength - done, offset + done)
  }
}

/** Padding is zeros: anything else would be a second content under the same root. */
function assertZero(plain: Uint8Array, from: number): void {
  for (let i = from; i < plain.byteLength; i++) {
    if (plain[i] !== 0) {
      throw new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed: it holds more than its files')
    }
  }
}

function openPage(job: OpenJob): Verified {
  if (!digestsEqual(sha256(job.bytes), job.expected)) return false
  openBlock(job.binding, job.bytes, job.bytes)
  return true
}

function finishFiles(job: FinishJob): void {
  for (const file of job.files) {
    const mode = file.executable === true ? EXECUTABLE_MODE : FILE_MODE
    const fd = openSync(file.path, constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, mode)
    try {
      // An empty file has no block that would have created it.
      if (file.size === 0) ftruncateSync(fd, 0)
      fchmodSync(fd, mode)
      if (file.mtimeMs !== undefined) {
        const seconds = file.mtimeMs / 1_000
        futimesSync(fd, seconds, seconds)
      }
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}
