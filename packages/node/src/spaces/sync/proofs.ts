/**
 * What the two sides of a session show each other, bound to the peer ids that the connection proved and to a nonce of each: a tag
 * by which who has the same secret knows which space is meant, a mac that answers it, and a signature by the author key.
 */
import { bind, derive } from '../keys/derive.ts'

const LABEL = 'shoal/space-sync/1'
export const NONCE_BYTES = 32
export const TAG_BYTES = 32

export type SyncRole = 'initiator' | 'responder'

/** Binary peer ids. */
export interface Ends {
  readonly initiator: Uint8Array
  readonly responder: Uint8Array
}

/** Both nonces, 32 bytes each. */
export interface Nonces {
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
}

/** What those know who have the key of an epoch. 32 bytes. */
export function readerSecret(space: Uint8Array, epochKey: Uint8Array): Uint8Array {
  return derive(epochKey, LABEL, 'reader', space)
}

/** What everybody knows who was ever told of the space. 32 bytes. */
export function spaceSecret(space: Uint8Array): Uint8Array {
  return derive(space, LABEL, 'space')
}

export function helloTag(secret: Uint8Array, ends: Ends, nonce: Uint8Array): Uint8Array {
  return derive(secret, LABEL, 'hello', ends.initiator, ends.responder, nonce)
}

export function answerMac(secret: Uint8Array, ends: Ends, nonces: Nonces): Uint8Array {
  const { initiatorNonce, responderNonce } = nonces
  return derive(secret, LABEL, 'answer', ends.initiator, ends.responder, initiatorNonce, responderNonce)
}

/** What an author signs to show that it is at this end. */
export function membershipClaim(role: SyncRole, space: Uint8Array, ends: Ends, nonces: Nonces): Uint8Array {
  const { initiatorNonce, responderNonce } = nonces
  return bind(LABEL, role, space, ends.initiator, ends.responder, initiatorNonce, responderNonce)
}
