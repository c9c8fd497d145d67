/** Answers the sessions that other devices begin: so many at once, and none of who is known as put out or left alone for its faults. */
import { isShoalError, ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Seams } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import type { Faults } from './faults.ts'
import type { SyncCaller } from './handshake.ts'
import { MAX_ANSWERED_PER_DEVICE, MAX_ANSWERED_SESSIONS } from './limits.ts'
import { answerSession, type SessionResult } from './session.ts'
import type { SessionSlots } from './session-slots.ts'

export interface AnsweringInit {
  readonly host: SyncCaller
  readonly seams: Seams
  readonly faults: Faults
  /** Peer id of this node. */
  readonly ownId: string
  /** Of the sessions that this node began. */
  readonly slots: Pick<SessionSlots, 'end'>
  /** Whether a device is a member of a space, false: not any more; undefined: it is not known. */
  readonly knownAs: (space: Hex, peerId: string) => Promise<boolean | undefined>
  readonly onEnd: (peerId: string, result: SessionResult, startMs: number) => Promise<void>
}

export class Answering {
  readonly #init: AnsweringInit
  readonly #open = new Set<Promise<void>>()
  /** How many of each device. */
  readonly #ofDevice = new Map<string, number>()
  /** By device and space. */
  readonly #met = new Set<string>()
  readonly #stopping = new AbortController()

  constructor(init: AnsweringInit) {
    this.#init = init
  }

  accept(channel: Channel): void {
    const peerId = channel.remoteName
    const own = this.#ofDevice.get(peerId) ?? 0
    const isFull = this.#open.size >= MAX_ANSWERED_SESSIONS || own >= MAX_ANSWERED_PER_DEVICE
    if (this.#stopping.signal.aborted || isFull || this.#init.faults.isBarred(peerId)) {
      channel.abort(new ShoalError('ERR_LIMIT', 'no session can be had now'))
      return
    }
    this.#ofDevice.set(peerId, own + 1)
    const session = this.#answer(channel, peerId).finally(() => {
      this.#open.delete(session)
      const left = (this.#ofDevice.get(peerId) ?? 1) - 1
      if (left === 0) this.#ofDevice.delete(peerId)
      else this.#ofDevice.set(peerId, left)
    })
    this.#open.add(session)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#open)
  }

  async #answer(channel: Channel, peerId: string): Promise<void> {
    const { host, seams, faults, onEnd } = this.#init
    const startMs = seams.clock.monotonic()
    let key: string | undefined
    const mayMeet = async (space: Hex): Promise<boolean> => {
      const isMember = await this.#init.knownAs(space, peerId)
      const wanted = `${peerId} ${space}`
      if (isMember === false || this.#met.has(wanted)) return false
      key = wanted
      this.#met.add(wanted)
      this.#yield(peerId, wanted)
      return true
    }
    try {
      const { signal } = this.#stopping
      const result = await answerSession({ channel, host, seams, signal, mayMeet })
      await onEnd(peerId, result, startMs)
    } catch (error) {
      if (isShoalError(error, 'ERR_PROTOCOL')) faults.fault(peerId)
      else if (isShoalError(error, 'ERR_SPACE_ROLE')) faults.vain(peerId)
    } finally {
      if (key !== undefined) this.#met.delete(key)
    }
  }

  /** Both began at once: the session that the greater id began ends. */
  #yield(peerId: string, key: string): void {
    if (this.#init.ownId < peerId) return
    this.#init.slots.end(key)
    this.#init.slots.end(`${peerId} *`)
  }
}
