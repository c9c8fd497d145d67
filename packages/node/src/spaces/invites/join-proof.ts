/**
 * How who was invited shows it: two signatures over the same bytes, by the key of the invitation and by the author key that is
 * to be admitted, bound to the space, both keys to be admitted, a nonce of who lets in, and the peer ids of both ends of the
 * connection. So it is of no use to who overhears it, on another connection, or for other keys; and nobody can have another
 * device's author key admitted as its own.
 */
import { peerIdBytesOf } from '../../identity/peer-id.ts'
import { bind, derive } from '../keys/derive.ts'
import { verifyStrictly } from '../ed25519.ts'
import { signingKey, type SigningKey } from '../keys/device-keys.ts'
import type { Invite } from './invite-link.ts'

const LABEL = 'shoal/join/1'

export interface JoinFacts {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** Author key that asks to be admitted, 32 bytes. */
  readonly author: Uint8Array
  /** Its sealing key, 32 bytes. */
  readonly sealing: Uint8Array
  /** 32 random bytes of the device that lets in, used once. */
  readonly nonce: Uint8Array
  /** Peer id of who asks, as the connection proves it. */
  readonly joiner: string
  /** Peer id of who lets in. */
  readonly admitter: string
}

export interface JoinProof {
  /** 64 bytes. */
  readonly byInvite: Uint8Array
  /** 64 bytes. */
  readonly byAuthor: Uint8Array
}

/** The key of an invitation: the auth log names its public half. In each space another, whatever the seed. */
export function inviteKey({ seed, space }: Pick<Invite, 'seed' | 'space'>): SigningKey {
  return signingKey(derive(seed, 'shoal/invite-key/1', space))
}

/** @throws ShoalError ERR_OPTIONS_INVALID for a peer id that is none */
export function proveJoin(invite: SigningKey, author: SigningKey, facts: JoinFacts): JoinProof {
  const message = messageOf(facts, invite.publicKey)
  return { byInvite: invite.sign(message), byAuthor: author.sign(message) }
}

/**
 * Is this the proof of who holds the invitation with that public key, for exactly these facts? The caller has made the nonce
 * itself, and uses it once.
 *
 * @throws ShoalError ERR_OPTIONS_INVALID for a peer id that is none
 */
export function isJoinProven(invitePublicKey: Uint8Array, facts: JoinFacts, proof: JoinProof): boolean {
  const message = messageOf(facts, invitePublicKey)
  return (
    verifyStrictly(invitePublicKey, message, proof.byInvite) &&
    verifyStrictly(facts.author, message, proof.byAuthor)
  )
}

function messageOf(facts: JoinFacts, invitePublicKey: Uint8Array): Uint8Array {
  const { space, author, sealing, nonce, joiner, admitter } = facts
  return bind(
    LABEL,
    space,
    invitePublicKey,
    author,
    sealing,
    nonce,
    peerIdBytesOf(joiner),
    peerIdBytesOf(admitter),
  )
}
