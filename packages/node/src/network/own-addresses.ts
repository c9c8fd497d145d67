/** At which addresses this node can be reached, as far as it knows. */
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

/** Of libp2p's address manager, what is asked of it. */
export interface AddressBookkeeping {
  getAddresses: () => Multiaddr[]
  getAddressesWithMetadata: () => readonly {
    readonly multiaddr: Multiaddr
    readonly type: string
    readonly verified: boolean
  }[]
}

/**
 * What libp2p says, and the public addresses of our own interfaces. Those it holds back until four peers dialled them, which
 * in a small network never happens; here a machine with a public address says so at once. Behind a firewall that costs others a
 * dial that fails.
 */
export function ownAddresses(manager: AddressBookkeeping, peerId: string): Multiaddr[] {
  const addresses = new Map(manager.getAddresses().map((address) => [address.toString(), address]))
  for (const { multiaddr: address, type, verified } of manager.getAddressesWithMetadata()) {
    if (type !== 'transport' || verified) continue
    const whole = `${address.toString()}/p2p/${peerId}`
    if (!addresses.has(whole)) addresses.set(whole, multiaddr(whole))
  }
  return [...addresses.values()]
}

/** An address of this node, and what is known of it. */
export interface AddressFact {
  /** Multiaddr, with or without the peer id. */
  readonly address: string
  /** `router`: it forwards connections there to this node. `seen`: others saw this node there. */
  readonly from: 'own' | 'router' | 'seen'
  /** Whether others connected to it when they were asked to. */
  readonly isConfirmed: boolean
}

/** All that libp2p knows of, also what it tells nobody yet. */
export function addressFacts(manager: AddressBookkeeping): AddressFact[] {
  return manager.getAddressesWithMetadata().map(({ multiaddr: address, type, verified }) => ({
    address: address.toString(),
    from: type === 'ip-mapping' || type === 'dns-mapping' ? 'router' : type === 'observed' ? 'seen' : 'own',
    isConfirmed: verified,
  }))
}

/** Of libp2p's address manager, besides its interface: how it writes down addresses, a second after they changed. */
const UPDATE = '_updatePeerStoreAddresses'

/** Ends what waits to be written down when libp2p was stopped: until then a program that is done would not end. */
export function stopUpdates(manager: AddressBookkeeping | undefined): void {
  const updates = manager as { readonly [UPDATE]?: { readonly stop?: () => void } } | undefined
  updates?.[UPDATE]?.stop?.()
}
