/**
 * Messages over a channel, by turns: `u8 kind || u24be length || body`. Who has the turn sends one, and gives the turn away by it.
 * So nobody can make the other side keep more than one message, and each has a time within which it has to be whole.
 */
import { ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Timers } from '../../util/seams.ts'
import { HELLO_TAGS, MAX_MESSAGE_BYTES, MAX_QUESTION_IDS, TURN_TIMEOUT_MS } from './limits.ts'
import { NONCE_BYTES, TAG_BYTES } from './proofs.ts'

const AUTHOR_BYTES = 32
const SIGNATURE_BYTES = 64
const ID_BYTES = 32

/** Kinds of messages: the byte that stands for each, and its bounds. */
const KINDS = {
  hello: { byte: 1, least: NONCE_BYTES + HELLO_TAGS * TAG_BYTES, most: NONCE_BYTES + HELLO_TAGS * TAG_BYTES },
  answer: { byte: 2, least: NONCE_BYTES + TAG_BYTES, most: NONCE_BYTES + TAG_BYTES },
  proof: { byte: 3, least: AUTHOR_BYTES + SIGNATURE_BYTES, most: AUTHOR_BYTES + SIGNATURE_BYTES },
  question: { byte: 4, least: 0, most: MAX_QUESTION_IDS * ID_BYTES },
  operations: { byte: 5, least: 0, most: MAX_MESSAGE_BYTES },
  ranges: { byte: 6, least: 2, most: MAX_MESSAGE_BYTES },
  data: { byte: 7, least: 6, most: MAX_MESSAGE_BYTES },
  end: { byte: 8, least: 0, most: 0 },
} as const

export type Kind = keyof typeof KINDS

export interface WireMessage {
  readonly kind: Kind
  readonly body: Uint8Array
}

const HEAD_BYTES = 4
const NAMES = new Map<number, Kind>((Object.keys(KINDS) as Kind[]).map((name) => [KINDS[name].byte, name]))

export class Wire {
  readonly #channel: Channel
  readonly #timers: Timers
  #head = Buffer.alloc(HEAD_BYTES)
  #headFilled = 0
  #body: Uint8Array | undefined
  #bodyFilled = 0
  #kind: Kind | undefined
  #whole: WireMessage | undefined
  #waiting: PromiseWithResolvers<WireMessage> | undefined
  #end: ShoalError | undefined
  /** Bytes that went either way. */
  readonly bytes = { sent: 0, received: 0 }

  constructor(channel: Channel, timers: Timers) {
    this.#channel = channel
    this.#timers = timers
    channel.receive({
      onData: (chunk) => this.#take(chunk),
      onClose: (cause) =>
        this.#fail(new ShoalError('ERR_NO_PROVIDER', 'the other device ended it', { cause })),
    })
  }

  get channel(): Pick<Channel, 'localId' | 'remoteId' | 'remoteName'> {
    return this.#channel
  }

  /** @throws ShoalError ERR_NO_PROVIDER when the other side ended it, ERR_PROTOCOL when it takes nothing */
  async send(kind: Kind, ...parts: readonly Uint8Array[]): Promise<void> {
    if (this.#end !== undefined) throw this.#end
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(KINDS[kind].byte, 0)
    head.writeUIntBE(length, 1, 3)
    this.bytes.sent += HEAD_BYTES + length
    const hasRoom = this.#channel.send(new Uint8Array(Buffer.concat([head, ...parts])))
    if (!hasRoom) await this.#within(this.#channel.drained())
  }

  /**
   * The next message, which has to be of one of these kinds.
   *
   * @throws ShoalError ERR_PROTOCOL when it is not, or does not come in time; ERR_NO_PROVIDER when the other side ended it
   */
  async next<Of extends Kind>(...kinds: readonly Of[]): Promise<WireMessage & { readonly kind: Of }> {
    const message = this.#whole ?? (await this.#nextWhole())
    this.#whole = undefined
    if (!kinds.includes(message.kind as Of)) throw this.abort(`"${message.kind}" out of order`)
    return message as WireMessage & { readonly kind: Of }
  }

  /** Ends it because the other side broke the rules. Returns the error, to be thrown. */
  abort(what: string): ShoalError {
    const error = new ShoalError('ERR_PROTOCOL', `a member of a space broke the protocol: ${what}`)
    this.stop(error)
    return error
  }

  /** Ends both directions at once. */
  stop(error: ShoalError): void {
    // First, since a channel tells of its end as if the other side had ended it.
    this.#fail(error)
    this.#channel.abort(error)
  }

  /** Sends what is queued, then ends it in order. */
  async close(): Promise<void> {
    this.#end ??= new ShoalError('ERR_NO_PROVIDER', 'it has ended')
    await this.#channel.close()
  }

  async #nextWhole(): Promise<WireMessage> {
    if (this.#end !== undefined) throw this.#end
    this.#waiting = Promise.withResolvers()
    return await this.#within(this.#waiting.promise)
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const timer = this.#timers.set(() => this.abort('it takes too long'), TURN_TIMEOUT_MS)
    // Whatever ends the channel ends this, also where it tells nobody.
    const ended = Promise.withResolvers<never>()
    this.#onEnd = (error) => ended.reject(error)
    if (this.#end !== undefined) ended.reject(this.#end)
    try {
      return await Promise.race([work, ended.promise])
    } finally {
      this.#timers.clear(timer)
      this.#onEnd = undefined
      ended.promise.catch(() => {})
      work.catch(() => {})
    }
  }

  #onEnd: ((error: ShoalError) => void) | undefined

  #fail(error: ShoalError): void {
    this.#end ??= error
    this.#waiting = undefined
    this.#onEnd?.(this.#end)
  }

  #take(chunk: Uint8Array): void {
    if (this.#end !== undefined) return
    this.bytes.received += chunk.byteLength
    for (let at = 0; at < chunk.byteLength && this.#end === undefined;) {
      if (this.#whole !== undefined) {
        this.abort('more than one message at a time')
        return
      }
      at += this.#body === undefined ? this.#takeHead(chunk, at) : this.#takeBody(this.#body, chunk, at)
    }
  }

  #takeHead(chunk: Uint8Array, at: number): number {
    const taken = Math.min(HEAD_BYTES - this.#headFilled, chunk.byteLength - at)
    this.#head.set(chunk.subarray(at, at + taken), this.#headFilled)
    this.#headFilled += taken
    if (this.#headFilled < HEAD_BYTES) return taken
    this.#headFilled = 0
    const kind = NAMES.get(this.#head.readUInt8(0))
    const length = this.#head.readUIntBE(1, 3)
    // Before anything is allocated for it.
    if (kind === undefined || length < KINDS[kind].least || length > KINDS[kind].most) {
      this.abort('a message of no kind or size that there is')
      return taken
    }
    this.#kind = kind
    this.#body = new Uint8Array(length)
    this.#bodyFilled = 0
    if (length === 0) this.#finish(this.#body)
    return taken
  }

  #takeBody(body: Uint8Array, chunk: Uint8Array, at: number): number {
    const taken = Math.min(body.byteLength - this.#bodyFilled, chunk.byteLength - at)
    body.set(chunk.subarray(at, at + taken), this.#bodyFilled)
    this.#bodyFilled += taken
    if (this.#bodyFilled === body.byteLength) this.#finish(body)
    return taken
  }

  #finish(body: Uint8Array): void {
    const message = { kind: this.#kind as Kind, body }
    this.#body = undefined
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#whole = message
    else waiting.resolve(message)
  }
}
