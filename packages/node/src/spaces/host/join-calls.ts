/** Calls by which a device is let in, from both ends. */
import { isShoalError } from '../../errors.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import type { AuthState } from '../auth/state.ts'
import { parseInvite } from '../invites/invite-link.ts'
import { inviteKey, isJoinProven, proveJoin as prove } from '../invites/join-proof.ts'
import { findKey } from '../join/join-keys.ts'
import { PAGE_BYTES, PAGE_OPERATIONS } from '../join/limits.ts'
import { approve as admit } from '../space-invites.ts'
import type { AuthPage, Space } from '../space.ts'
import type { JoinClaim, JoinVerdict, SpaceCalls } from './calls.ts'
import type { HomeSpaces } from './home-spaces.ts'

type Given<Name extends keyof SpaceCalls> = Omit<SpaceCalls[Name]['given'], 'space'>
type Answer<Name extends keyof SpaceCalls> = SpaceCalls[Name]['answer']

/** By what the invitations of a space are found, each worked out once. */
interface Found {
  readonly state: AuthState
  readonly keys: ReadonlyMap<Hex, Hex>
}

const finders = new WeakMap<Space, Found>()

/** @throws ShoalError as `parseInvite` and `HomeSpaces.deviceIn` */
export async function proveJoin(
  all: HomeSpaces,
  { link, nonce, joiner, admitter }: Given<'proveJoin'>,
): Promise<JoinClaim> {
  const parsed = parseInvite(link)
  const { author, sealings } = await all.deviceIn(toHex(parsed.space))
  const sealing = sealings[0].publicKey
  const facts = { space: parsed.space, author: author.publicKey, sealing, nonce, joiner, admitter }
  return { author: author.publicKey, sealing, ...prove(inviteKey(parsed), author, facts) }
}

/** In whatever space it is; those that cannot be opened are passed over. */
export async function inviteBehind(
  all: HomeSpaces,
  { find }: Given<'inviteBehind'>,
): Promise<Answer<'inviteBehind'>> {
  const wanted = toHex(find)
  for (const space of all.ids()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- Each takes the disk for itself.
      const key = keysOf(await all.get(space)).get(wanted)
      if (key !== undefined) return { space, key: fromHex(key) }
    } catch (error) {
      if (!isShoalError(error)) throw error
    }
  }
  return undefined
}

export function judgeJoin(
  space: Space,
  { key, facts, proof }: Given<'judgeJoin'>,
  { clock }: HomeSpaces['seams'],
): JoinVerdict | undefined {
  const { invites, members } = space.state
  const keyHex = toHex(key)
  const found = [...invites].find(([, state]) => state.key === keyHex)
  if (found === undefined || !isJoinProven(key, facts, proof)) return undefined
  const [invite, { role, mode, usesLeft, expiresMs }] = found
  const { author, sealings } = space.device
  const own = members.get(toHex(author.publicKey))?.role
  const isInstant = mode === 'instant'
  const mayAdmit = own === 'manage' || own === 'founder'
  const isExpired = expiresMs !== 0 && clock.now() >= expiresMs
  const problem =
    usesLeft === 0 ? 'over' : isExpired ? 'expired' : isInstant || mayAdmit ? undefined : 'cannot'
  return {
    invite,
    role,
    isMember: members.has(toHex(facts.author)),
    isInstant,
    problem,
    author: author.publicKey,
    sealing: sealings[0].publicKey,
  }
}

/** @throws ShoalError as `approve` of space-invites.ts */
export async function approve(
  space: Space,
  { key, facts, proof }: Given<'approve'>,
  seams: HomeSpaces['seams'],
): Promise<void> {
  await admit(space, key, { facts, proof }, seams)
}

export function authPage(space: Space, { from }: Given<'authPage'>): AuthPage {
  return space.authPage(from, { operations: PAGE_OPERATIONS, bytes: PAGE_BYTES })
}

function keysOf(space: Space): ReadonlyMap<Hex, Hex> {
  const { state } = space
  const known = finders.get(space)
  if (known?.state === state) return known.keys
  const before = new Map([...(known?.keys ?? [])].map(([find, key]) => [key, find]))
  const keys = new Map<Hex, Hex>()
  for (const { key } of state.invites.values()) {
    keys.set(before.get(key) ?? toHex(findKey(fromHex(key), space.id)), key)
  }
  finders.set(space, { state, keys })
  return keys
}
