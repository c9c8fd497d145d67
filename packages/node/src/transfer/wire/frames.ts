/**
 * Frames: `uvarint h || header (h <= 64 KiB) || payload (header.n bytes, <= 1 MiB)`. The decoder is fed whatever
 * the stream delivers and allocates a payload only after its header was accepted.
 */
import { ShoalError } from '../../errors.ts'
import { MAX_HEADER_BYTES } from '../constants.ts'
import { decodeMessage, encodeMessage, payloadBytes, type Message } from './messages.ts'

/** Bytes of the longest varint that MAX_HEADER_BYTES needs. */
const MAX_VARINT_BYTES = 3

/** The frame of `message`, without its payload: length prefix and header. */
export function encodeFrame(message: Message): Uint8Array {
  const header = encodeMessage(message)
  const prefix: number[] = []
  let rest = header.byteLength
  while (rest >= 0x80) {
    prefix.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  prefix.push(rest)
  const frame = new Uint8Array(prefix.length + header.byteLength)
  frame.set(prefix)
  frame.set(header, prefix.length)
  return frame
}

export interface FrameHandler {
  /**
   * Called with each header before its payload is read. Returns where to put the payload: at least
   * `payloadBytes(message)` long, or undefined to read over it. Throws to refuse the frame.
   */
  onHeader: (message: Message) => Uint8Array | undefined
  /** Called when the frame is whole. `payload` is the filled part of what `onHeader` returned. */
  onFrame: (message: Message, payload: Uint8Array | undefined) => void
}

/** Splits a byte stream into frames. Holds at most one header and one payload at a time. */
export class FrameDecoder {
  readonly #handler: FrameHandler
  #headerLength = 0
  #varintBytes = 0
  #header: Uint8Array | undefined
  #headerFilled = 0
  #message: Message | undefined
  #payload: Uint8Array | undefined
  #payloadLength = 0
  #payloadFilled = 0

  constructor(handler: FrameHandler) {
    this.#handler = handler
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @throws ShoalError ERR_PROTOCOL when they are no frame; the stream is of no use after that
   */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      if (this.#message !== undefined) at += this.#takePayload(chunk, at)
      else if (this.#header !== undefined) at += this.#takeHeader(chunk, at)
      else at += this.#takeLength(chunk, at)
    }
  }

  #takeLength(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] as number
    this.#headerLength += (byte & 0x7f) * 128 ** this.#varintBytes
    this.#varintBytes++
    if ((byte & 0x80) !== 0) {
      if (this.#varintBytes >= MAX_VARINT_BYTES) throw refused('a header is too long')
      return 1
    }
    // A last byte of zero would be a second form of a shorter number.
    if (byte === 0 || this.#headerLength > MAX_HEADER_BYTES) throw refused('a header has a bad length')
    this.#header = new Uint8Array(this.#headerLength)
    this.#headerFilled = 0
    return 1
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const header = this.#header as Uint8Array
    const taken = Math.min(header.byteLength - this.#headerFilled, chunk.byteLength - at)
    header.set(chunk.subarray(at, at + taken), this.#headerFilled)
    this.#headerFilled += taken
    if (this.#headerFilled < header.byteLength) return taken
    const message = decodeMessage(header)
    this.#header = undefined
    this.#headerLength = 0
    this.#varintBytes = 0
    this.#payloadLength = payloadBytes(message)
    this.#payloadFilled = 0
    this.#message = message
    this.#payload = this.#handler.onHeader(message)
    if (this.#payloadLength === 0) this.#finish()
    return taken
  }

  #takePayload(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#payloadLength - this.#payloadFilled, chunk.byteLength - at)
    this.#payload?.set(chunk.subarray(at, at + taken), this.#payloadFilled)
    this.#payloadFilled += taken
    if (this.#payloadFilled === this.#payloadLength) this.#finish()
    return taken
  }

  #finish(): void {
    const message = this.#message as Message
    const payload = this.#payload?.subarray(0, this.#payloadLength)
    this.#message = undefined
    this.#payload = undefined
    this.#handler.onFrame(message, payload)
  }
}

function refused(what: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `malformed frame from a peer: ${what}`)
}
