/** Finding others and being found, of one node: its sources, its announcements, and how it joins the network. */
import type { DiscoveryStatus } from '../events.ts'
import type { AddressBook } from './address-book.ts'
import { SeenSource } from './address-book-source.ts'
import type { Bootstrap } from './bootstrap.ts'
import type { Lan, LanState } from './lan/lan.ts'
import type { ProviderSource } from './provider-source.ts'

/** Where it is recorded who provides what: the DHT of this node, or what the program's own libp2p node has. */
export interface Routing {
  readonly source: ProviderSource & {
    readonly findAddresses: (peerId: string, signal: AbortSignal) => Promise<readonly string[]>
  }
  readonly announcer: {
    readonly add: (digest: Uint8Array, usedMs: number) => void
    readonly remove: (digest: Uint8Array) => void
    /** Announcements that ended since the start, by whether enough took them. */
    readonly counts: { readonly taken: number; readonly failed: number }
  }
  /** undefined: only the program's own libp2p node knows. */
  readonly status:
    | { readonly mode: 'client' | 'server'; readonly peers: number; readonly waiting: number }
    | undefined
  readonly stop: () => Promise<void>
}

export interface DiscoveryParts {
  readonly book: AddressBook
  /** undefined: this network has none. */
  readonly routing: Routing | undefined
  /** undefined: the local network is not looked at. */
  readonly lan: Lan | undefined
  /** undefined: to join the network is not this node's business. */
  readonly bootstrap: Bootstrap | undefined
  /** Wall clock, in milliseconds. */
  readonly now: () => number
  /** Multiaddrs at which this node dialled a peer that is connected. */
  readonly dialledAddresses: (peerId: string) => readonly string[]
}

export class Discovery {
  /** Asked at once for who has some content. */
  readonly sources: readonly ProviderSource[]
  readonly #parts: DiscoveryParts

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
    const { book, routing, lan } = parts
    this.sources = [
      new SeenSource(book),
      ...(lan === undefined ? [] : [lan.source]),
      ...(routing === undefined ? [] : [routing.source]),
    ]
  }

  /** Returns at once: a start does not wait for the network. */
  join(): void {
    this.#parts.bootstrap?.start()
  }

  /** Addresses of a device of which only the id is known; none when nobody knows them. Does not reject. */
  async findPeer(peerId: string, signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#parts.routing?.source.findAddresses(peerId, signal)) ?? []
  }

  /** Lets others find this node by a provider key: 32 bytes, as `providerDigest` makes it. */
  announce(digest: Uint8Array): void {
    this.#parts.routing?.announcer.add(digest, this.#parts.now())
  }

  /** Ends that. What others remember is forgotten by them after two days at most. */
  withdraw(digest: Uint8Array): void {
    this.#parts.routing?.announcer.remove(digest)
  }

  /** A peer proved that it has the content with this provider key. */
  met(peerId: string, digest: Uint8Array): void {
    this.#parts.book.worked({ peerId, addresses: this.#parts.dialledAddresses(peerId), digest })
  }

  /** A peer said that it does not have it. */
  lacked(peerId: string, digest: Uint8Array): void {
    this.#parts.book.lacked(peerId, digest)
  }

  /** What became of announcements; undefined: there is nowhere to announce. */
  get announcements(): Routing['announcer']['counts'] | undefined {
    return this.#parts.routing?.announcer.counts
  }

  status(): Pick<DiscoveryStatus, 'dht' | 'lan'> {
    const { routing, lan } = this.#parts
    const table = routing?.status
    return {
      dht: table === undefined ? null : { mode: table.mode, known: table.peers, waiting: table.waiting },
      lan: lan?.devices().length ?? null,
    }
  }

  /** Does one of the devices answer through which the network is joined? undefined: there are none. Does not reject. */
  async reachBootstrap(signal: AbortSignal): Promise<boolean | undefined> {
    return this.#parts.bootstrap?.reach(signal)
  }

  /** What is seen of the local network; undefined: it is not looked at. */
  localState(): LanState | undefined {
    return this.#parts.lan?.state()
  }

  /** To be called before the host is stopped. */
  async stop(): Promise<void> {
    const { bootstrap, lan, routing, book } = this.#parts
    await Promise.all([bootstrap?.stop(), lan?.stop(), routing?.stop()])
    await book.close()
  }
}
