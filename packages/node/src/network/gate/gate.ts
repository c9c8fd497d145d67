/**
 * What stands between this node and strangers: who may connect, stay, open streams and leave bytes with us, and what
 * is dialled when a stranger names it. The reasons are in docs/adr/0019, the limits in docs/hardening.md.
 *
 * How a host is built with it:
 *
 * ```
 * const gate = createGate({ preset, seams, peerId, ownAddresses: () => ..., isProtected })
 * libp2p = await createLibp2p({
 *   transports: [gate.tcp()],
 *   // Where the network has a key: connectionProtector: gate.protector(preSharedKey({ psk })),
 *   connectionEncrypters: [gate.encrypter(noise()), gate.encrypter(lazyTls())],
 *   streamMuxers: [gate.yamux()],
 *   connectionGater: gate.gater,
 *   connectionManager: { ...gate.connectionManager },
 * })
 * await gate.watch(libp2p)
 * // A dial to addresses that a person, a link or our own network named:
 * const permit = gate.permit(addresses)
 * try { await libp2p.dial(addresses.map(multiaddr)) } finally { permit[Symbol.dispose]() }
 * // At the end:
 * gate.stop()
 * await libp2p.stop()
 * ```
 */
import type { ServerOpts } from 'node:net'
import type {
  ComponentLogger,
  Connection,
  ConnectionEncrypter,
  ConnectionGater,
  ConnectionProtector,
  PeerId,
  StreamMuxerFactory,
  Transport,
} from '@libp2p/interface'
import { tcp, type TCPComponents } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Libp2p, Libp2pOptions } from 'libp2p'
import type { NetworkPreset } from '../../options.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Subnet } from '../address-rules.ts'
import { systemInterfaces } from '../interfaces.ts'
import { NETWORK_LIMITS, type NetworkLimits } from '../limits.ts'
import type { Shedding } from '../loop-watchdog.ts'
import type { AddressBlock } from './address-block.ts'
import { answerPings, MAX_PING_STREAMS, PING_PROTOCOL } from './bounded-ping.ts'
import { DialGate } from './dial-gate.ts'
import { HandshakeGate } from './handshake-gate.ts'
import { Established } from './established.ts'
import { InboundGate } from './inbound-gate.ts'
import { MuxerGate } from './muxer-gate.ts'
import { ownSubnets } from './own-subnets.ts'
import { ShedStreams } from './shed-streams.ts'

export interface GateInit {
  readonly preset: NetworkPreset
  readonly seams: Seams
  /** The id of this node. */
  readonly peerId: string
  /** Multiaddrs of this node; none before it listens. */
  readonly ownAddresses: () => readonly string[]
  /** Networks of this machine. @defaultValue as the system lists them */
  readonly subnets?: () => readonly Subnet[]
  /** Is this a peer that is never closed, refused or slowed down for a stranger? */
  readonly isProtected: (peerId: string) => boolean
  /** When newcomers are refused because this node cannot keep up. @defaultValue never */
  readonly shedding?: Shedding
  /** Protocols that answer newcomers themselves when this node cannot keep up. @defaultValue none */
  readonly answering?: readonly string[]
  /** @defaultValue NETWORK_LIMITS */
  readonly limits?: Partial<NetworkLimits>
}

/** What happened since the gate was made, and what is there now. */
export interface GateStats {
  readonly pending: number
  readonly pendingEvicted: number
  readonly acceptedTooFast: number
  readonly connections: number
  readonly inboundStrangers: number
  readonly connectionsRefused: number
  readonly connectionsClosed: number
  readonly inboundStreams: number
  readonly streamsRefused: number
  readonly streamsEvicted: number
  readonly bufferedBytes: number
  readonly peersOverfull: number
  /** Addresses that strangers named and the rules refused. */
  readonly dialsDenied: number
  /** Dials refused because there were too many. */
  readonly dialsLimited: number
  /** Sockets opened to addresses that strangers named. */
  readonly strangerDials: number
}

export interface Gate {
  readonly gater: ConnectionGater
  readonly connectionManager: NonNullable<Libp2pOptions['connectionManager']>
  readonly tcp: () => (components: TCPComponents) => Transport
  readonly encrypter: <C, E extends ConnectionEncrypter>(make: (components: C) => E) => (components: C) => E
  readonly protector: <C, P extends ConnectionProtector>(make: (components: C) => P) => (components: C) => P
  readonly yamux: () => (components: { logger: ComponentLogger }) => StreamMuxerFactory
  /** Lets exactly these multiaddrs be dialled, whatever their range, until it is disposed of. */
  readonly permit: (addresses: readonly string[]) => Disposable
  /** Begins to watch connections of the host that was built with this gate. */
  readonly watch: (libp2p: Libp2p) => Promise<void>
  readonly stats: () => GateStats
  readonly stop: () => void
}

const NEVER: Shedding = { isOn: false, refused: () => {} }
const YAMUX_PROTOCOL = '/yamux/1.0.0'
/** Peers with this tag are the last that the library's pruner closes. */
const PROTECTED_TAG = 'shoal-protected'
const PROTECTED_VALUE = 100

export function createGate(init: GateInit): Gate {
  const limits: NetworkLimits = { ...NETWORK_LIMITS, ...init.limits }
  const { preset, seams, peerId, ownAddresses, isProtected } = init
  const { clock, timers } = seams
  const subnets = init.subnets ?? (() => ownSubnets(systemInterfaces()))
  const isExempt = (block: AddressBlock): boolean => preset === 'private' && block.isLoopback
  const { shedding = NEVER, answering = [] } = init
  const inbound = new InboundGate({ clock, limits, isExempt, shedding })
  const established = new Established({ clock, limits, isExempt, isProtected })
  const handshakes = new HandshakeGate(limits, [YAMUX_PROTOCOL])
  let protocols = (): readonly string[] => []
  const shed = new ShedStreams({ shedding, isProtected, answering })
  const muxers = new MuxerGate({ clock, limits, isProtected, protocols: () => protocols(), shed })
  const dials = new DialGate({
    preset,
    seams,
    limits,
    peerId,
    ownAddresses,
    subnets,
    isProtected,
    isExempt,
  })
  let timer: TimerHandle | undefined

  const gater: ConnectionGater = {
    denyInboundConnection: (socket) => {
      socket.maxWriteBufferLength = limits.maxConnectionBufferBytes
      handshakes.begin(socket)
      inbound.begin(socket)
      return false
    },
    denyInboundUpgradedConnection: (peer, socket) => {
      inbound.end(socket)
      return !established.admitInbound(peer.toString(), socket)
    },
    denyOutboundEncryptedConnection: (peer, socket) => {
      socket.maxWriteBufferLength = limits.maxConnectionBufferBytes
      established.admitOutbound(peer.toString(), socket)
      return false
    },
    denyDialMultiaddr: (address) => !dials.mayDial(address.toString()),
    filterMultiaddrForPeer: (peer, address) => dials.mayKeep(peer.toString(), address.toString()),
  }

  const tag = async (libp2p: Libp2p, peer: PeerId): Promise<void> => {
    const value = isProtected(peer.toString()) ? { value: PROTECTED_VALUE } : undefined
    await libp2p.peerStore.merge(peer, { tags: { [PROTECTED_TAG]: value } })
  }

  const checkLater = (): void => {
    timer = timers.set(() => {
      muxers.checkBuffers()
      checkLater()
    }, limits.bufferCheckMs)
  }

  return {
    gater,
    connectionManager: {
      maxConnections: limits.maxConnections,
      // Counted here instead: the library refuses the newcomer, and before it asks the gater.
      maxIncomingPendingConnections: Number.POSITIVE_INFINITY,
      inboundConnectionThreshold: Number.POSITIVE_INFINITY,
      inboundUpgradeTimeout: limits.inboundUpgradeTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: limits.streamNegotiationTimeoutMs,
      dialTimeout: limits.dialTimeoutMs,
      resolvers: { dnsaddr: dials.resolver },
    },
    tcp: () => (components) => {
      const listenOpts: ServerOpts = { blockList: inbound.acceptFilter }
      return dials.guard(tcp({ listenOpts, backlog: limits.acceptBacklog })(components))
    },
    protector: (make) => (components) => handshakes.guardProtector(make(components)),
    encrypter: (make) => (components) => handshakes.guard(make(components)),
    yamux: () => () =>
      muxers.guard(
        yamux({
          maxInboundStreams: limits.maxInboundStreamsPerPeer,
          maxOutboundStreams: limits.maxMuxedStreams,
          streamOptions: {
            maxReadBufferLength: limits.maxReadBufferBytes,
            maxWriteBufferLength: limits.maxWriteBufferBytes,
            maxStreamWindowSize: limits.maxStreamWindowBytes,
          },
        })(),
      ),
    permit: (addresses) => dials.permits.grant(addresses),
    watch: async (libp2p) => {
      const onOpen = (connection: Connection): void => {
        muxers.onOpen(connection)
        established.onOpen(connection)
        // A peer that is gone already, or a store that is closed: nobody prunes it then.
        tag(libp2p, connection.remotePeer).catch(() => {})
      }
      protocols = () => libp2p.getProtocols()
      libp2p.addEventListener('connection:open', ({ detail }) => onOpen(detail))
      for (const connection of libp2p.getConnections()) onOpen(connection)
      await libp2p.handle(PING_PROTOCOL, (stream) => answerPings(stream, timers, limits), {
        force: true,
        maxInboundStreams: MAX_PING_STREAMS,
        runOnLimitedConnection: true,
      })
      checkLater()
    },
    stats: () => ({
      pending: inbound.pending,
      pendingEvicted: inbound.counts.evicted,
      acceptedTooFast: inbound.counts.tooFast,
      connections: established.size,
      inboundStrangers: established.inboundStrangers,
      connectionsRefused: established.counts.refused,
      connectionsClosed: established.counts.closed,
      inboundStreams: muxers.inboundStreams,
      streamsRefused: muxers.counts.refused,
      streamsEvicted: muxers.counts.evicted,
      bufferedBytes: muxers.bufferedBytes,
      peersOverfull: muxers.counts.overfull,
      dialsDenied: dials.counts.denied,
      dialsLimited: dials.counts.limited,
      strangerDials: dials.counts.dialled,
    }),
    stop: () => {
      if (timer !== undefined) timers.clear(timer)
      timer = undefined
    },
  }
}
