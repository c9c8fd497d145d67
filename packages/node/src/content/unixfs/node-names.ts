/** Names as they stand in a node: read as bytes, refused where they cannot be one component of a path. */
import { isUtf8 } from 'node:buffer'
import { ShoalError } from '../../errors.ts'
import { MAX_NAME_BYTES } from '../limits.ts'
import { overLimit } from './faults.ts'

const SLASH = 0x2f
const DOT = 0x2e

/**
 * Collects the names of one node. Only what would break the tree itself is refused here; whether a name is safe
 * to create is judged where it is created.
 *
 * The names are joined by slashes, which none may hold, and decoded at once: decoding each of 16,384 by itself
 * takes longer than all the rest.
 */
export class NameList {
  readonly #block: Uint8Array
  readonly #joined: Buffer
  #length = 0
  #count = 0

  constructor(block: Uint8Array, count: number) {
    this.#block = block
    this.#joined = Buffer.allocUnsafe(block.byteLength + count)
  }

  /**
   * Adds the name at `start..end` of the block.
   *
   * @throws ShoalError ERR_UNSAFE_NAME when it is empty, a dot or two, or holds a slash or NUL; ERR_LIMIT above
   *   255 bytes
   */
  add(start: number, end: number): void {
    const length = end - start
    if (length > MAX_NAME_BYTES) throw overLimit(`a name has more than ${MAX_NAME_BYTES} bytes`)
    if (length === 0) throw unsafe('a name is empty')
    const isDots = length <= 2 && this.#block[start] === DOT && this.#block[end - 1] === DOT
    if (isDots) throw unsafe('a name is a dot or two')
    let to = this.#length
    for (let i = start; i < end; i++) {
      const byte = this.#block[i] as number
      if (byte === SLASH || byte === 0) throw unsafe('a name holds a slash or NUL')
      this.#joined[to++] = byte
    }
    this.#length = to
    this.addNone()
  }

  /** Adds the empty name of a link that has none. */
  addNone(): void {
    this.#joined[this.#length++] = SLASH
    this.#count++
  }

  /** @throws ShoalError ERR_UNSAFE_NAME when one is no UTF-8, which decoding would silently replace */
  decode(): string[] {
    if (this.#count === 0) return []
    const joined = this.#joined.subarray(0, this.#length - 1)
    if (!isUtf8(joined)) throw unsafe('a name is no UTF-8')
    return joined.toString('utf8').split('/')
  }
}

function unsafe(message: string): ShoalError {
  return new ShoalError('ERR_UNSAFE_NAME', `malformed public content: ${message}`)
}
