/** Messages on a stream: `u16be length || message`. At most one message is held, and no more than its length says. */
import { ShoalError } from '../../errors.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'

const LENGTH_BYTES = 2

export function frameMessage(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(LENGTH_BYTES + message.byteLength)
  frame.writeUInt16BE(message.byteLength)
  frame.set(message, LENGTH_BYTES)
  return new Uint8Array(frame)
}

export class MessageReader {
  readonly #onMessage: (message: Uint8Array) => void
  #length = 0
  #lengthFilled = 0
  #message: Uint8Array | undefined
  #filled = 0

  /** @param onMessage the bytes are its own */
  constructor(onMessage: (message: Uint8Array) => void) {
    this.#onMessage = onMessage
  }

  /** @throws ShoalError ERR_PROTOCOL when a message is empty or too long */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      if (this.#message === undefined) {
        this.#length = this.#length * 256 + (chunk[at++] as number)
        if (++this.#lengthFilled === LENGTH_BYTES) this.#begin()
        continue
      }
      const part = chunk.subarray(at, at + this.#length - this.#filled)
      this.#message.set(part, this.#filled)
      this.#filled += part.byteLength
      at += part.byteLength
      if (this.#filled === this.#length) this.#end(this.#message)
    }
  }

  #begin(): void {
    if (this.#length === 0 || this.#length > MAX_MESSAGE_BYTES)
      throw new ShoalError('ERR_PROTOCOL', 'a message of a member has a bad length')
    this.#message = new Uint8Array(this.#length)
    this.#filled = 0
  }

  #end(message: Uint8Array): void {
    this.#message = undefined
    this.#length = 0
    this.#lengthFilled = 0
    this.#onMessage(message)
  }
}
