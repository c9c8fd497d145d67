/**
 * Looks at each message on a stream of the table's protocol before kad-dht does, which takes 4 MiB of any shape and makes
 * an object of every entry: a million empty ones stop a process for seconds. What is over a limit, or no message at all,
 * ends the stream.
 */
import { StreamMessageEvent, type Stream } from '@libp2p/interface'
import { fieldsOf, readVarint } from './protobuf.ts'

export interface FrameLimits {
  readonly maxBytes: number
  /** Peers named in one message. */
  readonly maxPeers: number
  /** Addresses in one message. */
  readonly maxAddresses: number
}

const CLOSER = 8
const PROVIDERS = 9
const MULTIADDRS = 2
const MAX_LENGTH_BYTES = 4

/** Why a message is refused, or undefined when kad-dht may have it. */
export function refusal(message: Uint8Array, limits: FrameLimits): string | undefined {
  try {
    let peers = 0
    let addresses = 0
    for (const field of fieldsOf(message)) {
      if (field.number !== CLOSER && field.number !== PROVIDERS) continue
      if (++peers > limits.maxPeers) return 'it names too many peers'
      for (const { number } of fieldsOf(message, field.valueStart, field.end)) {
        if (number === MULTIADDRS && ++addresses > limits.maxAddresses) return 'it has too many addresses'
      }
    }
    return undefined
  } catch (cause) {
    return String(cause)
  }
}

/** Cuts a stream into its length-prefixed messages. */
export class FrameScanner {
  readonly #limits: FrameLimits
  #pending: Uint8Array = new Uint8Array(0)

  constructor(limits: FrameLimits) {
    this.#limits = limits
  }

  /**
   * @param onMessage called with each message that may pass, its length included
   * @returns why the stream is to be ended, or undefined
   */
  scan(chunk: Uint8Array, onMessage?: (framed: Uint8Array) => void): string | undefined {
    let bytes = this.#pending.length === 0 ? chunk : new Uint8Array(Buffer.concat([this.#pending, chunk]))
    for (;;) {
      const length = lengthAt(bytes)
      if (length === 'malformed') return 'its length is malformed'
      if (length === undefined) break
      if (length.value > this.#limits.maxBytes) return 'it is too long'
      if (bytes.length < length.next + length.value) break
      const reason = refusal(bytes.subarray(length.next, length.next + length.value), this.#limits)
      if (reason !== undefined) return reason
      onMessage?.(bytes.slice(0, length.next + length.value))
      bytes = bytes.subarray(length.next + length.value)
    }
    this.#pending = bytes.slice()
    return undefined
  }
}

function lengthAt(bytes: Uint8Array): { value: number; next: number } | 'malformed' | undefined {
  try {
    return readVarint(bytes, 0, Math.min(bytes.length, MAX_LENGTH_BYTES))
  } catch {
    return bytes.length >= MAX_LENGTH_BYTES ? 'malformed' : undefined
  }
}

/** A message that was looked at and may pass. */
export class PassedMessageEvent extends StreamMessageEvent {}

/**
 * Guards a stream. To be called before anybody else listens to it.
 *
 * @param onMessage called with each message, its length included, which reaches nobody else before it is dispatched as a
 * `PassedMessageEvent`; without it, what comes passes at once
 */
export function guardStream(
  stream: Stream,
  limits: FrameLimits,
  onMessage?: (framed: Uint8Array) => void,
): Stream {
  const scanner = new FrameScanner(limits)
  stream.addEventListener('message', (event: StreamMessageEvent) => {
    if (event instanceof PassedMessageEvent) return
    if (onMessage !== undefined) event.stopImmediatePropagation()
    const reason = scanner.scan(event.data.subarray(), onMessage)
    if (reason === undefined) return
    event.stopImmediatePropagation()
    stream.abort(new RangeError(`a message of the table is refused: ${reason}`))
  })
  return stream
}
