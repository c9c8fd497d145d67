/**
 * Streams and their buffers. The library bounds streams by connection and protocol, and buffers by stream at best;
 * here they are bounded by peer and in all.
 */
import type { Connection, MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import type { Clock } from '../../util/seams.ts'
import type { NetworkLimits } from '../limits.ts'
import { blockOfMultiaddr } from './address-block.ts'
import { FairSlots } from './fair-slots.ts'
import { FrameGuard } from './frame-guard.ts'
import { holdWhileFull } from './full-connection.ts'
import { guardNegotiation, NegotiationGuard } from './negotiation-guard.ts'
import type { ShedStreams } from './shed-streams.ts'

/** What the library's muxers have besides their interface; `guard` makes sure of it. */
interface MuxerInternals {
  onData: (data: Uint8Array | Iterable<Uint8Array>) => void
  onRemoteStream: (stream: Stream) => void
  onCreateStream: (options: object) => Stream | Promise<Stream>
}

export interface MuxerGateInit {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly isProtected: (peerId: string) => boolean
  /** Protocols that this node speaks on streams. */
  readonly protocols: () => readonly string[]
  /** Which streams are not taken while this node cannot keep up. */
  readonly shed: ShedStreams
}

/** One connection with a muxer. */
interface Muxed {
  readonly muxer: StreamMuxer
  readonly secured: MessageStream
  readonly frames: FrameGuard
  /** Known when the connection is open; until then few streams can be. */
  peer: string
  block: string
  /** When the peer last took bytes that were waiting, on the monotonic clock. */
  tookAtMs: number
}

/** Streams opened before the connection is: the library itself holds at most ten. */
const NOT_OPEN = 'opening'

export class MuxerGate {
  readonly #init: MuxerGateInit
  readonly #slots: FairSlots<Stream>
  readonly #muxed = new Set<Muxed>()
  /** Streams refused or ended for others, and connections given up for what waits on them. */
  readonly counts = { refused: 0, evicted: 0, overfull: 0 }

  constructor(init: MuxerGateInit) {
    this.#init = init
    this.#slots = new FairSlots(init.limits.maxInboundStreams)
  }

  get inboundStreams(): number {
    return this.#slots.size
  }

  /** The factory, whose muxers ask here. */
  guard(factory: StreamMuxerFactory): StreamMuxerFactory {
    return {
      protocol: factory.protocol,
      createStreamMuxer: (secured) => {
        const muxer = factory.createStreamMuxer(secured)
        this.#watch(muxer, secured)
        return muxer
      },
    }
  }

  /** The library tells whose connection it is. */
  onOpen(connection: Connection): void {
    const { streams } = connection
    for (const muxed of this.#muxed) {
      // The library hands out the very list of its muxer.
      if (muxed.muxer.streams !== streams) continue
      muxed.peer = connection.remotePeer.toString()
      muxed.block = blockOfMultiaddr(connection.remoteAddr.toString()).block
      // Streams that were faster than this event count for their peer from now on.
      for (const stream of streams) {
        if (stream.direction !== 'inbound') continue
        if (this.#init.isProtected(muxed.peer)) this.#slots.release(stream)
        else this.#slots.take(stream, muxed.block, muxed.peer)
      }
      return
    }
  }

  /** Bytes that wait, unread or unsent, for all peers. */
  get bufferedBytes(): number {
    let sum = 0
    for (const muxed of this.#muxed) sum += buffered(muxed)
    return sum
  }

  /** Gives up peers for whom too much waits. Called every `bufferCheckMs`. */
  checkBuffers(): void {
    const { clock, limits } = this.#init
    const now = clock.monotonic()
    const peers = new Map<string, { bytes: number; tookAtMs: number; muxed: Muxed[] }>()
    let total = 0
    for (const muxed of this.#muxed) {
      const bytes = buffered(muxed)
      if (bytes === 0) muxed.tookAtMs = now
      total += bytes
      const sum = peers.get(muxed.peer) ?? { bytes: 0, tookAtMs: Number.NEGATIVE_INFINITY, muxed: [] }
      sum.bytes += bytes
      sum.tookAtMs = Math.max(sum.tookAtMs, muxed.tookAtMs)
      sum.muxed.push(muxed)
      peers.set(muxed.peer, sum)
    }
    const heaviestFirst = [...peers.values()].toSorted((a, b) => b.bytes - a.bytes)
    for (const { bytes, tookAtMs, muxed } of heaviestFirst) {
      const isStalled = bytes > limits.maxStalledPeerBytes && now - tookAtMs > limits.stalledPeerMs
      if (!isStalled && bytes <= limits.maxPeerBufferBytes && total <= limits.maxBufferBytes) continue
      for (const one of muxed) this.#giveUp(one)
      total -= bytes
    }
  }

  #watch(muxer: StreamMuxer, secured: MessageStream): void {
    const { clock, limits } = this.#init
    const internals = muxer as unknown as Partial<MuxerInternals>
    const { onData, onRemoteStream, onCreateStream } = internals
    if (onData === undefined || onRemoteStream === undefined || onCreateStream === undefined) {
      throw new ShoalError('ERR_INTERNAL', 'the muxer has changed: streams cannot be bounded')
    }
    const frames = new FrameGuard(clock, limits, () => (muxed.tookAtMs = clock.monotonic()))
    const muxed: Muxed = {
      muxer,
      secured,
      frames,
      peer: NOT_OPEN,
      block: NOT_OPEN,
      tookAtMs: clock.monotonic(),
    }
    this.#muxed.add(muxed)
    secured.maxWriteBufferLength = limits.maxConnectionBufferBytes
    secured.addEventListener('drain', () => (muxed.tookAtMs = clock.monotonic()))
    secured.addEventListener('close', () => this.#muxed.delete(muxed), { once: true })
    internals.onData = (data) => {
      // What it throws ends the connection: the muxer catches it.
      if (data instanceof Uint8Array) frames.inspect(data)
      else for (const part of data) frames.inspect(part)
      onData.call(muxer, data)
    }
    internals.onCreateStream = (options) => {
      const stream = onCreateStream.call(muxer, options)
      if (stream instanceof Promise) return stream.then((made) => holdWhileFull(made, secured))
      return holdWhileFull(stream, secured)
    }
    internals.onRemoteStream = (stream) => {
      holdWhileFull(stream, secured)
      if (!this.#admit(muxed, stream)) {
        stream.abort(new ShoalError('ERR_LIMIT', 'too many streams'))
        return
      }
      const spoken = this.#init.protocols()
      guardNegotiation(
        stream,
        new NegotiationGuard(limits.maxNegotiationLines, (protocol) => {
          const isSpoken = spoken.includes(protocol)
          if (isSpoken) this.#init.shed.inspect(protocol, muxed.peer, secured)
          return isSpoken
        }),
      )
      onRemoteStream.call(muxer, stream)
    }
  }

  #admit({ peer, block }: Muxed, stream: Stream): boolean {
    const { limits, isProtected } = this.#init
    if (peer !== NOT_OPEN) {
      if (this.#slots.ownedBy(block, peer) >= limits.maxInboundStreamsPerPeer) {
        this.counts.refused++
        return false
      }
      // Bounded by connection all the same, but never ended for a stranger.
      if (isProtected(peer)) return true
    }
    const evicted = this.#slots.take(stream, block, peer)
    stream.addEventListener('close', () => this.#slots.release(stream), { once: true })
    if (evicted !== undefined) {
      this.counts.evicted++
      evicted.abort(new ShoalError('ERR_LIMIT', 'too many streams, and others wait'))
    }
    return true
  }

  #giveUp({ muxer, secured }: Muxed): void {
    this.counts.overfull++
    const error = new ShoalError('ERR_LIMIT', 'too much waits for this peer')
    muxer.abort(error)
    secured.abort(error)
  }
}

function buffered({ muxer, secured, frames }: Muxed): number {
  let sum = secured.writeBufferLength + secured.readBufferLength + frames.heldBytes
  for (const stream of muxer.streams) sum += stream.writeBufferLength + stream.readBufferLength
  return sum
}
