/**
 * One stream of the transfer protocol: handshake, then messages both ways until one side ends it.
 *
 * Guarantees: no message of an open session is taken or sent before the handshake is done; a peer that breaks an order or
 * a bound ends the session with ERR_PROTOCOL and nothing else; memory per session is one header and one payload.
 * What is asked and answered is the business of `Uploader` and `Requester`.
 */
import type { CID } from 'multiformats/cid'
import { providerDigest } from '../../content/cid.ts'
import { ShoalError } from '../../errors.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Channel } from '../../network/channel.ts'
import { NONCE_BYTES } from '../constants.ts'
import { FrameDecoder, encodeFrame } from './frames.ts'
import { Handshake, outOfOrder, type HandshakeInit, type Lookup } from './handshake.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import type { ByeReason, Message } from './messages.ts'
import type { SessionHandler, PayloadSlot } from './session-handler.ts'

export interface SessionInit {
  readonly channel: Channel
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly counts?: TransferCounts | undefined
  /** Called when both proofs held, before any message that follows them is handled: the place to attach handlers. */
  readonly onOpen?: (session: Session) => void
}

type State = 'handshake' | 'open' | 'ended'

export class Session {
  readonly #channel: Channel
  readonly #seams: Seams
  readonly #limits: TransferLimits
  readonly #counts: TransferCounts | undefined
  readonly #handshake: Handshake
  readonly #onOpen: ((session: Session) => void) | undefined
  readonly #opened = Promise.withResolvers<void>()
  readonly #handlers: SessionHandler[] = []
  #state: State = 'handshake'
  #timer: TimerHandle | undefined
  #unknown = 0
  /** Slot of the frame whose payload is arriving. */
  #slot: PayloadSlot | undefined
  /** Monotonic time of the last bytes from the peer, in milliseconds. */
  lastReceivedMs: number
  /** Why the other side said it ends, if it did. */
  byeReason: ByeReason | undefined

  private constructor(init: SessionInit, shake: (its: HandshakeInit) => Handshake) {
    this.#channel = init.channel
    this.#seams = init.seams
    this.#limits = init.limits
    this.#counts = init.counts
    this.#handshake = shake({
      channel: init.channel,
      nonce: init.seams.random.bytes(NONCE_BYTES),
      send: (message) => this.send(message),
    })
    this.#onOpen = init.onOpen
    this.lastReceivedMs = init.seams.clock.monotonic()
    // A session that ends during the handshake without anyone waiting is no unhandled rejection.
    this.#opened.promise.catch(() => {})
  }

  /** Opens a session for `root` on a fresh channel. */
  static open(init: SessionInit, root: CID): Session {
    return new Session(init, (its) => Handshake.opening(its, root)).#start()
  }

  /** Answers a session that a peer opened. */
  static answer(init: SessionInit, lookup: Lookup): Session {
    return new Session(init, (its) => Handshake.answering(its, lookup)).#start()
  }

  /** The root of the session. Only valid once `opened` resolved. */
  get root(): CID {
    return this.#handshake.root as CID
  }

  /** Digest of the provider key of `root`. Only valid once `opened` resolved. */
  get providerDigest(): Uint8Array {
    return providerDigest(this.root)
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get remoteName(): string {
    return this.#channel.remoteName
  }

  /** false: by way of a third device. */
  get isDirect(): boolean {
    return this.#channel.isDirect !== false
  }

  get isOpener(): boolean {
    return this.#handshake.role === 'opener'
  }

  /** Whether both ends are of this node. */
  get isOwn(): boolean {
    return Buffer.compare(this.#channel.localId, this.#channel.remoteId) === 0
  }

  /** Whether of two sessions for one root between the same two peers this one stays, and not one that the other opened. */
  get isPreferred(): boolean {
    const { localId, remoteId } = this.#channel
    const order = Buffer.compare(localId, remoteId)
    return this.isOpener ? order < 0 : order > 0
  }

  get isEnded(): boolean {
    return this.#state === 'ended'
  }

  /** Resolves when both proofs held; rejects when the session ended before. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Adds a handler. Handlers are asked in order; the first that takes a payload gets it, and of `have` all that do. */
  attach(handler: SessionHandler): void {
    this.#handlers.push(handler)
  }

  /** Sends a message. False: wait for `drained` before sending more. */
  send(message: Message, payload?: Uint8Array): boolean {
    if (this.#state === 'ended') return true
    this.#counts?.onSent(message, payload?.byteLength ?? 0)
    const room = this.#channel.send(encodeFrame(message))
    return payload === undefined ? room : this.#channel.send(payload)
  }

  /** Resolves when the channel takes more; ends the session when the peer takes nothing for too long. */
  async drained(): Promise<void> {
    const { timers } = this.#seams
    const start = (): TimerHandle =>
      timers.set(() => {
        this.fail(new ShoalError('ERR_PROTOCOL', 'the other device does not take what it asked for'))
      }, this.#limits.sendTimeoutMs)
    let timer = start()
    try {
      // A block may take minutes on a slow line, or under a limit.
      await this.#channel.drained(() => {
        timers.clear(timer)
        timer = start()
      })
    } finally {
      timers.clear(timer)
    }
  }

  /** Says goodbye and ends the session in order. */
  async close(why: ByeReason = 'done'): Promise<void> {
    if (this.#state === 'ended') return
    this.send({ t: 'bye', why })
    this.#end(undefined)
    await this.#channel.close()
  }

  /** Ends the session at once. */
  fail(error: Error): void {
    if (this.#state === 'ended') return
    this.#end(error)
    this.#channel.abort(error)
  }

  #start(): this {
    this.#timer = this.#seams.timers.set(() => {
      this.fail(new ShoalError('ERR_PROTOCOL', 'the other device did not finish the handshake in time'))
    }, this.#limits.handshakeTimeoutMs)
    const decoder = new FrameDecoder({
      onHeader: (message) => this.#onHeader(message),
      onFrame: (message, payload) => this.#onFrame(message, payload),
    })
    this.#channel.receive({
      onData: (chunk) => {
        if (this.#state === 'ended') return
        this.lastReceivedMs = this.#seams.clock.monotonic()
        try {
          decoder.push(chunk)
        } catch (error) {
          this.fail(error as Error)
        }
      },
      onClose: (error) => {
        this.#end(error ?? undefined)
        // Only the peer's direction has ended: ours would stay open for as long as the connection.
        if (error === undefined) void this.#channel.close()
      },
    })
    this.#handshake.begin()
    return this
  }

  #onHeader(message: Message): Uint8Array | undefined {
    // After the end, what is left of the chunk is read over.
    if (this.#state === 'ended' || !carriesPayload(message)) return undefined
    if (this.#state !== 'open') throw outOfOrder(message)
    if (message.t === 'have') {
      // Who has everything need not know what others have.
      this.#slot = this.#slotForAll(message)
      return this.#slot?.buffer
    }
    for (const handler of this.#handlers) {
      this.#slot = handler.payloadFor(message)
      if (this.#slot !== undefined) return this.#slot.buffer
    }
    throw new ShoalError('ERR_PROTOCOL', 'a peer sent something that was not asked for')
  }

  #slotForAll(message: Message): PayloadSlot | undefined {
    const slots = this.#handlers.flatMap((handler) => handler.payloadFor(message) ?? [])
    const [first] = slots
    if (first === undefined || slots.length === 1) return first
    const deliver = (payload: Uint8Array): void => {
      for (const slot of slots) slot.deliver(payload)
    }
    return { buffer: first.buffer, deliver }
  }

  #onFrame(message: Message, payload: Uint8Array | undefined): void {
    if (this.#state === 'ended') return
    if (message.t === 'bye') this.#onBye(message.why)
    else if (this.#state === 'open') this.#onOpenFrame(message, payload)
    else this.#onHandshake(message)
  }

  #onHandshake(message: Message): void {
    const result = this.#handshake.take(message)
    if (result === 'unknown') void this.close('unknown')
    if (result === 'done') this.#open()
  }

  #onOpenFrame(message: Message, payload: Uint8Array | undefined): void {
    if (message.t === 'hello' || message.t === 'proof') throw outOfOrder(message)
    if (message.t === 'unknown') {
      this.#unknown++
      if (this.#unknown > this.#limits.maxUnknownMessages) {
        throw new ShoalError('ERR_PROTOCOL', 'a peer sent too many messages of unknown type')
      }
      return
    }
    this.#counts?.onReceived(message, payload?.byteLength ?? 0)
    const slot = this.#slot
    if (slot !== undefined && payload !== undefined) {
      this.#slot = undefined
      slot.deliver(payload)
      return
    }
    for (const handler of this.#handlers) handler.onMessage(message)
  }

  #onBye(why: ByeReason): void {
    this.byeReason = why
    this.#end(undefined)
    void this.#channel.close()
  }

  #open(): void {
    this.#state = 'open'
    this.#clearTimer()
    this.#channel.carries?.(this.root.toString())
    this.#onOpen?.(this)
    this.#opened.resolve()
  }

  #end(error: Error | undefined): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#clearTimer()
    this.#opened.reject(error ?? new ShoalError('ERR_PROTOCOL', 'the other device ended the session'))
    for (const handler of this.#handlers) handler.onEnd(error)
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#seams.timers.clear(this.#timer)
    this.#timer = undefined
  }
}

function carriesPayload(message: Message): boolean {
  return message.t === 'block' || message.t === 'cid' || (message.t === 'have' && 'n' in message)
}
