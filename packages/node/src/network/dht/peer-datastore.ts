/**
 * The datastore of libp2p's peer store, bounded. That store grows with every peer that connects and every one that anybody
 * names, and what it forgets, the table of providers cannot answer. So the oldest go first, by when something was heard of
 * them last, and those that are needed are passed over a few times.
 */
import { NotFoundError } from '@libp2p/interface'
import { peerIdFromCID } from '@libp2p/peer-id'
import { BaseDatastore } from 'datastore-core'
import { Key, type Pair } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import type { Clock } from '../../util/seams.ts'
import { PEER_LIMITS } from './limits.ts'
import { trimAddresses } from './peer-entry.ts'

const PEERS = '/peers/'

interface Entry {
  readonly value: Uint8Array
  readonly atMs: number
}

export interface PeerDatastoreLimits {
  readonly maxPeers: number
  readonly maxBytes: number
  readonly maxBytesPerPeer: number
  readonly maxAddressesPerPeer: number
  readonly maxAgeMs: number
  readonly evictionScan: number
}

export interface PeerDatastoreInit {
  readonly clock: Clock
  /** Is this peer needed, as it is in the routing table or provides what we keep a record of? */
  readonly isNeeded: (peerId: string) => boolean
  readonly limits?: Partial<PeerDatastoreLimits>
}

export class PeerDatastore extends BaseDatastore {
  readonly #clock: Clock
  readonly #isNeeded: (peerId: string) => boolean
  readonly #limits: PeerDatastoreLimits
  /** In the order in which they were written. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(init: PeerDatastoreInit) {
    super()
    this.#clock = init.clock
    this.#isNeeded = init.isNeeded
    this.#limits = { ...PEER_LIMITS, ...init.limits }
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  override put(key: Key, value: Uint8Array): Key {
    const name = key.toString()
    const kept = name.startsWith(PEERS)
      ? trimAddresses(value, this.#limits.maxAddressesPerPeer)
      : value.slice()
    // An entry that is too large is not known at all, which costs only the peer that made it so.
    this.#remove(name)
    if (kept.byteLength > this.#limits.maxBytesPerPeer) return key
    this.#add(name, { value: kept, atMs: this.#clock.monotonic() })
    while (this.#entries.size > this.#limits.maxPeers || this.#bytes > this.#limits.maxBytes) this.#evict()
    return key
  }

  override get(key: Key): Uint8Array {
    const entry = this.#live(key.toString())
    if (entry === undefined) throw new NotFoundError('nothing is known of this peer')
    return entry.value
  }

  override has(key: Key): boolean {
    return this.#live(key.toString()) !== undefined
  }

  override delete(key: Key): void {
    this.#remove(key.toString())
  }

  override _all(): Generator<Pair> {
    return this.#all()
  }

  override *_allKeys(): Generator<Key> {
    for (const { key } of this.#all()) yield key
  }

  *#all(): Generator<Pair> {
    for (const name of this.#entries.keys()) {
      const entry = this.#live(name)
      if (entry !== undefined) yield { key: new Key(name, false), value: entry.value }
    }
  }

  #live(name: string): Entry | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined || this.#clock.monotonic() - entry.atMs <= this.#limits.maxAgeMs) return entry
    this.#remove(name)
    return undefined
  }

  #add(name: string, entry: Entry): void {
    this.#entries.set(name, entry)
    this.#bytes += entry.value.byteLength
  }

  #remove(name: string): void {
    this.#bytes -= this.#entries.get(name)?.value.byteLength ?? 0
    this.#entries.delete(name)
  }

  /** The oldest that nothing needs; when all that are looked at are needed, the oldest of them. */
  #evict(): void {
    let victim: string | undefined
    const passedOver: string[] = []
    for (const name of this.#entries.keys()) {
      victim = name
      if (passedOver.length >= this.#limits.evictionScan || !this.#isNeededEntry(name)) break
      passedOver.push(name)
    }
    if (passedOver.length >= this.#limits.evictionScan) victim = passedOver.shift()
    if (victim !== undefined) this.#remove(victim)
    for (const name of passedOver) {
      const entry = this.#entries.get(name)
      if (entry === undefined) continue
      this.#entries.delete(name)
      this.#entries.set(name, entry)
    }
  }

  #isNeededEntry(name: string): boolean {
    if (!name.startsWith(PEERS)) return true
    try {
      return this.#isNeeded(peerIdFromCID(CID.parse(name.slice(PEERS.length))).toString())
    } catch {
      return false
    }
  }
}
