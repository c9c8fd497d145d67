/** Blocks on their way in, on a worker thread: hash -> open -> write, and the same again for what is already on the disk. */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { cidOf, digestsEqual, sha256, type Codec } from '../content/cid.ts'
import { MAX_BLOCK_BYTES } from '../content/limits.ts'
import { BlockSealer, PIECE_BYTES, openBlock, type BlockBinding } from '../content/sealed/cipher.ts'
import { leafContent } from '../content/unixfs/leaf-content.ts'
import { ShoalError, systemCode } from '../errors.ts'
import { NO_FOLLOW, Within, type Anchor } from './anchor.ts'
import type { BlockCheck } from './content-blocks.ts'

/** Where a run of a block's bytes belongs. */
export interface Place {
  readonly within: Anchor
  readonly path: string
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
  /** The file is somebody's own: it is compared with the block, and never written. */
  readonly isKept?: boolean
}

/** Verifies a received block, opens it if sealed, and writes it to its final places. */
export interface WriteJob extends BlockCheck {
  readonly type: 'write'
  readonly bytes: Uint8Array
  /** In the order of the plaintext; what they leave over is padding. */
  readonly places: readonly Place[]
}

export type WriteResult =
  | { readonly isVerified: false }
  /** `differing`: indexes of the places whose kept file holds other bytes. */
  | { readonly isVerified: true; readonly differing: readonly number[] }

/**
 * Puts a block together from where it would have been written. If it is what was promised, it is written again: after
 * a failed sync the system may have bytes in memory that it no longer means to write.
 */
export interface ReclaimJob extends BlockCheck {
  readonly type: 'reclaim'
  /** Plaintext bytes; what the places leave over is zeros. */
  readonly length: number
  readonly places: readonly Place[]
}

/** Verifies a block that is needed in memory, a page of the manifest, and opens it in place. */
export interface OpenJob {
  readonly type: 'open'
  /** In shared memory: where the plaintext is afterwards, 16 bytes shorter. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  readonly expected: Uint8Array
  readonly binding: BlockBinding
}

const FILE_MODE = 0o644

const opened = new Uint8Array(MAX_BLOCK_BYTES)
const compared = new Uint8Array(MAX_BLOCK_BYTES)

export function writeBlock(job: WriteJob): WriteResult {
  if (!digestsEqual(sha256(job.bytes), job.expected)) return { isVerified: false }
  const plain = contentOf(job)
  using access = new Access()
  const differing: number[] = []
  let from = 0
  for (const [i, place] of job.places.entries()) {
    const bytes = plain.subarray(from, from + place.length)
    if (place.isKept !== true) access.write(place, bytes)
    else if (!access.holds(place, bytes)) differing.push(i)
    from += place.length
  }
  if (job.binding !== undefined) assertZero(plain, from)
  return { isVerified: true, differing }
}

/** Is the block on the disk? */
export function reclaimBlock(job: ReclaimJob): boolean {
  using access = new Access()
  const plain = opened.subarray(0, job.length)
  let at = 0
  for (const place of job.places) {
    if (!access.read(place, plain.subarray(at, at + place.length))) return false
    at += place.length
  }
  plain.fill(0, at)
  if (!digestsEqual(digestOf(plain, job.binding), job.expected)) return false
  at = 0
  for (const place of job.places) {
    if (place.isKept !== true) access.write(place, plain.subarray(at, at + place.length))
    at += place.length
  }
  return true
}

export function openPage(job: OpenJob): boolean {
  if (!digestsEqual(sha256(job.bytes), job.expected)) return false
  openBlock(job.binding, job.bytes, job.bytes)
  return true
}

/** Opens files of one job, with the folders on the way to them held open. */
class Access {
  readonly #anchors = new Map<number | undefined, Within>()

  write(place: Place, bytes: Uint8Array): void {
    const fd = openSync(this.#at(place), constants.O_WRONLY | constants.O_CREAT | NO_FOLLOW, FILE_MODE)
    try {
      let done = 0
      while (done < bytes.byteLength) {
        done += writeSync(fd, bytes, done, bytes.byteLength - done, place.offset + done)
      }
    } finally {
      closeSync(fd)
    }
  }

  /** Fills `target` from a file. False: there is none, or it is shorter. */
  read(place: Place, target: Uint8Array): boolean {
    let fd: number
    try {
      fd = openSync(this.#at(place), constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0))
    } catch (error) {
      if (isNoFile(error)) return false
      throw error
    }
    try {
      let done = 0
      while (done < target.byteLength) {
        const read = readSync(fd, target, done, target.byteLength - done, place.offset + done)
        if (read === 0) return false
        done += read
      }
      return true
    } finally {
      closeSync(fd)
    }
  }

  holds(place: Place, bytes: Uint8Array): boolean {
    const there = compared.subarray(0, bytes.byteLength)
    return this.read(place, there) && Buffer.compare(there, bytes) === 0
  }

  #at({ within, path }: Place): string {
    let folders = this.#anchors.get(within.fd)
    if (folders === undefined) {
      folders = new Within(within)
      this.#anchors.set(within.fd, folders)
    }
    return folders.at(path)
  }

  [Symbol.dispose](): void {
    for (const folders of this.#anchors.values()) folders[Symbol.dispose]()
  }
}

function isNoFile(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EISDIR'
}

/** The bytes that belong into files, of a block that was verified. */
function contentOf(job: WriteJob): Uint8Array {
  if (job.binding !== undefined) return openBlock(job.binding, job.bytes, opened)
  if (job.leaf === undefined) return job.bytes
  return leafContent(cidOf(job.leaf.codec as Codec, job.expected), job.bytes, job.leaf.length)
}

function digestOf(plain: Uint8Array, binding: BlockBinding | undefined): Uint8Array {
  if (binding === undefined) return new Uint8Array(createHash('sha256').update(plain).digest())
  const sealer = new BlockSealer(binding)
  for (let from = 0; from < plain.byteLength; from += PIECE_BYTES) {
    sealer.update(plain.subarray(from, from + PIECE_BYTES))
  }
  return sealer.finish().digest
}

/** Padding is zeros: anything else would be a second content under the same root. */
function assertZero(plain: Uint8Array, from: number): void {
  for (let i = from; i < plain.byteLength; i++) {
    if (plain[i] !== 0) {
      throw new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed: it holds more than its files')
    }
  }
}
