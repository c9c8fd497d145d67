/** One stream to a member, of either side's making: who opens it says first which space it is for, by its id of 32 bytes. */
import { ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Clock } from '../../util/seams.ts'
import { KEY_BYTES } from '../keys/derive.ts'
import { frameMessage, MessageReader } from './probe-frames.ts'

export interface ProbeStreamHandler {
  /** Of a stream that the other side opened, once. Throws to refuse it. */
  readonly onSpace: (space: Uint8Array) => void
  /** Throws when it is none: the stream ends. */
  readonly onMessage: (message: Uint8Array) => void
  /** Once, last. */
  readonly onEnd: () => void
}

export class ProbeStream {
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #handler: ProbeStreamHandler
  readonly #messages: MessageReader
  readonly #space = new Uint8Array(KEY_BYTES)
  readonly #opening: Uint8Array | undefined
  #spaceFilled: number
  #isStalled = false
  #isOver = false
  /** When something came or went last, on the monotonic clock. */
  usedMs: number

  /** @param space that this side opens it for; undefined: the other side did */
  constructor(channel: Channel, clock: Clock, space: Uint8Array | undefined, handler: ProbeStreamHandler) {
    this.#channel = channel
    this.#clock = clock
    this.#handler = handler
    this.#messages = new MessageReader(handler.onMessage)
    this.#spaceFilled = space === undefined ? 0 : KEY_BYTES
    this.usedMs = clock.monotonic()
    this.#opening = space
  }

  /** Did the other side open it? */
  get isTheirs(): boolean {
    return this.#opening === undefined
  }

  /** Takes what comes from now on. Called once. */
  begin(): void {
    this.#channel.receive({ onData: (chunk) => this.#take(chunk), onClose: () => this.#end() })
    if (this.#opening !== undefined) this.#channel.send(new Uint8Array(this.#opening))
  }

  /** Has the other side said which space it is for? */
  get isNamed(): boolean {
    return this.#spaceFilled === KEY_BYTES
  }

  /** @returns false: it is not sent, since the member takes nothing or the stream has ended */
  send(message: Uint8Array): boolean {
    if (this.#isStalled || this.#isOver) return false
    this.usedMs = this.#clock.monotonic()
    if (!this.#channel.send(frameMessage(message))) this.#stall()
    return true
  }

  close(): void {
    if (this.#isOver) return
    this.#end()
    this.#channel.close().catch(() => {})
  }

  abort(reason: string): void {
    this.#channel.abort(new ShoalError('ERR_PROTOCOL', reason))
    this.#end()
  }

  #stall(): void {
    this.#isStalled = true
    const go = (): void => void (this.#isStalled = false)
    this.#channel.drained().then(go, () => this.#end())
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver) return
    try {
      let rest = chunk
      if (!this.isNamed) {
        const part = chunk.subarray(0, KEY_BYTES - this.#spaceFilled)
        this.#space.set(part, this.#spaceFilled)
        this.#spaceFilled += part.byteLength
        rest = chunk.subarray(part.byteLength)
        if (this.isNamed) this.#handler.onSpace(this.#space)
      }
      this.usedMs = this.#clock.monotonic()
      this.#messages.push(rest)
    } catch (error) {
      this.abort((error as Error).message)
    }
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#handler.onEnd()
  }
}
