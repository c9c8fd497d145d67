/** Calls about who is in a space. */
import { ShoalError } from '../../errors.ts'
import type { Clock, Random } from '../../util/seams.ts'
import { toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { ROLES } from '../auth/roles.ts'
import { INVITE_ROLES } from '../invites/invite-hints.ts'
import { invite as makeInvite, redeem as useInvite, revoke } from '../space-invites.ts'
import type { Space } from '../space.ts'
import type { SpaceInvitation, SpaceInviteLink, SpaceMember } from './answers.ts'
import type { SpaceCalls } from './calls.ts'
import { MIN_PREFIX_LENGTH } from './limits.ts'

type Given<Name extends keyof SpaceCalls> = Omit<SpaceCalls[Name]['given'], 'space'>

interface Seams {
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
}

export function members(space: Space): SpaceMember[] {
  const own = toHex(space.device.author.publicKey)
  return [...space.state.members].map(([id, { role }]) => ({ id, role, isSelf: id === own }))
}

/** @throws ShoalError as `Space.act`; ERR_NOT_IN_SPACE */
export async function setRole(space: Space, { member: ref, role }: Given<'setRole'>): Promise<void> {
  if (!ROLES.includes(role)) throw noRole()
  const member = memberOf(space, ref)
  if (role === 'founder') {
    const { sealing } = space.state.members.get(member) as { sealing: Hex }
    await space.act({ type: 'founder', member, sealing })
    return
  }
  await space.act({ type: 'role', member, role, after: space.pinnedHeads() })
}

/** @throws ShoalError as `Space.act`; ERR_NOT_IN_SPACE */
export async function removeMember(space: Space, { member }: Given<'removeMember'>): Promise<void> {
  await space.remove(memberOf(space, member))
}

/** @throws ShoalError as `Space.act` */
export async function leave(space: Space): Promise<void> {
  await space.act({ type: 'leave', after: space.pinnedHeads() })
}

/** @throws ShoalError as `Space.act` */
export async function invite(
  space: Space,
  { role, uses, forMs, instant, whereFound }: Given<'invite'>,
  { clock, random }: Seams,
): Promise<SpaceInviteLink> {
  if (!INVITE_ROLES.includes(role)) throw noRole()
  if (!(Number.isSafeInteger(forMs) && forMs >= 0))
    throw new ShoalError('ERR_OPTIONS_INVALID', 'forMs is a whole number of milliseconds')
  const expiresMs = forMs === 0 ? 0 : clock.now() + forMs
  const mode = instant ? 'instant' : 'approval'
  return await makeInvite(space, { role, uses, expiresMs, mode }, whereFound, random)
}

/** Those that still let somebody in, as far as is known here. */
export function invitations(space: Space, { clock }: Pick<Seams, 'clock'>): SpaceInvitation[] {
  return [...space.state.invites]
    .filter(([, { usesLeft, expiresMs }]) => usesLeft > 0 && (expiresMs === 0 || expiresMs > clock.now()))
    .map(([id, { role, mode, usesLeft, expiresMs }]) => ({
      id,
      role,
      instant: mode === 'instant',
      usesLeft,
      expiresMs,
    }))
}

/** @throws ShoalError as `Space.act`; ERR_INVITE_OVER */
export async function revokeInvite(space: Space, { id }: Given<'revokeInvite'>): Promise<void> {
  await revoke(space, id)
}

/** @throws ShoalError as `redeem` */
export async function redeem(space: Space, { link }: Given<'redeem'>, seams: Seams): Promise<void> {
  await useInvite(space, link, seams)
}

function noRole(): ShoalError {
  return new ShoalError(
    'ERR_OPTIONS_INVALID',
    `role is one of ${ROLES.join(', ')}; of an invitation not founder`,
  )
}

function memberOf({ state }: Space, ref: string): Hex {
  if (state.members.has(ref)) return ref
  const meant = [...state.members.keys()].filter((id) => id.startsWith(ref))
  const [only] = meant
  if (only !== undefined && meant.length === 1 && ref.length >= MIN_PREFIX_LENGTH) return only
  throw new ShoalError(
    'ERR_NOT_IN_SPACE',
    'no member of the space, or more than one, has the id that was given',
  )
}
