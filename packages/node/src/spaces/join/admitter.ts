/**
 * The side that lets in (docs/protocol/space-join.md): answers whoever asks, says nothing of a space before the invitation to it is
 * proven, hands the log to whom that lets in at once, and keeps others waiting until somebody decides.
 */
import { isShoalError, ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Seams } from '../../util/seams.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import type { AskedJoin, FoundInvite, JoinVerdict } from '../host/calls.ts'
import type { SpaceHost } from '../host/space-host.ts'
import { AdmitterComparison } from '../invites/comparison.ts'
import { KEY_BYTES } from '../keys/derive.ts'
import { streamKeys } from './join-keys.ts'
import { JoinStream } from './join-stream.ts'
import {
  HAND_OVER_MS,
  MAX_ASKED_BYTES,
  MAX_HANDED_BACK_BYTES,
  MAX_HAND_OVERS,
  MAX_UNPROVEN,
  MAX_UNPROVEN_PER_PEER,
  REQUEST_MS,
  STEP_MS,
} from './limits.ts'
import { VERSION, type JoinMessage, type Reason } from './messages.ts'
import type { Decision, JoinRequests, WaitingRequest } from './requests.ts'
import { shownName } from './shown-name.ts'

const REQUEST_ID_BYTES = 8

export interface AdmitterInit {
  readonly host: Pick<SpaceHost, 'call'>
  readonly requests: JoinRequests
  readonly seams: Seams
  /** Of this node. */
  readonly peerId: string
  /** Whether there is any space here: whoever asks starts no thread for nothing. */
  readonly hasSpaces: () => Promise<boolean>
  /** A device changed what it had committed to, which is how one that stands between would try codes. */
  readonly onFailedComparison: (space: Hex, invite: string) => void
}

type Prove = Extract<JoinMessage, { t: 'prove' }>

/** Whoever asks, once it is known by which invitation. */
interface Invited {
  readonly space: Hex
  readonly peer: string
  readonly asked: AskedJoin
  readonly verdict: JoinVerdict
  readonly prove: Prove
}

export class Admitter {
  readonly #init: AdmitterInit
  readonly #all = new Set<JoinStream>()
  /** Who has proved nothing yet, the oldest first. */
  readonly #unproven = new Map<JoinStream, string>()
  #handOvers = 0

  constructor(init: AdmitterInit) {
    this.#init = init
  }

  /** Answers one device. Does not reject. */
  async answer(channel: Channel): Promise<void> {
    const { timers } = this.#init.seams
    const stream = new JoinStream({ channel, timers, mostBytes: MAX_ASKED_BYTES })
    this.#all.add(stream)
    this.#enter(stream, channel.remoteName)
    try {
      const invited = await this.#proven(stream, channel.remoteName)
      this.#unproven.delete(stream)
      if (invited === undefined) await stream.refuse()
      else await this.#letIn(stream, invited)
    } catch (error) {
      // Whatever went wrong is of that device, or it is told by not being answered.
      stream.abort(error as Error)
    } finally {
      this.#unproven.delete(stream)
      this.#all.delete(stream)
    }
  }

  stop(): void {
    for (const stream of this.#all) stream.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
  }

  #enter(stream: JoinStream, peer: string): void {
    const ofPeer = [...this.#unproven.keys()].filter((other) => this.#unproven.get(other) === peer)
    const isFull = this.#unproven.size >= MAX_UNPROVEN
    const [oldest] = ofPeer.length >= MAX_UNPROVEN_PER_PEER ? ofPeer : isFull ? this.#unproven.keys() : []
    if (oldest !== undefined) {
      this.#unproven.delete(oldest)
      oldest.abort(new ShoalError('ERR_LIMIT', 'too many devices ask at once'))
    }
    this.#unproven.set(stream, peer)
  }

  /** By which invitation somebody asks; undefined when that is not known here, or not proven. */
  async #proven(stream: JoinStream, peer: string): Promise<Invited | undefined> {
    const { host, peerId, seams, hasSpaces } = this.#init
    const ask = await stream.next(['ask'])
    if (ask?.v !== VERSION) return undefined
    const nonce = seams.random.bytes(KEY_BYTES)
    await stream.send({ t: 'nonce', nonce })
    const found = (await hasSpaces()) ? await host.call('inviteBehind', { find: ask.find }) : undefined
    // By a key that nobody has, where there is none: it takes as long, and opens nothing.
    const { space, key }: FoundInvite = found ?? {
      space: toHex(seams.random.bytes(KEY_BYTES)),
      key: seams.random.bytes(KEY_BYTES),
    }
    const keys = streamKeys(
      {
        space: fromHex(space),
        invitePublicKey: key,
        joiner: peer,
        admitter: peerId,
        joinerNonce: ask.nonce,
        admitterNonce: nonce,
      },
      'admitter',
    )
    const prove = await stream.nextSealed(keys, 'prove')
    if (prove === undefined || found === undefined) return undefined
    const { author, sealing, byAuthor, byInvite } = prove
    const facts = { space: fromHex(space), author, sealing, nonce, joiner: peer, admitter: peerId }
    const asked: AskedJoin = { key, facts, proof: { byAuthor, byInvite } }
    const verdict = await host.call('judgeJoin', { space, ...asked })
    return verdict && { space, peer, asked, verdict, prove }
  }

  async #letIn(stream: JoinStream, invited: Invited): Promise<void> {
    const { isMember, isInstant, problem } = invited.verdict
    // Also by an invitation that is over since: it was let in before it heard of it.
    if (isMember) return await this.#handOver(stream, invited, false)
    if (problem !== undefined) return await this.#say(stream, problem)
    if (isInstant) return await this.#handOver(stream, invited, true)
    const decision = await this.#wait(stream, invited)
    if (decision === 'approved') await this.#handOver(stream, invited, false)
    else if (decision !== 'gone') await this.#say(stream, decision)
    else stream.abort(new ShoalError('ERR_NODE_STOPPED', 'the device asked anew, or no more'))
  }

  /** Compares, and waits until somebody decides. */
  async #wait(
    stream: JoinStream,
    { space, peer, asked, verdict, prove }: Invited,
  ): Promise<Decision | 'busy'> {
    const { requests, seams, peerId } = this.#init
    const { clock, random, timers } = seams
    const { author, sealing, invite, role } = verdict
    const own = { author, sealing, peerId }
    const comparison = new AdmitterComparison({ space: fromHex(space), own, nonce: random.bytes(KEY_BYTES) })
    const nonce = comparison.answer(prove.commitment, {
      author: prove.author,
      sealing: prove.sealing,
      peerId: peer,
    })
    await stream.send({ t: 'compare', author, sealing, nonce })
    const reveal = await stream.next(['reveal'])
    if (reveal === undefined) return 'gone'
    try {
      comparison.check(reveal.nonce)
    } catch (error) {
      this.#init.onFailedComparison(space, invite)
      throw error
    }
    const shown = {
      id: toHex(random.bytes(REQUEST_ID_BYTES)),
      name: shownName(prove.name),
      role,
      code: comparison.code as string,
      askedMs: clock.now(),
      invite,
    }
    const decided = Promise.withResolvers<Decision>()
    const request: WaitingRequest = { space, peer, shown, asked, comparison, decided }
    if (!requests.add(request)) return 'busy'
    const timer = timers.set(() => decided.resolve('late'), REQUEST_MS)
    void stream.ended.then(() => decided.resolve('gone'))
    try {
      return await decided.promise
    } finally {
      timers.clear(timer)
      requests.delete(request)
    }
  }

  /** Gives the log, page by page as it is asked for, until the device ends it. */
  async #handOver(stream: JoinStream, { space, asked }: Invited, redeem: boolean): Promise<void> {
    const { host, seams } = this.#init
    if (this.#handOvers >= MAX_HAND_OVERS) return await this.#say(stream, 'busy')
    this.#handOvers++
    const late = new ShoalError('ERR_NO_PROVIDER', 'the other device takes too long')
    const timer = seams.timers.set(() => stream.abort(late), HAND_OVER_MS)
    try {
      await stream.send({ t: 'welcome', redeem })
      for (let isRedeemed = false; !stream.isOver;) {
        // oxlint-disable-next-line no-await-in-loop -- One after the other.
        const message = await stream.next(isRedeemed || !redeem ? ['more'] : ['more', 'redeemed'], STEP_MS)
        if (message === undefined) return
        if (message.t === 'more') {
          // oxlint-disable-next-line no-await-in-loop -- As above.
          const page = await host.call('authPage', { space, from: message.from })
          // oxlint-disable-next-line no-await-in-loop -- As above.
          await stream.send({ t: 'page', ...page })
          continue
        }
        isRedeemed = true
        // oxlint-disable-next-line no-await-in-loop -- As above.
        await host.call('takeAuth', { space, frames: withinBounds(message.frames) })
        // oxlint-disable-next-line no-await-in-loop -- As above.
        const after = await host.call('judgeJoin', { space, ...asked })
        if (after?.isMember !== true) return await this.#say(stream, 'over')
        // oxlint-disable-next-line no-await-in-loop -- As above.
        await stream.send({ t: 'taken' })
      }
    } catch (error) {
      // It has all it asked for and went.
      if (!isShoalError(error, 'ERR_NO_PROVIDER')) throw error
      stream.abort(error)
    } finally {
      seams.timers.clear(timer)
      this.#handOvers--
    }
  }

  async #say(stream: JoinStream, why: Reason): Promise<void> {
    await stream.send({ t: 'no', why })
    await stream.close()
  }
}

/** @throws ShoalError ERR_PROTOCOL */
function withinBounds(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0)
  if (bytes <= MAX_HANDED_BACK_BYTES) return frames
  throw new ShoalError('ERR_PROTOCOL', 'a device hands back more than a use of an invitation')
}
