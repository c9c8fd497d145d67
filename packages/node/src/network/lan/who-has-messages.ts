/**
 * The question and the answer of `/shoal/who-has/1.0.0`. One set of bytes has one reading, and every length follows from
 * the second byte, so that nothing is allocated on a peer's word. Written down in docs/protocol/discovery.md.
 */
import { ShoalError } from '../../errors.ts'
import { WHO_HAS_LIMITS } from './limits.ts'

const VERSION = 1
const DIGEST_BYTES = 32
const HEAD_BYTES = 2
const OK = 0
const BUSY = 1

/** Longest question and longest answer, in bytes. */
export const MAX_QUESTION_BYTES: number = HEAD_BYTES + WHO_HAS_LIMITS.maxDigests * DIGEST_BYTES
export const MAX_ANSWER_BYTES: number = HEAD_BYTES + WHO_HAS_LIMITS.maxDigests / 8

/** `version, count, count digests`. @param digests 1 to 64 of 32 bytes each */
export function encodeQuestion(digests: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + digests.length * DIGEST_BYTES)
  bytes[0] = VERSION
  bytes[1] = digests.length
  for (const [index, digest] of digests.entries()) bytes.set(digest, HEAD_BYTES + index * DIGEST_BYTES)
  return bytes
}

/** The digests of a question, as views. @throws ShoalError ERR_PROTOCOL */
export function decodeQuestion(bytes: Uint8Array): Uint8Array[] {
  const [version, count = 0] = bytes
  if (version !== VERSION) throw malformed('the question is of an unknown version')
  if (count < 1 || count > WHO_HAS_LIMITS.maxDigests) throw malformed('it asks for none, or for too much')
  if (bytes.byteLength !== HEAD_BYTES + count * DIGEST_BYTES)
    throw malformed('the question has another length')
  return Array.from({ length: count }, (_, index) => {
    const start = HEAD_BYTES + index * DIGEST_BYTES
    return bytes.subarray(start, start + DIGEST_BYTES)
  })
}

/** `version, status, a bit for each digest`, most significant first; `busy`: asked too often, without bits. */
export function encodeAnswer(served: readonly boolean[] | 'busy'): Uint8Array {
  if (served === 'busy') return Uint8Array.of(VERSION, BUSY)
  const bytes = new Uint8Array(HEAD_BYTES + bitBytes(served.length))
  bytes[0] = VERSION
  bytes[1] = OK
  for (const [index, isServed] of served.entries()) {
    if (isServed) bytes[HEAD_BYTES + (index >> 3)]! |= 0x80 >> (index & 7)
  }
  return bytes
}

/** For each of `count` digests whether it is served, or `busy`. @throws ShoalError ERR_PROTOCOL */
export function decodeAnswer(bytes: Uint8Array, count: number): boolean[] | 'busy' {
  const [version, status] = bytes
  if (version !== VERSION) throw malformed('the answer is of an unknown version')
  if (status === BUSY && bytes.byteLength === HEAD_BYTES) return 'busy'
  if (status !== OK || bytes.byteLength !== HEAD_BYTES + bitBytes(count)) {
    throw malformed('the answer has another length or status')
  }
  const unused = (8 - (count % 8)) % 8
  if (((bytes.at(-1) as number) & ((1 << unused) - 1)) !== 0) throw malformed('the answer has bits too many')
  return Array.from({ length: count }, (_, index) => {
    return ((bytes[HEAD_BYTES + (index >> 3)] as number) & (0x80 >> (index & 7))) !== 0
  })
}

function bitBytes(count: number): number {
  return Math.ceil(count / 8)
}

function malformed(reason: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `who-has: ${reason}`)
}
