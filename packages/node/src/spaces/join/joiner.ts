/** The side that asks to be let in (docs/protocol/space-join.md): one conversation with a device that may let in. */
import { ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Seams } from '../../util/seams.ts'
import { toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { LOG_LIMITS } from '../auth/limits.ts'
import type { SpaceHost } from '../host/space-host.ts'
import { JoinerComparison } from '../invites/comparison.ts'
import type { Invite } from '../invites/invite-link.ts'
import { inviteKey } from '../invites/join-proof.ts'
import { KEY_BYTES } from '../keys/derive.ts'
import { findKey, streamKeys } from './join-keys.ts'
import { JoinStream } from './join-stream.ts'
import { MAX_HANDED_BACK, MAX_PAGE_MESSAGE_BYTES, STEP_MS } from './limits.ts'
import { VERSION, type JoinMessage, type Reason } from './messages.ts'

export interface JoinerInit {
  readonly host: Pick<SpaceHost, 'call'>
  readonly seams: Seams
  /** Of this node. */
  readonly peerId: string
  readonly link: string
  readonly invite: Invite
  /** What this device calls itself. */
  readonly name: string
  /** Told the code, once there is one to be compared. */
  readonly onCode: (code: string) => void
}

const OVER = {
  cannot: 'the device that was asked may let nobody in',
  expired: 'this invitation has expired',
  late: 'nobody let this device in within a day',
  over: 'this invitation was used up or revoked',
  refused: 'somebody who manages the space refused to let this device in',
} as const satisfies Record<Exclude<Reason, 'busy'>, string>

/**
 * Asks on a channel, waits until it is decided and takes the log of the space.
 *
 * @throws ShoalError ERR_INVITE_OVER when it is not let in, ERR_NO_PROVIDER when the other side goes or is to be asked
 *   later, ERR_PROTOCOL, as `SpaceHost.call`. On abort the signal's reason.
 */
export async function askToJoin(channel: Channel, init: JoinerInit, signal: AbortSignal): Promise<void> {
  const stream = new JoinStream({ channel, timers: init.seams.timers, mostBytes: MAX_PAGE_MESSAGE_BYTES })
  const onAbort = (): void => stream.abort(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    await converse(stream, channel.remoteName, init)
    await stream.close()
  } catch (error) {
    stream.abort(error as Error)
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function converse(stream: JoinStream, admitter: string, init: JoinerInit): Promise<void> {
  const { host, seams, peerId, link, invite, name, onCode } = init
  const { random } = seams
  const { space } = invite
  const invitePublicKey = inviteKey(invite).publicKey
  const joinerNonce = random.bytes(KEY_BYTES)
  await stream.send({ t: 'ask', v: VERSION, find: findKey(invitePublicKey, space), nonce: joinerNonce })
  const given = await stream.next(['nonce'])
  if (given === undefined) throw unknownThere()
  const parties = { joiner: peerId, admitter }
  const claim = await host.call('proveJoin', { link, nonce: given.nonce, ...parties })
  const nonces = { joinerNonce, admitterNonce: given.nonce }
  stream.seal(streamKeys({ space, invitePublicKey, ...parties, ...nonces }, 'joiner'))
  const own = { author: claim.author, sealing: claim.sealing, peerId }
  const comparison = new JoinerComparison({ space, own, nonce: random.bytes(KEY_BYTES) })
  await stream.send({ t: 'prove', ...claim, commitment: comparison.commitment, name })
  let said = await stream.next(['compare', 'welcome', 'no'])
  if (said?.t === 'compare') {
    const { author, sealing, nonce } = said
    await stream.send({ t: 'reveal', nonce: comparison.reveal(nonce, { author, sealing, peerId: admitter }) })
    onCode(comparison.code as string)
    // Somebody has to look at it.
    said = await stream.next(['welcome', 'no'], Infinity)
  }
  if (said === undefined) throw unknownThere()
  if (said.t === 'no') throw refusal(said.why)
  await takeSpace(stream, said, init, toHex(claim.author))
}

/** Keeps the space, with all of its log. What was begun in vain is taken back. */
async function takeSpace(
  stream: JoinStream,
  { redeem }: Extract<JoinMessage, { t: 'welcome' }>,
  { host, link, invite }: JoinerInit,
  author: Hex,
): Promise<void> {
  const space = toHex(invite.space)
  const isNew = await host.call('keep', { space })
  try {
    let from = await takeLog(stream, host, space, 0)
    if (redeem) {
      const { total } = await host.call('authPage', { space, from: Number.MAX_SAFE_INTEGER })
      await host.call('redeem', { space, link })
      const { frames } = await host.call('authPage', { space, from: total })
      await stream.send({ t: 'redeemed', frames: frames.slice(0, MAX_HANDED_BACK) })
      const said = await stream.next(['taken', 'no'], STEP_MS)
      if (said === undefined) throw unknownThere()
      if (said.t === 'no') throw refusal(said.why)
      // With the key, which is sealed to whoever came in.
      from = await takeLog(stream, host, space, from)
    }
    const members = await host.call('members', { space })
    if (!members.some(({ id }) => id === author))
      throw new ShoalError('ERR_PROTOCOL', 'a device that let in gave a log in which this one is no member')
  } catch (error) {
    // A log that is no log says so itself; the first fault is the one to tell of.
    if (isNew) await host.call('discard', { space }).catch(() => {})
    throw error
  }
}

/** Takes pages of a log from one operation on. @returns how many there were */
async function takeLog(
  stream: JoinStream,
  host: JoinerInit['host'],
  space: Hex,
  begin: number,
): Promise<number> {
  for (let from = begin; ;) {
    // oxlint-disable-next-line no-await-in-loop -- Page by page.
    await stream.send({ t: 'more', from })
    // oxlint-disable-next-line no-await-in-loop -- As above.
    const page = await stream.next(['page'])
    if (page === undefined) throw unknownThere()
    from += page.frames.length
    if (from > LOG_LIMITS.operations) throw new ShoalError('ERR_LIMIT', 'the log of this space is too long')
    // oxlint-disable-next-line no-await-in-loop -- As above.
    if (page.frames.length > 0) await host.call('takeAuth', { space, frames: page.frames })
    if (page.frames.length === 0 || from >= page.total) return from
  }
}

function unknownThere(): ShoalError {
  return new ShoalError('ERR_INVITE_OVER', 'the device that was asked knows of no such invitation')
}

function refusal(why: Reason): ShoalError {
  if (why === 'busy') return new ShoalError('ERR_NO_PROVIDER', 'too many devices ask to be let in there')
  return new ShoalError('ERR_INVITE_OVER', OVER[why])
}
