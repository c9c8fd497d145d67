/** Invitations of one space, from both ends: made, used, judged, ended. */
import { ShoalError } from '../errors.ts'
import type { Clock, Random } from '../util/seams.ts'
import { toHex } from './auth/action-codec.ts'
import type { GivenRole, Hex } from './auth/action.ts'
import { redeemProofBytes } from './auth/operation.ts'
import type { InviteState } from './auth/state.ts'
import { encodeInvite, parseInvite, type Invite } from './invites/invite-link.ts'
import type { InviteHints } from './invites/invite-hints.ts'
import { inviteKey, isJoinProven, type JoinFacts, type JoinProof } from './invites/join-proof.ts'
import { KEY_BYTES } from './keys/derive.ts'
import { isSealingKey } from './keys/hpke.ts'
import type { Space } from './space.ts'

export interface InviteOptions {
  readonly role: GivenRole
  /** How many devices it lets in. */
  readonly uses: number
  /** Milliseconds since 1970; 0 = never. */
  readonly expiresMs: number
  /** `approval`: somebody who manages lets each device in. `instant`: whoever has the link is in, at most to write. */
  readonly mode: 'approval' | 'instant'
}

export interface MadeInvite {
  /** Id of the operation that made it. */
  readonly id: Hex
  readonly link: string
}

/** @throws ShoalError as `Space.act` */
export async function invite(
  space: Space,
  { role, uses, expiresMs, mode }: InviteOptions,
  whereFound: Pick<InviteHints, 'peerId' | 'addresses'>,
  random: Random,
): Promise<MadeInvite> {
  const seed = random.bytes(KEY_BYTES)
  const key = toHex(inviteKey({ seed, space: space.id }).publicKey)
  await space.act({ type: 'invite', key, role, uses, expiresMs, mode })
  const hints: InviteHints = {
    ...whereFound,
    name: space.state.name,
    role,
    ...(expiresMs === 0 ? {} : { expiresAtSeconds: Math.floor(expiresMs / 1_000) }),
  }
  const link = encodeInvite({ space: space.id, seed, issuer: space.device.author.publicKey, hints })
  return { id: idOf(space, key), link }
}

/** Ends an invitation: nobody is let in by it any more. @throws ShoalError as `Space.act`, ERR_INVITE_OVER for one that is over */
export async function revoke(space: Space, id: Hex): Promise<void> {
  if (space.state.invites.get(id) === undefined) throw over('there is no such invitation')
  await space.act({ type: 'revoke', invite: id })
}

/**
 * Lets this device in by an instant invitation; the log of the space is here.
 *
 * @throws ShoalError as `parseInvite` and `Space.act`; ERR_INVITE_OVER
 */
export async function redeem(
  space: Space,
  link: string,
  { random, clock }: { random: Random; clock: Pick<Clock, 'now'> },
): Promise<void> {
  const parsed = parseInvite(link)
  const { id, state } = openInvite(space, inviteKey(parsed).publicKey, clock)
  if (state.mode !== 'instant')
    throw over('this invitation has to be approved by somebody who manages the space')
  const { author, sealings } = space.device
  const nonce = toHex(random.bytes(KEY_BYTES))
  const claim = redeemProofBytes(toHex(space.id), toHex(author.publicKey), nonce)
  const proof = toHex(inviteKey(parsed).sign(claim))
  const sealing = toHex(sealings[0].publicKey)
  await space.act({ type: 'redeem', invite: id, key: state.key, nonce, proof, sealing })
}

/**
 * Lets in a device that proved over a connection that it holds an invitation for approval; somebody who manages agreed.
 *
 * @throws ShoalError as `Space.act`; ERR_INVITE_OVER; ERR_PROTOCOL when the proof does not hold
 */
export async function approve(
  space: Space,
  invitePublicKey: Uint8Array,
  { facts, proof }: { readonly facts: JoinFacts; readonly proof: JoinProof },
  { random, clock }: { random: Random; clock: Pick<Clock, 'now'> },
): Promise<void> {
  if (!isJoinProven(invitePublicKey, facts, proof))
    throw new ShoalError('ERR_PROTOCOL', 'a device that asks to join does not hold the invitation')
  if (!(await isSealingKey(facts.sealing, random)))
    throw new ShoalError('ERR_PROTOCOL', 'a device that asks to join has a key that nothing can be sealed to')
  const { id, state } = openInvite(space, invitePublicKey, clock)
  if (state.mode !== 'approval') throw over('this invitation needs no approval')
  const { role } = state
  const [member, sealing] = [toHex(facts.author), toHex(facts.sealing)]
  await space.act({ type: 'admit', member, sealing, role, invite: id })
}

/** What a link is good for, as far as the log of the space is here. @throws ShoalError as `parseInvite`, ERR_INVITE_OVER */
export function inviteOf(
  space: Space,
  link: string,
  clock: Pick<Clock, 'now'>,
): { readonly invite: Invite; readonly state: InviteState } {
  const parsed = parseInvite(link)
  return { invite: parsed, state: openInvite(space, inviteKey(parsed).publicKey, clock).state }
}

function openInvite(
  space: Space,
  publicKey: Uint8Array,
  clock: Pick<Clock, 'now'>,
): { id: Hex; state: InviteState } {
  const key = toHex(publicKey)
  for (const [id, state] of space.state.invites) {
    if (state.key !== key) continue
    if (state.usesLeft === 0) throw over('this invitation was used up or revoked')
    if (state.expiresMs !== 0 && clock.now() >= state.expiresMs) throw over('this invitation has expired')
    return { id, state }
  }
  throw over('this space knows of no such invitation')
}

function idOf(space: Space, key: Hex): Hex {
  for (const [id, state] of space.state.invites) if (state.key === key) return id
  throw over('the invitation did not come about')
}

function over(message: string): ShoalError {
  return new ShoalError('ERR_INVITE_OVER', message)
}
