/**
 * What kad-dht is given in place of libp2p's own components: streams that are guarded, and a peer store that takes from
 * strangers only addresses that may be used, and few. All of it by the library's interfaces; nothing of kad-dht is changed.
 */
import { peerDiscoverySymbol, type PeerInfo } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import { override } from '../override.ts'
import { ownAddresses } from '../own-addresses.ts'
import { guardStream, type FrameLimits } from './frame-guard.ts'
import { MESSAGE_LIMITS, PEER_LIMITS } from './limits.ts'
import type { RequestPace } from './request-pace.ts'

const REQUESTS: FrameLimits = {
  maxBytes: MESSAGE_LIMITS.maxRequestBytes,
  maxPeers: MESSAGE_LIMITS.maxRequestPeers,
  maxAddresses: MESSAGE_LIMITS.maxRequestAddresses,
}
const RESPONSES: FrameLimits = {
  maxBytes: MESSAGE_LIMITS.maxResponseBytes,
  maxPeers: MESSAGE_LIMITS.maxResponsePeers,
  maxAddresses: MESSAGE_LIMITS.maxResponseAddresses,
}

type MayUse = (multiaddr: string) => boolean

/** A peer with those of its addresses that may be used, no more than are kept of one. */
export function usablePart(peer: PeerInfo, mayUse: MayUse): PeerInfo {
  const multiaddrs = peer.multiaddrs.filter((address) => mayUse(address.toString()))
  return { ...peer, multiaddrs: multiaddrs.slice(0, PEER_LIMITS.maxAddressesPerPeer) }
}

export function guardedComponents(
  components: KadDHTComponents,
  datastore: Datastore,
  mayUse: MayUse,
  pace: RequestPace,
): KadDHTComponents {
  const { registrar, connectionManager, peerStore, peerId, addressManager } = components
  const own = (): Multiaddr[] => ownAddresses(addressManager, peerId.toString())
  return override(components, {
    datastore,
    addressManager: override(addressManager, { getAddresses: own }),
    registrar: override(registrar, {
      handle: (protocol, handler, options) =>
        registrar.handle(
          protocol,
          (stream, connection) =>
            handler(pace.guard(stream, connection.remotePeer.toString(), REQUESTS), connection),
          options,
        ),
    }),
    connectionManager: override(connectionManager, {
      openStream: async (peer, protocol, options) =>
        guardStream(await connectionManager.openStream(peer, protocol, options), RESPONSES),
    }),
    peerStore: override(peerStore, {
      // libp2p writes its own addresses there a while after they changed.
      get: async (id, options) => {
        const peer = await peerStore.get(id, options)
        if (!id.equals(peerId)) return peer
        return { ...peer, addresses: own().map((address) => ({ multiaddr: address, isCertified: true })) }
      },
      merge: (id, data, options) => {
        if (data.multiaddrs === undefined) return peerStore.merge(id, data, options)
        const { multiaddrs } = usablePart({ id, multiaddrs: data.multiaddrs }, mayUse)
        return peerStore.merge(id, { ...data, multiaddrs }, options)
      },
    }),
  })
}

/** Lets libp2p hear only of the usable addresses of peers that others named; it keeps what it hears of. */
export function filterDiscovered(kad: KadDHT, mayUse: MayUse): void {
  const all = (kad as KadDHT & { [peerDiscoverySymbol]: EventTarget })[peerDiscoverySymbol]
  const usable = new EventTarget()
  all.addEventListener('peer', (event) => {
    const detail = usablePart((event as CustomEvent<PeerInfo>).detail, mayUse)
    if (detail.multiaddrs.length > 0) usable.dispatchEvent(new CustomEvent('peer', { detail }))
  })
  Object.defineProperty(kad, peerDiscoverySymbol, { value: usable })
}
