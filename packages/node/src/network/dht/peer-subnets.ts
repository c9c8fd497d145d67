/** Which subnets a peer counts for: those of the connections with it, not those it or others claim. */
import type { PeerId } from '@libp2p/interface'
import { subnetOf } from './subnets.ts'

const GONE = 'gone'

export interface PeerSubnetsInit {
  /** Multiaddrs of a peer's connections. */
  readonly addressesOf: (peerId: PeerId) => readonly string[]
  /** Addresses that do not count. */
  readonly isExempt: (multiaddr: string) => boolean
}

export class PeerSubnets {
  readonly #init: PeerSubnetsInit

  constructor(init: PeerSubnetsInit) {
    this.#init = init
  }

  /** None when no connection is open, or all its addresses are exempt. */
  of(peerId: PeerId): string[] {
    return this.ofAddresses(this.#init.addressesOf(peerId))
  }

  /** Of one that has just answered. Those that are gone already share one: else who hides where it is would not count. */
  ofAnswering(peerId: PeerId): string[] {
    return this.isConnected(peerId) ? this.of(peerId) : [GONE]
  }

  isConnected(peerId: PeerId): boolean {
    return this.#init.addressesOf(peerId).length > 0
  }

  ofAddresses(addresses: readonly string[]): string[] {
    const subnets = new Set<string>()
    for (const address of addresses) {
      if (this.#init.isExempt(address)) continue
      const subnet = subnetOf(address)
      if (subnet !== undefined) subnets.add(subnet)
    }
    return [...subnets]
  }
}

/** How many of each subnet were counted. */
export class SubnetCount {
  readonly #counts = new Map<string, number>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  hasRoom(subnets: readonly string[]): boolean {
    return subnets.every((subnet) => (this.#counts.get(subnet) ?? 0) < this.#most)
  }

  /** @returns whether there was room; else nothing is counted */
  add(subnets: readonly string[]): boolean {
    if (!this.hasRoom(subnets)) return false
    for (const subnet of subnets) this.#counts.set(subnet, (this.#counts.get(subnet) ?? 0) + 1)
    return true
  }
}
