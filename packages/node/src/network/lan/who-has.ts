/** `/shoal/who-has/1.0.0`: a device of the local network is asked which of some contents it can serve. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { ShoalError } from '../../errors.ts'
import { delay, type Seams } from '../../util/seams.ts'
import type { Candidate } from '../provider-source.ts'
import { withDeadline } from '../deadline.ts'
import { TokenBuckets } from '../token-buckets.ts'
import { MAX_RATED, WHO_HAS_LIMITS } from './limits.ts'
import { hostOf } from './local-networks.ts'
import { wholeMessage } from './whole-message.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_QUESTION_BYTES,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
} from './who-has-messages.ts'

export const WHO_HAS_PROTOCOL = '/shoal/who-has/1.0.0'

/** What of libp2p this needs. */
export type WhoHasHost = Pick<Libp2p, 'dial' | 'getConnections' | 'handle' | 'unhandle'>

export interface WhoHasInit {
  readonly libp2p: WhoHasHost
  readonly seams: Seams
  /** Can this node serve the content with this provider key? Called with 32 bytes. */
  readonly isServed: (digest: Uint8Array) => boolean
  /** Does this IP address lie on a local network of ours? Others are not answered. */
  readonly isNear: (ip: string) => boolean
  /** Lets these addresses be dialled, whatever the rules for strangers' addresses say, until it is disposed of. */
  readonly permit?: (addresses: readonly string[]) => Disposable
}

export class WhoHas {
  readonly #init: WhoHasInit
  readonly #perPeer: TokenBuckets
  readonly #perAddress: TokenBuckets
  readonly #stopping = new AbortController()
  /** Devices that are asked now, each with how many questions. */
  readonly #asking = new Map<string, number>()

  constructor(init: WhoHasInit) {
    this.#init = init
    this.#perPeer = TokenBuckets.of(MAX_RATED, init.seams.clock, WHO_HAS_LIMITS.questionsPerPeer)
    this.#perAddress = TokenBuckets.of(MAX_RATED, init.seams.clock, WHO_HAS_LIMITS.questionsPerAddress)
  }

  async start(): Promise<void> {
    await this.#init.libp2p.handle(
      WHO_HAS_PROTOCOL,
      (stream, connection) => void this.#answer(stream, connection),
      {
        maxInboundStreams: WHO_HAS_LIMITS.maxStreamsPerConnection,
        maxOutboundStreams: WHO_HAS_LIMITS.maxStreamsPerConnection,
      },
    )
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
    await this.#init.libp2p.unhandle(WHO_HAS_PROTOCOL)
  }

  /**
   * Asks a device which of the contents it can serve. A connection that was made for this and came to nothing is closed.
   *
   * @param digests 1 to 64 of 32 bytes each
   * @throws ShoalError ERR_NO_PROVIDER when it does not answer, also because it was asked too often, or speaks another
   *   protocol, ERR_PROTOCOL; what the signal aborts with
   */
  async ask(device: Candidate, digests: readonly Uint8Array[], signal: AbortSignal): Promise<boolean[]> {
    const { peerId } = device
    this.#asking.set(peerId, (this.#asking.get(peerId) ?? 0) + 1)
    try {
      return await this.#ask(device, digests, signal)
    } finally {
      const left = (this.#asking.get(peerId) ?? 1) - 1
      if (left > 0) this.#asking.set(peerId, left)
      else this.#asking.delete(peerId)
    }
  }

  #ask(device: Candidate, digests: readonly Uint8Array[], signal: AbortSignal): Promise<boolean[]> {
    const { libp2p, seams } = this.#init
    return withDeadline(seams.timers, WHO_HAS_LIMITS.timeoutMs, signal, async (deadline) => {
      const permit = this.#init.permit?.(device.addresses)
      const known = new Set(libp2p.getConnections().map(({ id }) => id))
      let connection: Connection | undefined
      let isUseful = false
      try {
        connection = await libp2p.dial(
          device.addresses.map((address) => multiaddr(address)),
          { signal: deadline },
        )
        const served = await this.#exchange(connection, digests, deadline)
        isUseful = served.includes(true)
        return served
      } catch (cause) {
        if (signal.aborted || cause instanceof ShoalError) throw cause
        throw new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer', { cause })
      } finally {
        permit?.[Symbol.dispose]()
        if (connection !== undefined && !isUseful && !known.has(connection.id))
          this.#release(connection).catch(() => {})
      }
    })
  }

  async #exchange(
    connection: Connection,
    digests: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<boolean[]> {
    const stream = await connection.newStream(WHO_HAS_PROTOCOL, {
      maxOutboundStreams: WHO_HAS_LIMITS.maxStreamsPerConnection,
      signal,
    })
    try {
      const answer = wholeMessage(stream, MAX_ANSWER_BYTES, signal)
      // Both fail when the stream breaks; the one not looked at must not end the process.
      answer.catch(() => {})
      stream.send(encodeQuestion(digests))
      await stream.close({ signal })
      const served = decodeAnswer(await answer, digests.length)
      if (served === 'busy') throw new ShoalError('ERR_NO_PROVIDER', 'the other device is busy')
      return served
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }

  async #answer(stream: Stream, connection: Connection): Promise<void> {
    const { seams, isServed } = this.#init
    try {
      const ip = hostOf(connection.remoteAddr.toString())
      const isRelayed = connection.remoteAddr.toString().includes('/p2p-circuit')
      if (ip === undefined || isRelayed || !this.#init.isNear(ip)) {
        throw new ShoalError('ERR_NOT_AUTHORISED', 'who-has is answered on the local network only')
      }
      const isAdmitted =
        this.#perAddress.tryTake(ip) && this.#perPeer.tryTake(connection.remotePeer.toString())
      const { signal } = this.#stopping
      await withDeadline(seams.timers, WHO_HAS_LIMITS.timeoutMs, signal, async (deadline) => {
        const question = await wholeMessage(stream, MAX_QUESTION_BYTES, deadline)
        const digests = decodeQuestion(question)
        stream.send(encodeAnswer(isAdmitted ? digests.map((digest) => isServed(digest)) : 'busy'))
        await stream.close({ signal: deadline })
      })
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  /**
   * Ends a connection that nobody began to use; what libp2p does on a new one may still be under way. At once and not in
   * order, since whoever dials meanwhile would be given one that is closing.
   */
  async #release(connection: Connection): Promise<void> {
    const { seams } = this.#init
    const peerId = connection.remotePeer.toString()
    for (let tries = WHO_HAS_LIMITS.releaseTries; tries > 0; tries--) {
      await delay(seams.timers, WHO_HAS_LIMITS.releasePauseMs, this.#stopping.signal)
      if (connection.status !== 'open') return
      if (connection.streams.length > 0 || this.#asking.has(peerId)) continue
      connection.abort(new ShoalError('ERR_NO_PROVIDER', 'the other device has nothing that is looked for'))
      return
    }
  }
}
