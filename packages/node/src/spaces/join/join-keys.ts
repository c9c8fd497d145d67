/**
 * Keys of a conversation of joining. They are made of the public half of the invitation's key, which only the link and the auth
 * log of the space tell: so who was asked by mistake learns nothing of who asks, not even a name, and who asks without an
 * invitation learns nothing at all.
 */
import { derive } from '../keys/derive.ts'
import { peerIdBytesOf } from '../../identity/peer-id.ts'
import type { StreamKeys } from './join-stream.ts'

const LABEL = 'shoal/space-join/1'

export interface JoinKeyFacts {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** Public half of the key of the invitation, 32 bytes. */
  readonly invitePublicKey: Uint8Array
  /** Peer ids, as the connection proves them. */
  readonly joiner: string
  readonly admitter: string
  /** 32 random bytes of each side. */
  readonly joinerNonce: Uint8Array
  readonly admitterNonce: Uint8Array
}

/** By what an invitation is found by who knows it. 32 bytes. */
export function findKey(invitePublicKey: Uint8Array, space: Uint8Array): Uint8Array {
  return derive(invitePublicKey, LABEL, 'find', space)
}

export function streamKeys(facts: JoinKeyFacts, side: 'joiner' | 'admitter'): StreamKeys {
  const { space, invitePublicKey, joiner, admitter, joinerNonce, admitterNonce } = facts
  const peers = [peerIdBytesOf(joiner), peerIdBytesOf(admitter)]
  const keyOf = (sender: 'joiner' | 'admitter'): Uint8Array =>
    derive(invitePublicKey, LABEL, sender, space, joinerNonce, admitterNonce, ...peers)
  return { seals: keyOf(side), opens: keyOf(side === 'joiner' ? 'admitter' : 'joiner') }
}
