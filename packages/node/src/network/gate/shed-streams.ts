/**
 * Which streams are not taken while this node cannot keep up: those that peers open who came to us and whom we do not
 * need. It is judged when a stream says what it is for, before anything answers; streams that are open stay.
 */
import type { MessageStream } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import type { Shedding } from '../loop-watchdog.ts'
import { PING_PROTOCOL } from './bounded-ping.ts'

const IDENTIFY_PROTOCOL = '/ipfs/id/1.0.0'

export interface ShedStreamsInit {
  readonly shedding: Shedding
  readonly isProtected: (peerId: string) => boolean
  /** Protocols that tell newcomers themselves to come back. */
  readonly answering: readonly string[]
}

export class ShedStreams {
  readonly #init: ShedStreamsInit
  /** Connections that were answered who we are. */
  readonly #identified = new WeakSet<MessageStream>()

  constructor(init: ShedStreamsInit) {
    this.#init = init
  }

  /**
   * @param secured the connection that the stream is on
   * @throws ShoalError ERR_LIMIT for a stream that is to be reset
   */
  inspect(protocol: string, peer: string, secured: MessageStream): void {
    const { shedding, isProtected, answering } = this.#init
    // Asked once, by everybody at the start: who gets no answer does not ask again, and never knows what we speak.
    const isFirstIdentify = protocol === IDENTIFY_PROTOCOL && !this.#identified.has(secured)
    if (isFirstIdentify) this.#identified.add(secured)
    if (!shedding.isOn || isFirstIdentify || secured.direction === 'outbound' || isProtected(peer)) return
    // Libraries close a connection, with all that runs on it, of which a ping comes to nothing.
    if (protocol === PING_PROTOCOL || answering.includes(protocol)) return
    shedding.refused()
    throw new ShoalError('ERR_LIMIT', 'too much to do; newcomers wait')
  }
}
