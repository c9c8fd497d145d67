/**
 * The first messages of a session: which space is meant, and that both ends are members of it.
 *
 *     initiator: hello {nonce, 16 tags}          who has the secret of a tag knows which space is meant
 *     responder: answer {nonce, mac}             it has the secret too; else it says nothing and ends it
 *     initiator: proof {author, signature}
 *     responder: question {ids}...               where it does not know the author yet: who let it in?
 *     responder: proof {author, signature}       the author is a member; else it says nothing and ends it
 *     initiator: question {ids}...               the same the other way round
 *
 * Whatever a responder has against it, it ends the channel without a word.
 */
import { ShoalError } from '../../errors.ts'
import type { Random } from '../../util/seams.ts'
import { toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import type { SpaceHost } from '../host/space-host.ts'
import { readFrames, writeFrames } from './frame-list.ts'
import { ID_BYTES } from './id-set.ts'
import { MAX_QUESTIONS } from './limits.ts'
import { NONCE_BYTES, type Ends, type Nonces, type SyncRole } from './proofs.ts'
import type { Standing } from './space-side.ts'
import type { Wire } from './wire.ts'

/** Where the spaces are. */
export type SyncCaller = Pick<SpaceHost, 'call'>

/** With whom a session is, and about what. */
export interface Met {
  readonly space: Hex
  readonly author: Hex
}

export interface GreetInit {
  readonly wire: Wire
  readonly host: SyncCaller
  readonly random: Random
  /** Those that may be meant. */
  readonly spaces: readonly Hex[]
  /** Whether the other device is known as a member of all of them. */
  readonly isKnown: boolean
}

export interface AnswerInit extends Pick<GreetInit, 'wire' | 'host' | 'random'> {
  /** Whether a session about this space may be had with the other device now. */
  readonly mayMeet: (space: Hex) => Promise<boolean>
}

const AUTHOR_BYTES = 32

/**
 * Begins a session.
 *
 * @throws ShoalError ERR_NO_PROVIDER when the other device ends it, as who knows of none of these spaces does; ERR_PROTOCOL when
 *   it lies; ERR_SPACE_ROLE when it is no member
 */
export async function greet({ wire, host, random, spaces, isKnown }: GreetInit): Promise<Met> {
  const ends = { initiator: wire.channel.localId, responder: wire.channel.remoteId }
  const initiatorNonce = random.bytes(NONCE_BYTES)
  const tags = await host.call('syncGreet', { spaces, ends, nonce: initiatorNonce, isKnown })
  await wire.send('hello', initiatorNonce, tags)
  const { body } = await wire.next('answer')
  const nonces = { initiatorNonce, responderNonce: body.subarray(0, NONCE_BYTES) }
  const mac = body.subarray(NONCE_BYTES)
  const confirmed = await host.call('syncConfirm', { spaces, ends, nonces, isKnown, mac })
  if (confirmed === undefined) throw wire.abort('it does not know what it was greeted by')
  const { space, author, signature } = confirmed
  await wire.send('proof', author, signature)
  const proof = await answerQuestions(wire, host, space)
  const met = await judge(wire, host, { space, role: 'responder', ends, nonces, proof })
  if (met.standing === 'unknown') await ask(wire, host, met)
  // Who has no log yet gets it from the first that lets it in, and finds out then.
  else if (met.standing !== 'member' && met.standing !== 'blank') throw noMember(wire)
  return met
}

/**
 * Answers who begins one.
 *
 * @throws ShoalError ERR_SPACE_ROLE when nothing is to be said to it, ERR_NO_PROVIDER, ERR_PROTOCOL
 */
export async function answer({ wire, host, random, mayMeet }: AnswerInit): Promise<Met> {
  const ends = { initiator: wire.channel.remoteId, responder: wire.channel.localId }
  const { body } = await wire.next('hello')
  const nonces = { initiatorNonce: body.subarray(0, NONCE_BYTES), responderNonce: random.bytes(NONCE_BYTES) }
  const tags = body.subarray(NONCE_BYTES)
  const meant = await host.call('syncRecognise', { ends, nonces, tags })
  if (meant === undefined || !(await mayMeet(meant.space))) throw noMember(wire)
  const { space, mac } = meant
  await wire.send('answer', nonces.responderNonce, mac)
  const proof = await wire.next('proof')
  const met = await judge(wire, host, { space, role: 'initiator', ends, nonces, proof: proof.body })
  if (met.standing === 'unknown') await ask(wire, host, met)
  else if (met.standing !== 'member') throw noMember(wire)
  const own = await host.call('syncProve', { space, role: 'responder', ends, nonces })
  await wire.send('proof', own.author, own.signature)
  return met
}

/** Says who let this device in, as often as it is asked, until the other side shows who it is itself. */
async function answerQuestions(wire: Wire, host: SyncCaller, space: Hex): Promise<Uint8Array> {
  for (let left = MAX_QUESTIONS; left >= 0; left--) {
    // oxlint-disable-next-line no-await-in-loop -- By turns.
    const { kind, body } = await wire.next('question', 'proof')
    if (kind === 'proof') return body
    // oxlint-disable-next-line no-await-in-loop -- As above.
    await answerQuestion(wire, host, space, body)
  }
  throw wire.abort('it asks too often')
}

/** Answers one question. */
export async function answerQuestion(
  wire: Wire,
  host: SyncCaller,
  space: Hex,
  body: Uint8Array,
): Promise<void> {
  if (body.byteLength % ID_BYTES !== 0) throw wire.abort('a question is cut off')
  const ids = Array.from({ length: body.byteLength / ID_BYTES }, (_, i) =>
    toHex(body.subarray(i * ID_BYTES, (i + 1) * ID_BYTES)),
  )
  const frames = await host.call('syncIntroduction', { space, ids })
  await wire.send('operations', writeFrames(frames))
}

interface Shown {
  readonly space: Hex
  readonly role: SyncRole
  readonly ends: Ends
  readonly nonces: Nonces
  readonly proof: Uint8Array
}

async function judge(
  wire: Wire,
  host: SyncCaller,
  { proof, ...shown }: Shown,
): Promise<Met & Pick<Standing, 'standing'>> {
  const author = proof.subarray(0, AUTHOR_BYTES)
  const signature = proof.subarray(AUTHOR_BYTES)
  const standing = await host.call('syncJudge', { ...shown, author, signature })
  if (standing === undefined) throw wire.abort('a signature is false')
  return { space: shown.space, author: toHex(author), standing: standing.standing }
}

/** Has an author show who let it in, until it turns out to be a member. */
async function ask(wire: Wire, host: SyncCaller, { space, author }: Met): Promise<void> {
  let ids: readonly Hex[] = []
  for (let left = MAX_QUESTIONS; left > 0; left--) {
    // oxlint-disable-next-line no-await-in-loop -- By turns.
    await wire.send('question', new Uint8Array(Buffer.from(ids.join(''), 'hex')))
    // oxlint-disable-next-line no-await-in-loop -- As above.
    const { body } = await wire.next('operations')
    const frames = readFrames(body)
    // oxlint-disable-next-line no-await-in-loop -- As above.
    const known = await host.call('syncIntroduce', { space, author, frames })
    if (known.standing === 'member') return
    if (known.standing !== 'unknown' || known.wanted.length === 0) break
    ids = known.wanted
  }
  throw noMember(wire)
}

/** Ends it without a word. */
function noMember(wire: Wire): ShoalError {
  const error = new ShoalError('ERR_SPACE_ROLE', 'the other device is no member of a space that is here')
  wire.stop(error)
  return error
}
