/** Calls by which sessions with other devices compare and exchange a space. What is secret of it stays in this thread. */
import { isShoalError } from '../../errors.ts'
import { toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { digestsEqual } from '../../content/cid.ts'
import { verifyStrictly } from '../ed25519.ts'
import type { Space } from '../space.ts'
import { HELLO_TAGS } from '../sync/limits.ts'
import { answerMac, helloTag, membershipClaim, TAG_BYTES } from '../sync/proofs.ts'
import { answerRanges, firstRanges, sortedKeys } from '../sync/reconcile.ts'
import { SpaceSide, type Standing, type TakenFrames } from '../sync/space-side.ts'
import type { HomeSpaces } from './home-spaces.ts'
import { spaceNames } from '../keys/names.ts'
import type {
  KnownDevice,
  SyncCalls,
  SyncIntroduced,
  SyncMeant,
  SyncNames,
  SyncPage,
  SyncProof,
  SyncRangesAnswer,
} from './sync-call-types.ts'

type Given<Name extends keyof SyncCalls> = SyncCalls[Name]['given']

const SIDES = new WeakMap<Space, SpaceSide>()

function sideOf(space: Space): SpaceSide {
  const side = SIDES.get(space) ?? new SpaceSide(space)
  SIDES.set(space, side)
  return side
}

/** Tags of a hello: of these spaces as far as there is room, the rest random. */
export async function greet(
  all: HomeSpaces,
  { spaces, ends, nonce, isKnown }: Given<'syncGreet'>,
): Promise<Uint8Array> {
  const tags: Uint8Array[] = []
  for await (const space of opened(all, spaces))
    for (const secret of sideOf(space).greetings(isKnown)) tags.push(helloTag(secret, ends, nonce))
  const { random } = all.seams
  const used = tags.slice(0, HELLO_TAGS)
  while (used.length < HELLO_TAGS) used.push(random.bytes(TAG_BYTES))
  return new Uint8Array(Buffer.concat(used))
}

/** The space that is meant by a hello, and what answers it; undefined: none that is here. */
export async function recognise(
  all: HomeSpaces,
  { ends, nonces, tags }: Given<'syncRecognise'>,
): Promise<SyncMeant | undefined> {
  const said = new Set<string>()
  for (let at = 0; at < tags.byteLength; at += TAG_BYTES) said.add(toHex(tags.subarray(at, at + TAG_BYTES)))
  for await (const space of opened(all, all.ids())) {
    for (const secret of sideOf(space).recognised()) {
      if (!said.has(toHex(helloTag(secret, ends, nonces.initiatorNonce)))) continue
      return { space: toHex(space.id), mac: answerMac(secret, ends, nonces) }
    }
  }
  return undefined
}

/** Which of these spaces was recognised, and the proof of who began; undefined: none. */
export async function confirm(
  all: HomeSpaces,
  { spaces, ends, nonces, isKnown, mac }: Given<'syncConfirm'>,
): Promise<(SyncProof & { readonly space: Hex }) | undefined> {
  for await (const space of opened(all, spaces)) {
    for (const secret of sideOf(space).greetings(isKnown)) {
      if (!digestsEqual(answerMac(secret, ends, nonces), mac)) continue
      return { space: toHex(space.id), ...prove(space, { role: 'initiator', ends, nonces }) }
    }
  }
  return undefined
}

/** That this device is at its end. */
export function prove(space: Space, { role, ends, nonces }: Omit<Given<'syncProve'>, 'space'>): SyncProof {
  const { publicKey, sign } = space.device.author
  return { author: publicKey, signature: sign(membershipClaim(role, space.id, ends, nonces)) }
}

/** Who is at the other end; undefined: it does not show it. */
export function judge(
  space: Space,
  { role, ends, nonces, author, signature }: Omit<Given<'syncJudge'>, 'space'>,
): Standing | undefined {
  const claim = membershipClaim(role, space.id, ends, nonces)
  if (!verifyStrictly(author, claim, signature)) return undefined
  return sideOf(space).standingOf(toHex(author))
}

export function standing(space: Space, { author }: Omit<Given<'syncStanding'>, 'space'>): Standing {
  return sideOf(space).standingOf(author)
}

export function introduction(space: Space, { ids }: Omit<Given<'syncIntroduction'>, 'space'>): Uint8Array[] {
  return sideOf(space).introduction(ids)
}

export async function introduce(
  space: Space,
  { author, frames }: Omit<Given<'syncIntroduce'>, 'space'>,
): Promise<SyncIntroduced> {
  const side = sideOf(space)
  const wanted = await side.introduce(frames)
  return { ...side.standingOf(author), wanted }
}

/** @throws ShoalError ERR_SPACE_ROLE, ERR_PROTOCOL */
export function compare(
  space: Space,
  { author, log, ranges: untrusted }: Omit<Given<'syncRanges'>, 'space'>,
): SyncRangesAnswer {
  const side = sideOf(space)
  side.check(author, log)
  const set = side.set(log)
  if (untrusted === undefined) {
    const nothing = new Uint8Array()
    return { answer: firstRanges(set), lacking: nothing, surplus: nothing }
  }
  const { answer, lacking, surplus } = answerRanges(set, untrusted)
  return { answer, lacking: sortedKeys(lacking), surplus: sortedKeys(surplus) }
}

/** @throws ShoalError ERR_SPACE_ROLE */
export function page(
  space: Space,
  { author, log, keys, mostBytes }: Omit<Given<'syncFrames'>, 'space'>,
): SyncPage {
  const side = sideOf(space)
  side.check(author, log)
  return side.frames(log, keys, mostBytes)
}

/** @throws ShoalError ERR_SPACE_ROLE */
export async function take(
  space: Space,
  { author, log, frames: untrusted }: Omit<Given<'syncTake'>, 'space'>,
): Promise<TakenFrames> {
  const side = sideOf(space)
  side.check(author, log)
  return await side.take(log, untrusted)
}

export function met(
  space: Space,
  { author, peerId, addresses }: Omit<Given<'syncMet'>, 'space'>,
  { clock }: HomeSpaces['seams'],
): void {
  space.parts.auth.met.note({ author, peerId, addresses }, clock.now())
}

export function known(space: Space): KnownDevice[] {
  const side = sideOf(space)
  return space.parts.auth.met.all().map((device) => {
    const { standing: it } = side.standingOf(device.author)
    // Before there is a log, whoever is named in an invitation.
    return { ...device, isMember: it === 'member' || it === 'blank' }
  })
}

export function names(space: Space, _given: object, { clock }: HomeSpaces['seams']): SyncNames | undefined {
  const { present } = space.parts.keys.epochKeys(1)
  if (present === undefined) return undefined
  const { accepted, changesAtMs } = spaceNames(present, clock.now())
  return { accepted: accepted.map(({ provider }) => provider.multihash.digest), changesAtMs }
}

/** Of these, all that can be opened. */
async function* opened(all: HomeSpaces, ids: readonly Hex[]): AsyncGenerator<Space> {
  for (const id of ids) {
    try {
      yield await all.get(id)
    } catch (error) {
      // What keeps one closed keeps none of the others from being meant.
      if (!isShoalError(error)) throw error
    }
  }
}
