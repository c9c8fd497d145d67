/**
 * The record store as the datastore that kad-dht writes to and answers from. Its keys are
 * `/dht/provider/<multihash in base32>/<peer id>`, its values the time of the announcement as a varint.
 */
import { NotFoundError } from '@libp2p/interface'
import { BaseDatastore } from 'datastore-core'
import { Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import type { Clock } from '../../util/seams.ts'
import { RECORD_LIMITS } from './limits.ts'
import type { RecordStore } from './record-store.ts'

const PREFIX = '/dht/provider/'
/** sha2-256, 32 bytes. */
const SHA2_256_PREFIX = [0x12, 0x20] as const

export interface RecordDatastoreInit {
  readonly clock: Clock
  readonly records: RecordStore
  readonly ownPeerId: string
  /** Does this node itself provide the key with this digest? Its own records are answered, and never stored. */
  readonly isOwn: (digest: Uint8Array) => boolean
  /** May this node be among the closest to the key with this multihash? */
  readonly isClose: (multihash: Uint8Array) => boolean
  /** Is there an address of this peer? kad-dht fails a whole answer over one provider that it knows nothing of. */
  readonly isReachable: (peerId: string) => Promise<boolean>
}

export class RecordDatastore extends BaseDatastore {
  readonly #init: RecordDatastoreInit

  constructor(init: RecordDatastoreInit) {
    super()
    this.#init = init
  }

  override put(key: Key): Key {
    const parts = split(key)
    // Values that strangers store under other keys are not kept: Shoal stores none.
    if (parts === undefined || parts.peerId === this.#init.ownPeerId) return key
    if (parts.name.length > RECORD_LIMITS.maxKeyChars) return key
    this.#init.records.put(parts.name, parts.peerId, () => this.#init.isClose(multihashOf(parts.name)))
    return key
  }

  override get(key: Key): Uint8Array {
    const parts = split(key)
    const record = parts && this.#init.records.get(parts.name, parts.peerId)
    if (record === undefined) throw new NotFoundError('no such record')
    return this.#value(record.ageMs)
  }

  override has(key: Key): boolean {
    const parts = split(key)
    return parts !== undefined && this.#init.records.has(parts.name, parts.peerId)
  }

  override delete(key: Key): void {
    const parts = split(key)
    if (parts !== undefined) this.#init.records.delete(parts.name, parts.peerId)
  }

  override _all({ prefix }: Query): AsyncGenerator<Pair> {
    return this.#under(prefix)
  }

  override async *_allKeys({ prefix }: KeyQuery): AsyncGenerator<Key> {
    for await (const { key } of this.#under(prefix)) yield key
  }

  async *#under(prefix: string | undefined): AsyncGenerator<Pair> {
    const name = keyInPrefix(prefix)
    if (name === undefined) {
      for (const [key, { peerId, ageMs }] of this.#init.records.all()) {
        yield { key: join(key, peerId), value: this.#value(ageMs) }
      }
      return
    }
    for (const { peerId, ageMs } of this.#init.records.providers(name)) {
      if (await this.#init.isReachable(peerId)) yield { key: join(name, peerId), value: this.#value(ageMs) }
    }
    const digest = digestOf(name)
    if (digest !== undefined && this.#init.isOwn(digest)) {
      yield { key: join(name, this.#init.ownPeerId), value: this.#value(0) }
    }
  }

  #value(ageMs: number): Uint8Array {
    return encodeVarint(Math.round(this.#init.clock.now() - ageMs))
  }
}

function split(key: Key): { name: string; peerId: string } | undefined {
  const text = key.toString()
  if (!text.startsWith(PREFIX)) return undefined
  const slash = text.indexOf('/', PREFIX.length)
  return slash < 0 ? undefined : { name: text.slice(PREFIX.length, slash), peerId: text.slice(slash + 1) }
}

function join(name: string, peerId: string): Key {
  return new Key(`${PREFIX}${name}/${peerId}`, false)
}

function keyInPrefix(prefix: string | undefined): string | undefined {
  const name = prefix?.startsWith(PREFIX) === true ? prefix.slice(PREFIX.length) : ''
  return name === '' || name.includes('/') ? undefined : name
}

function multihashOf(name: string): Uint8Array {
  return base32.decoder.decode(`b${name}`)
}

function digestOf(name: string): Uint8Array | undefined {
  const multihash = multihashOf(name)
  const isSha256 = multihash.length === 34 && SHA2_256_PREFIX.every((byte, at) => multihash[at] === byte)
  return isSha256 ? multihash.subarray(2) : undefined
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = Math.max(0, value)
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
