/**
 * What one log holds, as a sorted list of keys: `order (u48be) || id (32 bytes)`. The order is the lamport of a batch or the
 * depth of an operation, so that parents stand before their children and what is new lies together at the end.
 *
 * Kept in one buffer. What comes and goes is put in its place when it is next looked at.
 */
import { createHash } from 'node:crypto'

const ORDER_BYTES = 6
export const ID_BYTES = 32
export const KEY_BYTES: number = ORDER_BYTES + ID_BYTES
/** One more than the greatest order. */
export const END_ORDER: number = 2 ** 48

export function keyOf(order: number, id: Uint8Array): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeUIntBE(order, 0, ORDER_BYTES)
  key.set(id, ORDER_BYTES)
  return key
}

export function orderOf(key: Uint8Array): number {
  return bufferOf(key).readUIntBE(0, ORDER_BYTES)
}

export function idOf(key: Uint8Array): Uint8Array {
  return key.subarray(ORDER_BYTES)
}

/** The keys that lie one after the other in `keys`. */
export function eachKey(keys: Uint8Array): Uint8Array[] {
  const list: Uint8Array[] = []
  for (let at = 0; at + KEY_BYTES <= keys.byteLength; at += KEY_BYTES)
    list.push(keys.subarray(at, at + KEY_BYTES))
  return list
}

export class IdSet {
  #keys: Buffer
  /** By the key in hex: come (true) or gone (false) since the keys were last put in order. */
  readonly #changes = new Map<string, boolean>()
  /** Of all, until something changes. */
  #fingerprint: Uint8Array | undefined

  /** @param keys in ascending order, none twice; they must not change afterwards */
  constructor(keys: Uint8Array = new Uint8Array()) {
    this.#keys = bufferOf(keys)
  }

  get size(): number {
    this.#settle()
    return this.#keys.byteLength / KEY_BYTES
  }

  /** A view. */
  at(index: number): Uint8Array {
    this.#settle()
    return this.#keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES)
  }

  /** Where the first key is that is not below `key`. */
  indexOf(key: Uint8Array): number {
    this.#settle()
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(this.at(middle), key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  has(key: Uint8Array): boolean {
    const index = this.indexOf(key)
    return index < this.size && Buffer.compare(this.at(index), key) === 0
  }

  /** sha-256 of all keys from one index up to another. */
  fingerprint(from = 0, to: number = this.size): Uint8Array {
    this.#settle()
    const isAll = from === 0 && to === this.size
    if (isAll && this.#fingerprint !== undefined) return this.#fingerprint
    const keys = this.#keys.subarray(from * KEY_BYTES, to * KEY_BYTES)
    const fingerprint = new Uint8Array(createHash('sha256').update(keys).digest())
    if (isAll) this.#fingerprint = fingerprint
    return fingerprint
  }

  add(key: Uint8Array): void {
    this.#changes.set(bufferOf(key).toString('hex'), true)
  }

  remove(key: Uint8Array): void {
    this.#changes.set(bufferOf(key).toString('hex'), false)
  }

  #settle(): void {
    if (this.#changes.size === 0) return
    const changes = [...this.#changes].toSorted(([a], [b]) => (a < b ? -1 : 1))
    // First, since what follows looks keys up.
    this.#changes.clear()
    this.#fingerprint = undefined
    const parts: Buffer[] = []
    let taken = 0
    for (const [hex, isHere] of changes) {
      const key = Buffer.from(hex, 'hex')
      const index = this.indexOf(key)
      const isOld = index < this.size && Buffer.compare(this.at(index), key) === 0
      if (isOld === isHere) continue
      parts.push(this.#keys.subarray(taken * KEY_BYTES, index * KEY_BYTES))
      if (isHere) parts.push(key)
      taken = isHere ? index : index + 1
    }
    parts.push(this.#keys.subarray(taken * KEY_BYTES))
    this.#keys = Buffer.concat(parts)
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
