/** A libp2p node as the host of ours: its addresses, its dials, its end. */
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { ShoalError } from '../errors.ts'
import type { HostLibp2p } from '../options.ts'
import type { AddressOrigin } from './address-rules.ts'
import type { Channel } from './channel.ts'
import type { Discovery } from './discovery.ts'
import type { Gate } from './gate/gate.ts'
import type { Host } from './host.ts'
import { Libp2pChannel } from './libp2p-channel.ts'
import { NETWORK_LIMITS } from './limits.ts'

export interface Libp2pHostInit {
  readonly libp2p: HostLibp2p
  /** Multiaddrs of this node, each with its peer id. */
  readonly addresses: () => string[]
  readonly gate: Pick<Gate, 'permit'>
  readonly discovery: Discovery
  readonly protocol: string
  /** Ends what was begun on the libp2p node for this host, or that node itself. */
  readonly end: () => Promise<void>
}

export class Libp2pHost implements Host {
  readonly discovery: Discovery
  readonly #libp2p: HostLibp2p
  readonly #addresses: () => string[]
  readonly #gate: Pick<Gate, 'permit'>
  readonly #protocol: string
  readonly #end: () => Promise<void>

  constructor({ libp2p, addresses, gate, discovery, protocol, end }: Libp2pHostInit) {
    this.discovery = discovery
    this.#libp2p = libp2p
    this.#addresses = addresses
    this.#gate = gate
    this.#protocol = protocol
    this.#end = end
  }

  get peerId(): string {
    return this.#libp2p.peerId.toString()
  }

  addresses(): string[] {
    return this.#addresses()
  }

  connectedPeers(): string[] {
    return this.#libp2p.getPeers().map(String)
  }

  async dial(
    addresses: readonly string[],
    signal?: AbortSignal,
    origin: AddressOrigin = 'record',
  ): Promise<Channel> {
    let connection: Connection
    let stream: Stream
    // Whatever its range: the rules for what strangers say do not hold for those whom we know.
    const permit = origin === 'named' ? this.#gate.permit(addresses) : undefined
    try {
      connection = await this.#libp2p.dial(
        addresses.map(parseAddress),
        signal === undefined ? {} : { signal },
      )
      stream = await connection.newStream(this.#protocol, {
        maxOutboundStreams: NETWORK_LIMITS.maxStreamsPerConnection,
        runOnLimitedConnection: true,
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (cause) {
      signal?.throwIfAborted()
      throw new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer', { cause })
    } finally {
      permit?.[Symbol.dispose]()
    }
    return new Libp2pChannel(stream, this.#libp2p.peerId, connection.remotePeer)
  }

  async stop(): Promise<void> {
    await this.discovery.stop()
    await this.#end()
  }
}

/** @throws ShoalError ERR_OPTIONS_INVALID */
export function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `${address} is no address such as /ip4/192.0.2.1/tcp/4001`, {
      cause,
    })
  }
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
