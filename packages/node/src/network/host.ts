/** The libp2p host of a node: listens, dials, and hands over streams of the transfer protocol as channels. */
import { noise } from '@chainsafe/libp2p-noise'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { FaultTolerance, type Connection, type Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tls } from '@libp2p/tls'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p, type Libp2pInit } from 'libp2p'
import { ShoalError } from '../errors.ts'
import type { Channel } from './channel.ts'
import type { NetworkPreset } from '../options.ts'
import type { Seams } from '../util/seams.ts'
import type { AddressOrigin } from './address-rules.ts'
import { Bootstrap } from './bootstrap.ts'
import type { Discovery } from './discovery.ts'
import { createGate, type Gate } from './gate/gate.ts'
import { Libp2pChannel } from './libp2p-channel.ts'
import { NETWORK_LIMITS } from './limits.ts'
import { PRESETS } from './presets.ts'

export interface HostInit {
  /** 64 bytes: Ed25519 seed and public key. */
  readonly privateKey: Uint8Array
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  readonly network: NetworkPreset
  /** Multiaddrs with peer ids through which the network is joined. @defaultValue those of the preset */
  readonly bootstrap: readonly string[] | undefined
  /** Look on the local network. @defaultValue as the preset has it */
  readonly mdns: boolean | undefined
  /** 32 bytes that who connects has to know. @defaultValue none */
  readonly networkKey?: Uint8Array | undefined
  readonly seams: Seams
  readonly protocol: string
  /** Called with each stream that a peer opens. */
  readonly onChannel: (channel: Channel) => void
}

export interface Host {
  readonly peerId: string
  readonly discovery: Discovery
  /** Where this node can be reached, each with its peer id. */
  addresses: () => string[]
  /** Peers connected now. */
  connectedPeers: () => string[]
  /**
   * Opens a stream to a peer at one of its addresses.
   *
   * @param origin who named them; addresses of strangers pass the rules of the preset. Default: a stranger
   * @throws ShoalError ERR_NO_PROVIDER when none answers or it speaks another protocol
   */
  dial: (addresses: readonly string[], signal?: AbortSignal, origin?: AddressOrigin) => Promise<Channel>
  stop: () => Promise<void>
}

/** @throws ShoalError ERR_LISTEN when no address can be listened on, ERR_OPTIONS_INVALID for what is no address */
export async function startHost(init: HostInit): Promise<Host> {
  for (const address of [...init.listen, ...(init.bootstrap ?? [])]) parseAddress(address)
  const privateKey = privateKeyFromRaw(init.privateKey)
  const running: { libp2p?: Libp2p } = {}
  const gate = createGate({
    preset: init.network,
    seams: init.seams,
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    ownAddresses: () => running.libp2p?.getMultiaddrs().map(String) ?? [],
    isProtected: () => false,
  })
  const libp2p = await createLibp2p({
    privateKey,
    addresses: { listen: [...init.listen] },
    transports: [gate.tcp()],
    ...(await protection(gate, init.networkKey)),
    // Some addresses may be taken or of a family that this machine lacks; none at all is told below.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [gate.encrypter(noise()), gate.encrypter(tls())],
    streamMuxers: [gate.yamux()],
    connectionGater: gate.gater,
    connectionManager: gate.connectionManager,
    services: { identify: identify(), ping: ping() },
  })
  running.libp2p = libp2p
  await gate.watch(libp2p)
  if (init.listen.length > 0 && libp2p.getMultiaddrs().length === 0) {
    gate.stop()
    await libp2p.stop()
    throw new ShoalError('ERR_LISTEN', `cannot listen on ${init.listen.join(', ')}`)
  }
  await libp2p.handle(
    init.protocol,
    (stream: Stream, connection: Connection) => {
      init.onChannel(new Libp2pChannel(stream, libp2p.peerId, connection.remotePeer))
    },
    {
      maxInboundStreams: NETWORK_LIMITS.maxStreamsPerConnection,
      maxOutboundStreams: NETWORK_LIMITS.maxStreamsPerConnection,
      runOnLimitedConnection: true,
    },
  )
  const host = new Libp2pHost(libp2p, gate, init)
  host.join()
  return host
}

/** Loaded only where it is used: few networks have a key. Its form is that of github.com/libp2p/specs/tree/master/pnet. */
async function protection(
  gate: Gate,
  networkKey: Uint8Array | undefined,
): Promise<Pick<Libp2pInit, 'connectionProtector'>> {
  if (networkKey === undefined) return {}
  const { preSharedKey } = await import('@libp2p/pnet')
  const psk = Buffer.from(`/key/swarm/psk/1.0.0/\n/base16/\n${Buffer.from(networkKey).toString('hex')}`)
  return { connectionProtector: gate.protector(preSharedKey({ psk })) }
}

class Libp2pHost implements Host {
  readonly discovery: Discovery
  readonly #libp2p: Libp2p
  readonly #gate: Gate
  readonly #protocol: string
  readonly #bootstrap: Bootstrap

  constructor(libp2p: Libp2p, gate: Gate, { protocol, network, bootstrap, seams }: HostInit) {
    this.#libp2p = libp2p
    this.#gate = gate
    this.#protocol = protocol
    this.discovery = {
      sources: [],
      findPeer: async () => [],
      announce: () => {},
      withdraw: () => {},
      status: () => ({ dht: null, lan: null }),
    }
    this.#bootstrap = new Bootstrap({
      addresses: bootstrap ?? PRESETS[network].bootstrap,
      dial: async (address, signal) => {
        const permit = gate.permit([address])
        try {
          return await libp2p.dial(parseAddress(address), { signal })
        } finally {
          permit[Symbol.dispose]()
        }
      },
      isConnected: (peerId) => libp2p.getPeers().some((peer) => peer.toString() === peerId),
      seams,
    })
  }

  /** Begins to look for others. */
  join(): void {
    this.#bootstrap.start()
  }

  get peerId(): string {
    return this.#libp2p.peerId.toString()
  }

  addresses(): string[] {
    return this.#libp2p.getMultiaddrs().map(String)
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
    const permit = this.#gate.permit(origin === 'named' ? addresses : [])
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
      permit[Symbol.dispose]()
    }
    return new Libp2pChannel(stream, this.#libp2p.peerId, connection.remotePeer)
  }

  async stop(): Promise<void> {
    await this.#bootstrap.stop()
    this.#gate.stop()
    await this.#libp2p.stop()
  }
}

function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `${address} is no address such as /ip4/192.0.2.1/tcp/4001`, {
      cause,
    })
  }
}
