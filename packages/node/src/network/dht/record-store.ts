/**
 * Who provides which key, kept for others and bounded. Strangers fill it, so what goes when it is full never depends on
 * anything they can choose, such as how close an id is to a key: a provider over its share loses its own oldest, a key
 * keeps those it had, and when all is full the provider that holds most pays. Nobody loses a record to one who holds as
 * much. Each operation takes constant time.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { RECORD_LIMITS } from './limits.ts'

export interface RecordLimits {
  readonly maxRecords: number
  readonly maxRecordsPerPeer: number
  readonly maxProvidersPerKey: number
  readonly validityMs: number
}

export interface ProviderRecord {
  readonly peerId: string
  /** Milliseconds since it was announced last. */
  readonly ageMs: number
}

interface StoredRecord {
  readonly key: KeyRecords
  readonly peer: PeerRecords
  atMs: number
  older: StoredRecord | undefined
  newer: StoredRecord | undefined
}

interface KeyRecords {
  readonly name: string
  records: StoredRecord[]
}

/** The records of one provider as a list in the order in which they were announced. */
interface PeerRecords {
  readonly id: string
  count: number
  oldest: StoredRecord | undefined
  newest: StoredRecord | undefined
}

const NONE: StoredRecord[] = []

export class RecordStore {
  readonly #seams: Seams
  readonly #limits: RecordLimits
  readonly #keys = new Map<string, KeyRecords>()
  readonly #peers = new Map<string, PeerRecords>()
  /** Providers by how many records they hold, so that who holds most is found at once. */
  readonly #byCount = new Map<number, Set<PeerRecords>>()
  #most = 0
  #size = 0
  #sweep: TimerHandle | undefined

  constructor(seams: Seams, limits: Partial<RecordLimits> = {}) {
    this.#seams = seams
    this.#limits = { ...RECORD_LIMITS, ...limits }
  }

  get size(): number {
    return this.#size
  }

  start(): void {
    this.#sweep ??= this.#seams.timers.set(() => {
      this.#sweep = undefined
      this.removeExpired()
      this.start()
    }, RECORD_LIMITS.sweepMs)
  }

  stop(): void {
    if (this.#sweep !== undefined) this.#seams.timers.clear(this.#sweep)
    this.#sweep = undefined
  }

  /**
   * Keeps that a peer provides a key, or that it still does.
   *
   * @param accepts asked once if the record is new: may this node be the right one to keep it?
   * @returns whether it is kept
   */
  put(key: string, peerId: string, accepts: () => boolean = () => true): boolean {
    const known = this.#find(key, peerId)
    if (known !== undefined) {
      this.#unlink(known)
      this.#append(known)
      return true
    }
    const records = this.#keys.get(key)?.records ?? NONE
    if (records.length >= this.#limits.maxProvidersPerKey) {
      for (const record of records.filter((other) => this.#isExpired(other))) this.#remove(record)
      if (records.length >= this.#limits.maxProvidersPerKey) return false
    }
    if (!accepts() || !this.#makeRoom(peerId)) return false
    this.#insert(key, peerId)
    return true
  }

  has(key: string, peerId: string): boolean {
    return this.get(key, peerId) !== undefined
  }

  get(key: string, peerId: string): ProviderRecord | undefined {
    const record = this.#find(key, peerId)
    return record === undefined || this.#isExpired(record) ? undefined : this.#facts(record)
  }

  delete(key: string, peerId: string): void {
    const record = this.#find(key, peerId)
    if (record !== undefined) this.#remove(record)
  }

  /** Who provides a key, expired records left out. */
  providers(key: string): ProviderRecord[] {
    const records = this.#keys.get(key)?.records ?? NONE
    return records.filter((record) => !this.#isExpired(record)).map((record) => this.#facts(record))
  }

  /** All keys with their providers. */
  *all(): Generator<[key: string, record: ProviderRecord]> {
    for (const name of this.#keys.keys()) {
      for (const record of this.providers(name)) yield [name, record]
    }
  }

  isProvider(peerId: string): boolean {
    return this.#peers.has(peerId)
  }

  removeExpired(): void {
    for (const peer of this.#peers.values()) {
      while (peer.oldest !== undefined && this.#isExpired(peer.oldest)) this.#remove(peer.oldest)
    }
  }

  #find(key: string, peerId: string): StoredRecord | undefined {
    return this.#keys.get(key)?.records.find((record) => record.peer.id === peerId)
  }

  #isExpired(record: StoredRecord): boolean {
    return this.#seams.clock.monotonic() - record.atMs > this.#limits.validityMs
  }

  #facts(record: StoredRecord): ProviderRecord {
    return { peerId: record.peer.id, ageMs: this.#seams.clock.monotonic() - record.atMs }
  }

  #makeRoom(peerId: string): boolean {
    const own = this.#peers.get(peerId)
    if (own !== undefined && own.count >= this.#limits.maxRecordsPerPeer) return this.#removeOldest(own)
    if (this.#size < this.#limits.maxRecords) return true
    const holdsLess = (own?.count ?? 0) + 1 < this.#most
    return this.#removeOldest(holdsLess ? this.#byCount.get(this.#most)?.values().next().value : own)
  }

  #removeOldest(peer: PeerRecords | undefined): boolean {
    if (peer?.oldest === undefined) return false
    this.#remove(peer.oldest)
    return true
  }

  #insert(keyName: string, peerId: string): void {
    let peer = this.#peers.get(peerId)
    if (peer === undefined) {
      // The names are parts of longer strings, which a slice would keep alive.
      peer = { id: flatCopy(peerId), count: 0, oldest: undefined, newest: undefined }
      this.#peers.set(peer.id, peer)
    }
    const known = this.#keys.get(keyName)
    const key: KeyRecords = known ?? { name: flatCopy(keyName), records: NONE }
    const record: StoredRecord = { key, peer, atMs: 0, older: undefined, newer: undefined }
    if (known === undefined) {
      // Most keys have one provider: an array made with it takes less than one that grew.
      key.records = [record]
      this.#keys.set(key.name, key)
    } else key.records.push(record)
    this.#append(record)
    this.#recount(peer, 1)
  }

  #remove(record: StoredRecord): void {
    const { key, peer } = record
    key.records.splice(key.records.indexOf(record), 1)
    if (key.records.length === 0) this.#keys.delete(key.name)
    this.#unlink(record)
    this.#recount(peer, -1)
    if (peer.count === 0) this.#peers.delete(peer.id)
  }

  #append(record: StoredRecord): void {
    const { peer } = record
    record.atMs = this.#seams.clock.monotonic()
    record.older = peer.newest
    record.newer = undefined
    if (peer.newest === undefined) peer.oldest = record
    else peer.newest.newer = record
    peer.newest = record
  }

  #unlink(record: StoredRecord): void {
    const { peer, older, newer } = record
    if (older === undefined) peer.oldest = newer
    else older.newer = newer
    if (newer === undefined) peer.newest = older
    else newer.older = older
  }

  #recount(peer: PeerRecords, change: 1 | -1): void {
    this.#size += change
    const before = this.#byCount.get(peer.count)
    before?.delete(peer)
    if (before?.size === 0) this.#byCount.delete(peer.count)
    peer.count += change
    if (peer.count > 0) {
      const after = this.#byCount.get(peer.count)
      if (after === undefined) this.#byCount.set(peer.count, new Set([peer]))
      else after.add(peer)
    }
    if (peer.count > this.#most) this.#most = peer.count
    else while (this.#most > 0 && !this.#byCount.has(this.#most)) this.#most--
  }
}

function flatCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
