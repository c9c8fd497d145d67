/**
 * One conversation of joining over a channel: `u32be length || message`. The first two messages are plain; from then on each is
 * sealed by a key that only who knows the invitation has, counted, so that none can be forged, repeated or left out. A message
 * of no bytes is a refusal without a reason: who cannot seal says no more.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { ShoalError, isShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Timers } from '../../util/seams.ts'
import { STEP_MS } from './limits.ts'
import { decodeMessage, encodeMessage, type JoinMessage, type MessageKind } from './messages.ts'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
const NONCE_BYTES = 12
const LENGTH_BYTES = 4

/** Of each way one. */
export interface StreamKeys {
  /** 32 bytes. */
  readonly seals: Uint8Array
  /** 32 bytes. */
  readonly opens: Uint8Array
}

export interface JoinStreamInit {
  readonly channel: Channel
  readonly timers: Timers
  /** Bytes of the longest message that is taken, and of all that may wait to be read. */
  readonly mostBytes: number
}

export class JoinStream {
  /** Resolves when the other side or the connection ended it, or this side did. */
  readonly ended: Promise<void>
  readonly #init: JoinStreamInit
  readonly #end = Promise.withResolvers<void>()
  #bytes = Buffer.alloc(0)
  #keys: StreamKeys | undefined
  #sent = 0
  #received = 0
  #isOver = false
  #wake: (() => void) | undefined

  constructor(init: JoinStreamInit) {
    this.#init = init
    this.ended = this.#end.promise
    init.channel.receive({ onData: (chunk) => this.#take(chunk), onClose: () => this.#over() })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** From now on all is sealed. */
  seal(keys: StreamKeys): void {
    this.#keys = keys
  }

  /** As `next`, of the first that is sealed. @returns undefined also when it is sealed by another key, which ends nothing */
  async nextSealed<K extends MessageKind>(
    keys: StreamKeys,
    kind: K,
  ): Promise<Extract<JoinMessage, { t: K }> | undefined> {
    this.seal(keys)
    const bytes = await this.#within(STEP_MS, () => this.#message())
    try {
      const message = decodeMessage(opened(keys.opens, this.#received++, bytes))
      return message.t === kind ? (message as Extract<JoinMessage, { t: K }>) : undefined
    } catch (error) {
      if (isShoalError(error, 'ERR_PROTOCOL')) return undefined
      throw error
    }
  }

  /** Sends one message, and waits until there is room for more. @throws ShoalError ERR_NO_PROVIDER when it was ended */
  async send(message: JoinMessage): Promise<void> {
    const plain = encodeMessage(message)
    await this.#send(this.#keys === undefined ? plain : sealed(this.#keys.seals, this.#sent++, plain))
  }

  /** Says no to who has proved nothing, the same for whatever reason. */
  async refuse(): Promise<void> {
    await this.#send(Buffer.alloc(0))
    await this.close()
  }

  /**
   * The next message, of one of these kinds.
   *
   * @param withinMs @defaultValue STEP_MS; Infinity: as long as it takes
   * @returns undefined for a refusal without a reason
   * @throws ShoalError ERR_PROTOCOL for any other message, which ends it; ERR_NO_PROVIDER when it was ended or nothing came
   */
  async next<K extends MessageKind>(
    kinds: readonly K[],
    withinMs: number = STEP_MS,
  ): Promise<Extract<JoinMessage, { t: K }> | undefined> {
    try {
      const bytes = await this.#within(withinMs, () => this.#message())
      if (bytes.byteLength === 0) return undefined
      const message = decodeMessage(
        this.#keys === undefined ? bytes : opened(this.#keys.opens, this.#received++, bytes),
      )
      if (kinds.some((kind) => kind === message.t)) return message as Extract<JoinMessage, { t: K }>
      throw new ShoalError('ERR_PROTOCOL', `a device said "${message.t}" out of order`)
    } catch (error) {
      if (isShoalError(error, 'ERR_PROTOCOL')) this.abort(error)
      throw error
    }
  }

  /** Sends what is queued, then ends it. */
  async close(): Promise<void> {
    this.#over()
    await this.#init.channel.close()
  }

  abort(error: Error): void {
    this.#over()
    this.#init.channel.abort(error)
  }

  async #send(payload: Uint8Array): Promise<void> {
    if (this.#isOver) throw ended()
    const { channel } = this.#init
    const frame = Buffer.alloc(LENGTH_BYTES + payload.byteLength)
    frame.writeUInt32BE(payload.byteLength)
    frame.set(payload, LENGTH_BYTES)
    if (channel.send(frame)) return
    await this.#within(STEP_MS, async () => {
      await channel.drained().catch((cause: unknown) => {
        throw new ShoalError('ERR_NO_PROVIDER', 'the connection to the other device broke', { cause })
      })
    })
  }

  async #message(): Promise<Buffer> {
    for (;;) {
      const length = this.#bytes.byteLength < LENGTH_BYTES ? undefined : this.#bytes.readUInt32BE()
      if (length !== undefined && length > this.#init.mostBytes)
        throw new ShoalError('ERR_PROTOCOL', 'a device said more at once than it may')
      if (length !== undefined && this.#bytes.byteLength >= LENGTH_BYTES + length) {
        const message = this.#bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
        this.#bytes = this.#bytes.subarray(LENGTH_BYTES + length)
        return message
      }
      // What was said before the end counts.
      if (this.#isOver) throw ended()
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      // oxlint-disable-next-line no-await-in-loop -- Until there is enough.
      await promise
    }
  }

  #take(chunk: Uint8Array): void {
    if (this.#bytes.byteLength + chunk.byteLength > this.#init.mostBytes + LENGTH_BYTES) {
      this.abort(new ShoalError('ERR_PROTOCOL', 'a device said more than it was asked for'))
      return
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    this.#wake?.()
  }

  #over(): void {
    this.#isOver = true
    this.#wake?.()
    this.#end.resolve()
  }

  /** Ends it when `work` takes too long. */
  async #within<T>(withinMs: number, work: () => Promise<T>): Promise<T> {
    if (withinMs === Infinity) return await work()
    const { timers } = this.#init
    const late = new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer in time')
    const timer = timers.set(() => this.abort(late), withinMs)
    try {
      return await work()
    } finally {
      timers.clear(timer)
    }
  }
}

function sealed(key: Uint8Array, count: number, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonceOf(count))
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws ShoalError ERR_PROTOCOL */
function opened(key: Uint8Array, count: number, untrusted: Buffer): Uint8Array {
  const length = untrusted.byteLength - TAG_BYTES
  try {
    const decipher = createDecipheriv(CIPHER, key, nonceOf(count), { authTagLength: TAG_BYTES })
    decipher.setAuthTag(untrusted.subarray(length))
    return Buffer.concat([decipher.update(untrusted.subarray(0, length)), decipher.final()])
  } catch {
    throw new ShoalError('ERR_PROTOCOL', 'what a device says is not sealed by the key of the invitation')
  }
}

/** A key seals for one way of one conversation, so a count never comes twice under it. */
function nonceOf(count: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUIntBE(count, NONCE_BYTES - 6, 6)
  return nonce
}

function ended(): ShoalError {
  return new ShoalError('ERR_NO_PROVIDER', 'the connection to the other device broke')
}
