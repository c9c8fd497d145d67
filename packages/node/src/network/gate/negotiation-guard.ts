/**
 * Bounds how long a stranger may go on negotiating a protocol. The library answers every line of it, thousands in one
 * packet, without letting anything else run: 64 KiB of `ls` stop a process for half a second, before the peer said who
 * it is.
 */
import type { MessageStream } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'

/** As the protocol has it. */
const MAX_LINE_BYTES = 1_024
const decoder = new TextDecoder()

/** What the library's streams have besides their interface. */
interface StreamInternals {
  onData: (data: Uint8Array | Iterable<Uint8Array>) => void
  /** What came before anybody listened. */
  readonly readBuffer: Iterable<Uint8Array>
}

export class NegotiationGuard {
  readonly #maxLines: number
  /** Does this protocol end the negotiation, since we speak it? */
  readonly #isSpoken: (protocol: string) => boolean
  #lines = 0
  #length = 0
  #lengthBytes = 0
  #line: Uint8Array | undefined
  #filled = 0
  #isOver = false

  constructor(maxLines: number, isSpoken: (protocol: string) => boolean) {
    this.#maxLines = maxLines
    this.#isSpoken = isSpoken
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** @throws ShoalError ERR_PROTOCOL when this is no negotiation any more */
  inspect(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength && !this.#isOver;) {
      if (this.#line === undefined) {
        this.#readLength(chunk[at] as number)
        at++
        continue
      }
      const taken = Math.min(this.#line.byteLength - this.#filled, chunk.byteLength - at)
      this.#line.set(chunk.subarray(at, at + taken), this.#filled)
      this.#filled += taken
      at += taken
      if (this.#filled === this.#line.byteLength) this.#endLine(this.#line)
    }
  }

  #readLength(byte: number): void {
    this.#length += (byte & 0x7f) << (7 * this.#lengthBytes)
    this.#lengthBytes++
    if (byte >= 0x80 && this.#lengthBytes < 2) return
    if (byte >= 0x80 || this.#length === 0 || this.#length > MAX_LINE_BYTES) throw refused('a bad length')
    this.#line = new Uint8Array(this.#length)
    this.#filled = 0
    this.#length = 0
    this.#lengthBytes = 0
  }

  #endLine(line: Uint8Array): void {
    this.#line = undefined
    this.#lines++
    const text = decoder.decode(line)
    if (this.#isSpoken(text.endsWith('\n') ? text.slice(0, -1) : text)) this.#isOver = true
    else if (this.#lines >= this.#maxLines) throw refused('too many lines')
  }
}

/** Puts the guard in front of what the library reads from a stream; it takes itself away when the negotiation ends. */
export function guardNegotiation(stream: MessageStream, guard: NegotiationGuard): void {
  const internals = stream as unknown as Partial<StreamInternals>
  const { onData, readBuffer } = internals
  if (onData === undefined || readBuffer === undefined) {
    throw new ShoalError('ERR_INTERNAL', 'streams have changed: their negotiation cannot be bounded')
  }
  const isGood = (data: Uint8Array | Iterable<Uint8Array>): boolean => {
    try {
      for (const part of data instanceof Uint8Array ? [data] : data) guard.inspect(part)
      return true
    } catch (error) {
      stream.abort(error as Error)
      return false
    }
  }
  if (!isGood(readBuffer) || guard.isOver) return
  internals.onData = (data) => {
    if (!isGood(data)) return
    if (guard.isOver) internals.onData = onData
    onData.call(stream, data)
  }
}

function refused(why: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `a peer broke the rules of negotiation: ${why}`)
}
