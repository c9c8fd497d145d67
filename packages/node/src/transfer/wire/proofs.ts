/**
 * The proofs of the transfer handshake: both sides show that they know the root, which itself never travels, bound
 * to both peer ids and both nonces, so that a proof is of no use in another session or direction.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CID } from 'multiformats/cid'

export type Role = 'opener' | 'answerer'

export interface ProofFacts {
  readonly root: CID
  readonly openerNonce: Uint8Array
  readonly answererNonce: Uint8Array
  /** Binary peer ids. */
  readonly openerId: Uint8Array
  readonly answererId: Uint8Array
}

/** HMAC-SHA-256 under the root's bytes, RFC 2104: 32 bytes. */
export function proofOf(role: Role, facts: ProofFacts): Uint8Array {
  const mac = createHmac('sha256', facts.root.bytes)
  mac.update(Uint8Array.of(role === 'opener' ? 0 : 1))
  mac.update(facts.openerNonce)
  mac.update(facts.answererNonce)
  for (const id of [facts.openerId, facts.answererId]) {
    mac.update(Uint8Array.of(id.byteLength))
    mac.update(id)
  }
  return new Uint8Array(mac.digest())
}

/** Compares in constant time. */
export function proofHolds(role: Role, facts: ProofFacts, proof: Uint8Array): boolean {
  return timingSafeEqual(proofOf(role, facts), proof)
}
