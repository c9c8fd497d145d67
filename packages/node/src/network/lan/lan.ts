/**
 * Finding devices on the local network, wired: multicast DNS tells which devices there are, who-has which of them have
 * what is looked for.
 *
 *     const lan = await startLan({ libp2p, listen, preset, seams, isServed, onWarning })
 *     sources.push(lan.source)      // a ProviderSource
 *     await lan.stop()              // before libp2p: says goodbye to the network
 *
 * Nothing that is heard is put into libp2p's peer store or dialled on its own account. Devices are dialled, a few at
 * once, only while something is looked for; a connection that did not help is closed again.
 */
import type { Libp2p } from '@libp2p/interface'
import type { NetworkPreset } from '../../options.ts'
import type { Seams } from '../../util/seams.ts'
import type { Candidate, ProviderSource } from '../provider-source.ts'
import { systemInterfacesByName } from '../interfaces.ts'
import { LanSource } from './lan-source.ts'
import { isOnLocalNetwork, type NamedInterfaces } from './local-networks.ts'
import { Mdns } from './mdns.ts'
import { systemMulticast, type OpenMulticast } from './multicast.ts'
import { WhoHas, type WhoHasHost } from './who-has.ts'

export interface LanWarning {
  readonly code: 'WARN_LAN_UNAVAILABLE'
  readonly message: string
}

export interface LanInit {
  readonly libp2p: WhoHasHost & Pick<Libp2p, 'peerId' | 'getMultiaddrs'>
  readonly preset: NetworkPreset
  readonly seams: Seams
  /** Can this node serve the content with this provider key of 32 bytes, wholly or in part? */
  readonly isServed: (digest: Uint8Array) => boolean
  readonly onWarning: (warning: LanWarning) => void
  /**
   * Lets addresses that were heard of be dialled until it is disposed of. Each is on a network of this machine and was heard
   * from itself, so the rules for what strangers say of others need not hold for it: it may be link-local, or this machine.
   */
  readonly permit?: (addresses: readonly string[]) => Disposable
  /**
   * Multiaddrs that libp2p was told to listen on, each with its port. libp2p does not tell of link-local addresses among
   * "all addresses", and two machines with nothing but a cable between them have no others. @defaultValue []
   */
  readonly listen?: readonly string[]
  /** @defaultValue those of the machine */
  readonly interfaces?: () => NamedInterfaces
  /** @defaultValue sockets of the machine on port 5353 */
  readonly multicast?: OpenMulticast
}

/** What is seen of the local networks of this machine. */
export interface LanState {
  /** How many there are. */
  readonly networks: number
  /** On how many of them devices are looked for: who listens on some addresses only has nothing to do with the others. */
  readonly wanted: number
  /** On how many of those that works. */
  readonly listening: number
  /** Devices heard of. */
  readonly devices: number
}

export interface Lan {
  readonly source: ProviderSource
  /** Devices on the local network now, the last heard first. */
  devices: () => Candidate[]
  state: () => LanState
  /** Says goodbye and ends all searches. */
  stop: () => Promise<void>
}

/** Does not fail for want of a network: it waits for one. */
export async function startLan(init: LanInit): Promise<Lan> {
  const { libp2p, preset, seams, isServed, onWarning } = init
  const mdns = new Mdns({
    peerId: libp2p.peerId.toString(),
    preset,
    addresses: () => [...libp2p.getMultiaddrs().map(String), ...(init.listen ?? [])],
    seams,
    interfaces: init.interfaces ?? systemInterfacesByName,
    open: init.multicast ?? systemMulticast(),
    onUnavailable: () => {
      const message =
        'devices on the local network cannot be heard: another program keeps UDP port 5353 to itself'
      onWarning({ code: 'WARN_LAN_UNAVAILABLE', message })
    },
  })
  const whoHas = new WhoHas({
    libp2p,
    seams,
    isServed,
    isNear: (ip) => isOnLocalNetwork(mdns.networks(), ip),
    ...(init.permit === undefined ? {} : { permit: init.permit }),
  })
  await whoHas.start()
  mdns.start()
  const source = new LanSource({
    seams,
    devices: () => mdns.devices(),
    onDevice: (listener) => mdns.onDevice(listener),
    query: () => mdns.ask(),
    ask: (device, digests, signal) => whoHas.ask(device, digests, signal),
    onAnswer: (peerId) => mdns.proved(peerId),
  })
  return {
    source,
    devices: () => mdns.devices(),
    state: () => ({ ...mdns.counts, devices: mdns.devices().length }),
    stop: async () => {
      source.stop()
      await whoHas.stop()
      await mdns.stop()
    },
  }
}
