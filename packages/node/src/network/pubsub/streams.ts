/**
 * Stands between the library and the streams of its protocol: who is barred opens none, those of ours are opened side by side
 * and again when they end, and what waits on them is bounded.
 *
 * The library opens its streams one after the other, so that a peer that does not answer holds up all others, and none again
 * as long as the connection lasts. Here a stream is opened first, and the library gets a connection that has it.
 */
import type { GossipSubComponents } from '@libp2p/gossipsub'
import type { Connection, PeerId, Stream, StreamHandler, Topology } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { withDeadline } from '../deadline.ts'
import type { PubsubLimits } from './limits.ts'
import { WaitingBytes } from './waiting-bytes.ts'

type Registrar = GossipSubComponents['registrar']

export interface PubsubStreamsInit {
  readonly registrar: Registrar
  readonly protocol: string
  readonly limits: PubsubLimits
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  /** Is nothing to be heard of this peer? */
  readonly isBarred: (peerId: string) => boolean
  /** All that are open now. */
  readonly connections: () => readonly Connection[]
  /** Called when a peer is gone. */
  readonly onGone: (peerId: string) => void
}

export class PubsubStreams {
  readonly waiting: WaitingBytes
  readonly #init: PubsubStreamsInit
  /** Peers that speak it, or try, each by its newest connection. */
  readonly #connections = new Map<string, Connection>()
  readonly #outbound = new Map<string, Stream>()
  readonly #inbound = new Map<Stream, string>()
  readonly #opening = new Set<string>()
  /** Those who took too little, and until when no gossip is exchanged with them, by the monotonic clock. */
  readonly #stalled = new Map<string, number>()
  readonly #ended = new AbortController()
  #topology: Topology | undefined
  #timer: TimerHandle | undefined
  #stalledInAll = 0

  constructor(init: PubsubStreamsInit) {
    this.#init = init
    this.waiting = new WaitingBytes({ limits: init.limits, onStalled: (peerId) => this.#stall(peerId) })
  }

  /** What the library takes for the registrar. */
  get registrar(): Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister' | 'getTopologies'> {
    const { registrar, limits } = this.#init
    return {
      handle: (protocol, handler) =>
        registrar.handle(protocol, (stream, connection) => this.#answer(handler, stream, connection), {
          maxInboundStreams: limits.maxStreams,
          maxOutboundStreams: limits.maxStreams,
        }),
      unhandle: (protocol) => registrar.unhandle(protocol),
      register: (protocol, topology) => {
        this.#topology = topology
        return registrar.register(protocol, {
          onConnect: (_, connection) => this.greet(connection),
          onDisconnect: (peerId) => this.#gone(peerId),
        })
      },
      unregister: (id) => registrar.unregister(id),
      getTopologies: (protocol) => registrar.getTopologies(protocol),
    }
  }

  /** Streams that take what is sent. */
  get outbound(): number {
    return this.#outbound.size
  }

  /** Streams that were reset since their peers took too little. */
  get stalled(): number {
    return this.#stalledInAll
  }

  start(): void {
    this.#look()
  }

  /** Begins with a peer that is connected. */
  greet(connection: Connection): void {
    const peerId = connection.remotePeer.toString()
    if (this.#isOut(peerId)) return
    this.#connections.set(peerId, connection)
    void this.#open(peerId, connection)
  }

  /** Ends both streams of a peer, and has the library forget it. The connection stays. */
  drop(peerId: string): void {
    const connection = this.#connections.get(peerId)
    if (connection !== undefined) void this.#topology?.onDisconnect?.(connection.remotePeer)
    this.#outbound.get(peerId)?.abort(out())
    for (const [stream, of] of this.#inbound) {
      if (of === peerId) stream.abort(out())
    }
  }

  stop(): void {
    this.#ended.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    for (const stream of this.#outbound.values()) stream.abort(this.#ended.signal.reason)
    this.#connections.clear()
  }

  #answer(handler: StreamHandler, stream: Stream, connection: Connection): void {
    const peerId = connection.remotePeer.toString()
    if (this.#isOut(peerId)) {
      stream.abort(out())
      return
    }
    this.#connections.set(peerId, connection)
    this.#inbound.set(stream, peerId)
    stream.addEventListener('close', () => this.#inbound.delete(stream), { once: true })
    void handler(stream, connectionWith(connection, undefined))
    void this.#open(peerId, connection)
  }

  async #open(peerId: string, connection: Connection): Promise<void> {
    const { limits, seams, protocol } = this.#init
    if (this.#outbound.has(peerId) || this.#opening.has(peerId)) return
    if (this.#opening.size >= limits.maxOpening || this.#ended.signal.aborted) return
    this.#opening.add(peerId)
    try {
      const stream = await withDeadline(seams.timers, limits.openMs, this.#ended.signal, (signal) =>
        connection.newStream(protocol, { signal, maxOutboundStreams: limits.maxStreams }),
      )
      this.#outbound.set(peerId, stream)
      stream.addEventListener('close', () => this.#closed(peerId, stream), { once: true })
      if (stream.status !== 'open') this.#closed(peerId, stream)
      this.waiting.watch(peerId, stream)
      await this.#topology?.onConnect?.(connection.remotePeer, connectionWith(connection, stream))
    } catch (error) {
      // Else it is tried again as long as it is connected.
      if ((error as Error).name === 'UnsupportedProtocolError') this.#connections.delete(peerId)
    } finally {
      this.#opening.delete(peerId)
    }
  }

  /** The library would go on to count on who has no stream: nobody else would get what is meant for its place. */
  #closed(peerId: string, stream: Stream): void {
    if (this.#outbound.get(peerId) !== stream) return
    this.#outbound.delete(peerId)
    if (!this.#ended.signal.aborted) this.drop(peerId)
  }

  #stall(peerId: string): void {
    const { limits, seams } = this.#init
    this.#stalledInAll++
    this.#stalled.set(peerId, seams.clock.monotonic() + limits.stalledMs)
    keepNewest(this.#stalled, limits.maxRemembered)
  }

  /** Did it do wrong, or take nothing, a while ago? */
  #isOut(peerId: string): boolean {
    if (this.#init.isBarred(peerId)) return true
    const untilMs = this.#stalled.get(peerId)
    if (untilMs === undefined) return false
    if (this.#init.seams.clock.monotonic() < untilMs) return true
    this.#stalled.delete(peerId)
    return false
  }

  #gone(peerId: PeerId): void {
    void this.#topology?.onDisconnect?.(peerId)
    const name = peerId.toString()
    this.#connections.delete(name)
    this.#init.onGone(name)
  }

  /** Of two connections the newer may be the one that ended. */
  #useAnother(peerId: string): void {
    this.#connections.delete(peerId)
    const open = this.#init.connections().filter(({ status }) => status === 'open')
    const other = open.find(({ remotePeer }) => remotePeer.toString() === peerId)
    if (other !== undefined) this.greet(other)
  }

  /** Opens again what ended. */
  #look(): void {
    const { timers } = this.#init.seams
    for (const [peerId, connection] of this.#connections) {
      if (connection.status !== 'open') this.#useAnother(peerId)
      else if (!this.#isOut(peerId)) void this.#open(peerId, connection)
    }
    this.#timer = timers.set(() => this.#look(), this.#init.limits.reopenMs)
  }
}

/** What the library uses of a connection, which has one stream to give. */
function connectionWith(connection: Connection, stream: Stream | undefined): Connection {
  const { remotePeer, remoteAddr, direction } = connection
  const given: Pick<Connection, 'remotePeer' | 'remoteAddr' | 'direction' | 'status' | 'newStream'> = {
    remotePeer,
    remoteAddr,
    direction,
    get status() {
      return connection.status
    },
    newStream: () =>
      stream === undefined
        ? Promise.reject(new ShoalError('ERR_NO_PROVIDER', 'its stream is opened aside'))
        : Promise.resolve(stream),
  }
  return given as Connection
}

function out(): ShoalError {
  return new ShoalError('ERR_PROTOCOL', 'no gossip is exchanged with the other device')
}
