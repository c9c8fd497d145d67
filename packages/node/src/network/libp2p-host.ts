/** A libp2p node as the host of ours: its addresses, its dials, its end. */
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { ShoalError, isShoalError } from '../errors.ts'
import type { PeerEvent } from '../events.ts'
import type { HostLibp2p } from '../options.ts'
import type { Seams } from '../util/seams.ts'
import type { AddressOrigin } from './address-rules.ts'
import type { Channel } from './channel.ts'
import { connectedPeers } from './connected-peers.ts'
import { withDeadline } from './deadline.ts'
import type { Discovery } from './discovery.ts'
import type { Gate, GateStats } from './gate/gate.ts'
import type { Host } from './host.ts'
import { endProtocol, handleStreams } from './host-init.ts'
import { Libp2pChannel } from './libp2p-channel.ts'
import { NETWORK_LIMITS } from './limits.ts'
import type { AddressFact } from './own-addresses.ts'
import { parseAddress } from './parse-address.ts'
import type { Pubsub } from './pubsub/pubsub.ts'

export interface Libp2pHostInit {
  readonly libp2p: HostLibp2p
  /** Multiaddrs of this node, each with its peer id. */
  readonly addresses: () => string[]
  readonly addressFacts: () => readonly AddressFact[]
  readonly gate: Pick<Gate, 'permit'> & Partial<Pick<Gate, 'stats'>>
  readonly discovery: Discovery
  readonly protocol: string
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  /** Starts gossip. @defaultValue there is none on this node */
  readonly startPubsub?: (isMember: (peerId: string) => boolean) => Promise<Pubsub>
  /** Ends what was begun on the libp2p node for this host, or that node itself. */
  readonly end: () => Promise<void>
}

export class Libp2pHost implements Host {
  readonly discovery: Discovery
  readonly #libp2p: HostLibp2p
  readonly #addresses: () => string[]
  readonly #addressFacts: () => readonly AddressFact[]
  readonly #gate: Libp2pHostInit['gate']
  readonly #protocol: string
  readonly #seams: Pick<Seams, 'clock' | 'timers'>
  readonly #end: () => Promise<void>
  readonly #startPubsub: Libp2pHostInit['startPubsub']
  #pubsub: Promise<Pubsub> | undefined
  /** Those that were spoken later than that of transfer. */
  readonly #spoken: string[] = []

  constructor(init: Libp2pHostInit) {
    this.discovery = init.discovery
    this.#libp2p = init.libp2p
    this.#addresses = init.addresses
    this.#addressFacts = init.addressFacts
    this.#gate = init.gate
    this.#protocol = init.protocol
    this.#seams = init.seams
    this.#end = init.end
    this.#startPubsub = init.startPubsub
  }

  get peerId(): string {
    return this.#libp2p.peerId.toString()
  }

  addresses(): string[] {
    return this.#addresses()
  }

  addressFacts(): readonly AddressFact[] {
    return this.#addressFacts()
  }

  gateStats(): GateStats | undefined {
    return this.#gate.stats?.()
  }

  peers(): Promise<PeerEvent[]> {
    return connectedPeers(this.#libp2p, this.#protocol, this.#seams.clock.now())
  }

  connectedPeers(): string[] {
    return this.#libp2p.getPeers().map(String)
  }

  async dial(
    addresses: readonly string[],
    signal?: AbortSignal,
    origin: AddressOrigin = 'record',
    protocol: string = this.#protocol,
  ): Promise<Channel> {
    // Whatever its range: the rules for what strangers say do not hold for those whom we know.
    const permit = origin === 'named' ? this.#gate.permit(addresses) : undefined
    try {
      const targets = addresses.map(parseAddress)
      for (let isFirst = true; ; isFirst = false) {
        const connection = await this.#libp2p.dial(targets, signal === undefined ? {} : { signal })
        try {
          return await this.#openStream(connection, protocol, signal)
        } catch (error) {
          signal?.throwIfAborted()
          // The library gives out a connection that it has, also one that is of no use any more. A new one may be.
          if (!isUseless(connection, error)) throw error
          connection.abort(error as Error)
          if (!isFirst) throw error
        }
      }
    } catch (cause) {
      signal?.throwIfAborted()
      throw new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer', { cause })
    } finally {
      permit?.[Symbol.dispose]()
    }
  }

  async open(peerId: string, protocol: string, signal?: AbortSignal): Promise<Channel> {
    signal?.throwIfAborted()
    const all = this.#libp2p.getConnections(peerIdFromString(peerId))
    const connection = all.find(({ status }) => status === 'open')
    if (connection === undefined) throw new ShoalError('ERR_NO_PROVIDER', 'the other device is not connected')
    try {
      return await this.#openStream(connection, protocol, signal)
    } catch (cause) {
      signal?.throwIfAborted()
      throw new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer', { cause })
    }
  }

  async speak(protocol: string, onChannel: (channel: Channel) => void): Promise<void> {
    await handleStreams(this.#libp2p, { protocol, onChannel, seams: this.#seams })
    this.#spoken.push(protocol)
  }

  pubsub(isMember: (peerId: string) => boolean): Promise<Pubsub> | undefined {
    this.#pubsub ??= this.#startPubsub?.(isMember)
    return this.#pubsub
  }

  async addressesOf(peerId: string): Promise<readonly string[]> {
    try {
      const { addresses } = await this.#libp2p.peerStore.get(peerIdFromString(peerId))
      // What the peer signed stands above what anybody said.
      const certified = addresses.filter(({ isCertified }) => isCertified)
      return (certified.length > 0 ? certified : addresses).map((address) => address.multiaddr.toString())
    } catch {
      return []
    }
  }

  /** Bounded in time: with a signal of the caller's the library has no time-out of its own. */
  async #openStream(
    connection: Connection,
    protocol: string,
    signal: AbortSignal | undefined,
  ): Promise<Channel> {
    const { timers } = this.#seams
    const stream = await withDeadline(timers, NETWORK_LIMITS.dialTimeoutMs, signal, (within) =>
      connection.newStream(protocol, {
        maxOutboundStreams: NETWORK_LIMITS.maxStreamsPerConnection,
        runOnLimitedConnection: true,
        signal: within,
      }),
    )
    return new Libp2pChannel(stream, this.#libp2p.peerId, connection, timers)
  }

  async stop(): Promise<void> {
    await this.discovery.stop()
    // One that did not start has nothing to stop.
    await this.#pubsub?.then((pubsub) => pubsub.stop()).catch(() => {})
    await Promise.all(this.#spoken.splice(0).map((protocol) => endProtocol(this.#libp2p, protocol)))
    await this.#end()
  }
}

/** Being closed, or silent, and nothing else goes over it that says otherwise. */
function isUseless({ status, streams }: Connection, error: unknown): boolean {
  const { name } = error as Error
  if (status !== 'open' || name === 'ConnectionClosedError' || name === 'MuxerClosedError') return true
  const isSilent = isShoalError(error, 'ERR_NO_PROVIDER')
  return isSilent && !streams.some((stream) => stream.protocol !== '' && stream.status === 'open')
}

/** At which of its addresses a device was dialled that is connected now, each with its peer id. */
export function dialledAddresses(connections: readonly Connection[], peerId: string): string[] {
  return connections
    .filter(({ remotePeer, direction }) => direction === 'outbound' && remotePeer.toString() === peerId)
    .map(({ remoteAddr }) => withPeerId(remoteAddr.toString(), peerId))
}

export function withPeerId(address: string, peerId: string): string {
  return address.endsWith(`/p2p/${peerId}`) ? address : `${address}/p2p/${peerId}`
}
