/**
 * The distributed hash table: kad-dht with our stores, guards and announcements around it. Wiring it into a host:
 *
 *     const dht = new Dht({ ...DHT_PRESETS.private, seams, mayUse: (address) => true })
 *     const libp2p = await createLibp2p({
 *       datastore: dht.peerDatastore,
 *       peerStore: dht.peerStore,
 *       services: { identify: identify(), ping: ping(), dht: dht.service, ... },
 *     })
 *     await dht.start()                        // announces from now on
 *     dht.announcer.add(providerDigest(root), usedMs)
 *     for await (const candidate of dht.source.find(providerDigest(root), signal)) ...
 *     await dht.stop()                         // before libp2p.stop()
 *
 * The presets differ by what stands in `DHT_PRESETS` and by `mayUse`, and by nothing else.
 */
import { kadDHT, type KadDHT, type KadDHTComponents } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { cidOf, RAW } from '../../content/cid.ts'
import type { Seams } from '../../util/seams.ts'
import { ownAddresses } from '../own-addresses.ts'
import { Announcer } from './announcer.ts'
import { Closeness } from './closeness.ts'
import { DhtSource } from './dht-source.ts'
import { Diversity } from './diversity.ts'
import { filterDiscovered, guardedComponents, usablePart } from './kad-components.ts'
import { tableOf } from './kad-table.ts'
import { onlyServers } from './only-servers.ts'
import { KnownPeers } from './known-peers.ts'
import { NEIGHBOUR_LIMITS, WIDE_LIMITS } from './limits.ts'
import { Neighbourhood } from './neighbourhood.ts'
import { PeerDatastore } from './peer-datastore.ts'
import { PeerSubnets } from './peer-subnets.ts'
import type { DhtSettings } from './presets.ts'
import { RecordDatastore } from './record-datastore.ts'
import { RecordStore } from './record-store.ts'
import { Reconnector } from './reconnector.ts'
import { RequestPace } from './request-pace.ts'
import { WideSearch } from './wide-search.ts'

export { DHT_PRESETS, type DhtSettings } from './presets.ts'

export interface DhtInit extends DhtSettings {
  readonly seams: Seams
  /** May this multiaddr, said by a stranger, be kept, told to others and dialled? */
  readonly mayUse: (multiaddr: string) => boolean
  /** Whether few peers of each subnet are counted, or searches are left to kad-dht: to measure. @defaultValue true */
  readonly isWide?: boolean
}

export interface DhtStatus {
  readonly mode: 'server' | 'client'
  /** Peers in the routing table. */
  readonly peers: number
  /** Records kept for others. */
  readonly records: number
  /** Own keys that are due and not announced yet. */
  readonly waiting: number
}

/** Of kad-dht's timer for announcing again, which is ours to do: as late as a timer can be. */
const NEVER_MS = 2_147_483_647

export class Dht {
  /** Of libp2p's peer store: that never forgets by itself, as the datastore below does. */
  readonly peerStore = { maxAddressAge: Infinity, maxPeerAge: Infinity } as const
  readonly peerDatastore: PeerDatastore
  readonly records: RecordStore
  readonly source: DhtSource
  readonly announcer: Announcer
  readonly #init: DhtInit
  readonly #tablePeers = new KnownPeers()
  readonly #neighbourhood: Neighbourhood
  readonly #reconnector: Reconnector
  readonly #entry: Neighbourhood
  #components: KadDHTComponents | undefined
  #kad: KadDHT | undefined
  #wide: WideSearch | undefined
  #topology: string | undefined
  #announcedAddresses = ''

  constructor(init: DhtInit) {
    this.#init = init
    const { seams, mayUse } = init
    this.records = new RecordStore(seams, { maxRecordsPerPeer: init.maxRecordsPerPeer })
    this.peerDatastore = new PeerDatastore({
      clock: seams.clock,
      isNeeded: (peerId) => this.#tablePeers.has(peerId) || this.records.isProvider(peerId),
    })
    this.source = new DhtSource({
      kad: () => this.#kad,
      whenPeers: (signal) => this.#tablePeers.whenAny(signal),
      ownPeerId: () => this.#components?.peerId.toString(),
      hasPeers: () => this.#tablePeers.size > 0,
      mayUse,
      timers: seams.timers,
      wide: async (target, signal, onProviders) => this.#wide?.find(target, signal, onProviders),
    })
    this.announcer = new Announcer({
      seams,
      intervalMs: init.reannounceMs,
      announce: (digest, signal) => this.#announce(digest, signal),
      hasPeers: () => this.#tablePeers.size > 0,
      wanted: () => Math.min(this.#kad?.k ?? 0, this.#tablePeers.size),
    })
    this.#neighbourhood = new Neighbourhood({
      seams,
      search: (signal) => this.#findNeighbours(signal),
      isSettled: () => this.#tablePeers.size === 0 || !this.#isSmall,
    })
    this.#entry = new Neighbourhood({
      seams,
      search: () => this.#enter(),
      isSettled: () => this.#tablePeers.size > 0,
      delayMs: NEIGHBOUR_LIMITS.entryDelayMs,
      maxDelayMs: NEIGHBOUR_LIMITS.maxEntryDelayMs,
    })
    this.#reconnector = new Reconnector({
      seams,
      connect: async (peerId, signal) =>
        this.#components?.connectionManager.openConnection(peerIdFromString(peerId), { signal }),
    })
  }

  /** The service for libp2p. */
  readonly service = (components: KadDHTComponents): KadDHT => {
    const { seams, mayUse, mode, protocol } = this.#init
    const datastore = new RecordDatastore({
      clock: seams.clock,
      records: this.records,
      ownPeerId: components.peerId.toString(),
      isOwn: (digest) => this.announcer.has(digest),
      isClose: (multihash) => closeness.isClose(multihash),
      isReachable: (peerId) => isReachable(components, peerId),
    })
    const pace = new RequestPace(seams)
    const guarded = guardedComponents(components, datastore, mayUse, pace)
    const subnets = new PeerSubnets({
      isExempt: this.#init.isExempt,
      addressesOf: (peerId) =>
        components.connectionManager.getConnections(peerId).map(({ remoteAddr }) => remoteAddr.toString()),
    })
    const kad = kadDHT({
      protocol,
      ...(mode === 'auto' ? {} : { clientMode: mode === 'client' }),
      peerInfoMapper: (peer) => usablePart(peer, mayUse),
      reprovide: { interval: NEVER_MS },
      // Else every search waits until the own neighbourhood was looked for, over all peers of it that are dead.
      allowQueryWithZeroPeers: true,
    })(guarded)
    filterDiscovered(kad, mayUse)
    onlyServers(tableOf(kad), components, protocol)
    this.#watchTable(kad, subnets)
    const table = tableOf(kad)
    const closeness = new Closeness(
      components.peerId.toMultihash().bytes,
      {
        kadIds: function* () {
          for (const { kadId } of table.kb.toIterable()) yield kadId
        },
        onChange: (callback) => {
          table.addEventListener('peer:add', callback)
          table.addEventListener('peer:remove', callback)
        },
      },
      WIDE_LIMITS.crowdedFactor * kad.k,
    )
    this.#components = components
    this.#kad = kad
    if (this.#init.isWide !== false) {
      this.#wide = new WideSearch({
        kad,
        components: guarded,
        subnets,
        timers: seams.timers,
        usablePart: (peer) => usablePart(peer, mayUse),
      })
    }
    return kad
  }

  get status(): DhtStatus {
    return {
      mode: this.#kad?.getMode() ?? 'client',
      peers: this.#tablePeers.size,
      records: this.records.size,
      waiting: this.announcer.waiting,
    }
  }

  /** Begins to announce. To be called once libp2p was started. */
  async start(): Promise<void> {
    this.records.start()
    this.announcer.start()
    this.#components?.events.addEventListener('self:peer:update', this.#onSelf)
    this.#onSelf()
    this.#entry.look()
    // A server that was away may have been started anew, and it never left the table.
    this.#topology ??= await this.#components?.registrar.register(this.#init.protocol, {
      onConnect: (peerId) => {
        this.#reconnector.settled(peerId.toString())
        if (this.#tablePeers.has(peerId.toString())) this.#serverCame()
      },
      onDisconnect: (peerId) => {
        if (this.#isSmall && this.#tablePeers.has(peerId.toString()))
          this.#reconnector.lost(peerId.toString())
      },
    })
  }

  /** Ends what `start` began. To be called before libp2p is stopped. */
  async stop(): Promise<void> {
    if (this.#topology !== undefined) this.#components?.registrar.unregister(this.#topology)
    this.#topology = undefined
    this.#components?.events.removeEventListener('self:peer:update', this.#onSelf)
    this.#reconnector.stop()
    this.#neighbourhood.stop()
    this.#entry.stop()
    this.records.stop()
    await this.announcer.stop()
  }

  /** Others keep the addresses that came with an announcement: new ones have to be announced. */
  readonly #onSelf = (): void => {
    if (this.#components === undefined) return
    const { addressManager, peerId } = this.#components
    const own = ownAddresses(addressManager, peerId.toString()).map(String).toSorted().join(' ')
    if (own === this.#announcedAddresses) return
    this.#announcedAddresses = own
    this.announcer.serverCame()
  }

  #watchTable(kad: KadDHT, subnets: PeerSubnets): void {
    const table = tableOf(kad)
    const diversity = new Diversity(table.kb, { clock: this.#init.seams.clock, subnets })
    table.addEventListener('peer:add', ({ detail }) => {
      if (this.#tablePeers.add(detail.toString())) this.#neighbourhood.look()
      this.announcer.peersCame()
      this.#serverCame()
    })
    table.addEventListener('peer:remove', ({ detail }) => {
      this.#tablePeers.delete(detail.toString())
      this.#reconnector.settled(detail.toString())
      diversity.removed(detail)
      if (this.#tablePeers.size === 0) this.#entry.look()
    })
  }

  /**
   * Offers the table those who are connected. kad-dht does so once, when one connects, and drops who does not answer a ping within
   * seconds: a node that was too busy for its only one then stayed alone for as long as the connection.
   */
  async #enter(): Promise<void> {
    const { connectionManager, peerStore } = this.#components ?? {}
    if (connectionManager === undefined || peerStore === undefined || this.#kad === undefined) return
    const table = tableOf(this.#kad)
    for (const { remotePeer } of connectionManager.getConnections()) {
      const { protocols } = await peerStore.get(remotePeer).catch(() => ({ protocols: [] as string[] }))
      if (protocols.includes(this.#init.protocol)) table.queueRoutingTableUpdate(remotePeer)
    }
  }

  /** Makes this node known to those closest to it, and them to it. */
  async #findNeighbours(signal: AbortSignal): Promise<void> {
    const own = this.#components?.peerId.toMultihash().bytes
    if (own === undefined || this.#kad === undefined) return
    const search = this.#kad.getClosestPeers(own, { signal })[Symbol.asyncIterator]()
    while ((await search.next()).done !== true);
  }

  /** In a table of no more than k peers each of them is to hold every key. In a larger one others stand in for it. */
  #serverCame(): void {
    if (this.#isSmall) this.announcer.serverCame()
  }

  get #isSmall(): boolean {
    return this.#tablePeers.size <= (this.#kad?.k ?? 0)
  }

  async #announce(digest: Uint8Array, signal: AbortSignal): Promise<number> {
    if (this.#wide !== undefined) return this.#wide.provide(cidOf(RAW, digest).multihash.bytes, signal)
    let taken = 0
    for await (const event of this.#kad?.provide(cidOf(RAW, digest), { signal }) ?? []) {
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') taken++
    }
    return taken
  }
}

async function isReachable(components: KadDHTComponents, peerId: string): Promise<boolean> {
  try {
    const { addresses } = await components.peerStore.get(peerIdFromString(peerId))
    return addresses.length > 0
  } catch {
    return false
  }
}
