/** The host of a node: libp2p behind its gate, with the DHT, the local network and the devices met before. */
import { noise } from '@chainsafe/libp2p-noise'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { GossipSubComponents } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { FaultTolerance, type ComponentLogger } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'
import { ShoalError } from '../errors.ts'
import type { PeerEvent } from '../events.ts'
import type { Log } from '../util/log.ts'
import type { AddressBookWarning } from './address-book.ts'
import { mayKeepFromRecord, type AddressOrigin, type Subnet } from './address-rules.ts'
import { Bootstrap } from './bootstrap.ts'
import type { Channel } from './channel.ts'
import { Dht, DHT_PRESETS } from './dht/dht.ts'
import { Discovery } from './discovery.ts'
import { createGate, type Gate, type GateStats } from './gate/gate.ts'
import { ownSubnets } from './gate/own-subnets.ts'
import { bookOf, handleStreams, type CommonHostInit } from './host-init.ts'
import { recent, systemInterfaces } from './interfaces.ts'
import type { Lan, LanWarning } from './lan/lan.ts'
import { dialledAddresses, Libp2pHost } from './libp2p-host.ts'
import type { Shedding } from './loop-watchdog.ts'
import { lazyTls } from './lazy-tls.ts'
import { ListenFaults } from './listen-faults.ts'
import {
  addressFacts,
  ownAddresses,
  stopUpdates,
  type AddressBookkeeping,
  type AddressFact,
} from './own-addresses.ts'
import { parseAddress } from './parse-address.ts'
import { PRESETS } from './presets.ts'
import type { GossipPubsubInit } from './pubsub/gossip-pubsub.ts'
import type { Pubsub } from './pubsub/pubsub.ts'
import { libp2pLogger } from './libp2p-logger.ts'
import { quietLogger } from './quiet-logger.ts'
import { reachability } from './reachability.ts'

export interface HostInit extends CommonHostInit {
  /** 64 bytes: Ed25519 seed and public key. */
  readonly privateKey: Uint8Array
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Multiaddrs with peer ids through which the network is joined. @defaultValue those of the preset */
  readonly bootstrap: readonly string[] | undefined
  /** Look on the local network. @defaultValue as the preset has it */
  readonly mdns: boolean | undefined
  /** Ask others, and the router, to be reached. @defaultValue as the preset has it */
  readonly seeksReachability?: boolean
  /** 32 bytes that who connects has to know. @defaultValue none */
  readonly networkKey?: Uint8Array | undefined
  /** Let libp2p log as `DEBUG` says. @defaultValue it logs nothing */
  readonly isDebugged?: boolean
  /** Where libp2p logs to, if it is debugged. @defaultValue nowhere */
  readonly log?: Log
  /** Can this node serve the content with this provider key of 32 bytes? */
  readonly isServed: (digest: Uint8Array) => boolean
  readonly onWarning: (warning: LanWarning | AddressBookWarning) => void
  /** When newcomers are refused because this node cannot keep up. @defaultValue never */
  readonly shedding?: Shedding
}

export interface Host {
  readonly peerId: string
  readonly discovery: Discovery
  /** Where this node can be reached, each with its peer id. */
  addresses: () => string[]
  /** What is known of the addresses of this node, also of those that are not told to others. */
  addressFacts: () => readonly AddressFact[]
  /** What the gate let in and refused; undefined: there is none. */
  gateStats: () => GateStats | undefined
  /** What is known of the peers connected now; as `connectedPeers`. */
  peers: () => Promise<PeerEvent[]>
  /** Ids of the peers connected now. */
  connectedPeers: () => string[]
  /** Where a peer says that it listens, as far as it told us: multiaddrs, not always with its id. Does not reject. */
  addressesOf: (peerId: string) => Promise<readonly string[]>
  /**
   * Opens a stream to a peer at one of its addresses.
   *
   * @param origin who named them: those of strangers pass the rules of the preset. @defaultValue 'record', a stranger
   * @param protocol what is spoken on it. @defaultValue that of transfer
   * @throws ShoalError ERR_NO_PROVIDER when none answers or it speaks another protocol
   */
  dial: (
    addresses: readonly string[],
    signal?: AbortSignal,
    origin?: AddressOrigin,
    protocol?: string,
  ) => Promise<Channel>
  /**
   * Opens a stream to a peer that is connected.
   *
   * @throws ShoalError ERR_NO_PROVIDER when it is not, does not answer or speaks another protocol
   */
  open: (peerId: string, protocol: string, signal?: AbortSignal) => Promise<Channel>
  /** Answers a further protocol until the host stops. Rejects as libp2p does when that is taken. */
  speak: (protocol: string, onChannel: (channel: Channel) => void) => Promise<void>
  /**
   * Gossip with peers, begun with the first call and ended with the host: a node that needs none neither loads nor speaks it.
   * Undefined on a libp2p node of a program, which gives no access to what it takes.
   *
   * @param isMember did this peer prove that it is a member of a space of ours? Of the first call
   */
  pubsub: (isMember: (peerId: string) => boolean) => Promise<Pubsub> | undefined
  stop: () => Promise<void>
}

/** @throws ShoalError ERR_LISTEN when no address can be listened on, ERR_OPTIONS_INVALID for what is no address */
export async function startHost(init: HostInit): Promise<Host> {
  const { network, seams, listen, protocol } = init
  const preset = PRESETS[network]
  const joinedBy = init.bootstrap ?? preset.bootstrap
  for (const address of [...listen, ...joinedBy]) parseAddress(address)
  const privateKey = privateKeyFromRaw(init.privateKey)
  const peerId = peerIdFromPrivateKey(privateKey).toString()
  let manager: AddressBookkeeping | undefined
  let inner: GossipSubComponents | undefined
  const addresses = (): string[] => (manager === undefined ? [] : ownAddresses(manager, peerId).map(String))
  const interfaces = recent(systemInterfaces, seams.clock)
  const subnets = (): Subnet[] => ownSubnets(interfaces())
  const gate = createGate({
    preset: network,
    seams,
    subnets,
    peerId,
    ownAddresses: addresses,
    isProtected: (id) => joinedBy.some((address) => address.endsWith(`/p2p/${id}`)),
    ...(init.shedding === undefined ? {} : { shedding: init.shedding }),
    answering: [protocol],
  })
  const dht = dhtOf(init, subnets)
  const faults = new ListenFaults()
  const libp2p = await createLibp2p({
    privateKey,
    ...(init.isDebugged === true ? {} : { logger: loggerOf(init) }),
    addresses: { listen: [...listen] },
    transports: [faults.watch(gate.tcp())],
    ...(await protection(gate, init.networkKey)),
    // Some addresses may be taken or of a family that this machine lacks; none at all is told below.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [gate.encrypter(noise()), gate.encrypter(lazyTls())],
    streamMuxers: [gate.yamux()],
    connectionGater: gate.gater,
    connectionManager: gate.connectionManager,
    ...(dht === undefined ? {} : { datastore: dht.peerDatastore, peerStore: dht.peerStore }),
    services: {
      identify: identify(),
      ping: ping(),
      addresses: (components: { addressManager: AddressBookkeeping }) =>
        (manager = components.addressManager),
      // Of no use by itself: what gossip needs when it is begun, if ever.
      inner: (components: GossipSubComponents) => {
        inner = components
        return {}
      },
      ...(dht === undefined ? {} : { dht: dht.service }),
      ...((init.seeksReachability ?? preset.seeksReachability) ? await reachability(seams.timers) : {}),
    },
  })
  const stop = async (): Promise<void> => {
    gate.stop()
    await libp2p.stop()
    stopUpdates(manager)
  }
  try {
    await gate.watch(libp2p)
    // Without a network nobody has an address, and all addresses can be listened on all the same.
    if (listen.length > 0 && faults.listening === 0) throw faults.error(listen)
    await handleStreams(libp2p, init)
    await dht?.start()
    const discovery = new Discovery({
      book: bookOf(init),
      routing: dht,
      lan: await lanOf(init, libp2p, gate),
      bootstrap: bootstrapOf(init, joinedBy, libp2p, gate),
      now: () => seams.clock.now(),
      dialledAddresses: (id) => dialledAddresses(libp2p.getConnections(), id),
    })
    discovery.join()
    return new Libp2pHost({
      libp2p,
      addresses,
      addressFacts: () => (manager === undefined ? [] : addressFacts(manager)),
      gate,
      discovery,
      protocol,
      seams,
      startPubsub: (isMember) => pubsubOf(libp2p, inner, { seams, isMember }),
      end: stop,
    })
  } catch (error) {
    await stop()
    throw error
  }
}

/** Loaded only where it is used: a node without spaces has no gossip. */
async function pubsubOf(
  libp2p: Libp2p,
  components: GossipSubComponents | undefined,
  init: Pick<GossipPubsubInit, 'seams' | 'isMember'>,
): Promise<Pubsub> {
  if (components === undefined)
    throw new ShoalError('ERR_INTERNAL', 'libp2p has started without its services')
  const { GossipPubsub } = await import('./pubsub/gossip-pubsub.ts')
  const pubsub = new GossipPubsub({ ...init, components, connections: () => libp2p.getConnections() })
  await pubsub.start()
  return pubsub
}

function loggerOf({ log }: HostInit): ComponentLogger {
  return log?.isDebugged === true ? libp2pLogger(log) : quietLogger
}

function dhtOf({ network, seams }: HostInit, subnets: () => readonly Subnet[]): Dht | undefined {
  if (network === 'lan') return undefined
  const mayUse = (address: string): boolean => mayKeepFromRecord(network, address, subnets())
  return new Dht({ ...DHT_PRESETS[network], seams, mayUse })
}

async function lanOf(init: HostInit, libp2p: Libp2p, { permit }: Gate): Promise<Lan | undefined> {
  const { network, mdns, listen, seams, isServed, onWarning } = init
  if (!(mdns ?? PRESETS[network].mdns)) return undefined
  const { startLan } = await import('./lan/lan.ts')
  return startLan({ libp2p, listen, preset: network, seams, isServed, onWarning, permit })
}

function bootstrapOf(
  { seams }: HostInit,
  addresses: readonly string[],
  libp2p: Libp2p,
  gate: Gate,
): Bootstrap {
  return new Bootstrap({
    addresses,
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

/** Loaded only where it is used: few networks have a key. Its form is that of github.com/libp2p/specs/tree/master/pnet. */
async function protection(
  gate: Gate,
  networkKey: Uint8Array | undefined,
): Promise<Pick<Libp2pOptions, 'connectionProtector'>> {
  if (networkKey === undefined) return {}
  const { preSharedKey } = await import('@libp2p/pnet')
  const psk = Buffer.from(`/key/swarm/psk/1.0.0/\n/base16/\n${Buffer.from(networkKey).toString('hex')}`)
  return { connectionProtector: gate.protector(preSharedKey({ psk })) }
}
