/** A libp2p stream as a channel of the transfer protocol. */
import type { Connection, PeerId, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { ShoalError } from '../errors.ts'
import type { Channel, ChannelHandler } from './channel.ts'
import type { Timers } from '../util/seams.ts'
import { withDeadline } from './deadline.ts'
import { isDirect } from './direct.ts'
import { NETWORK_LIMITS } from './limits.ts'
import { ReceiveCredit } from './receive-credit.ts'

const HIGH_WATER_BYTES = NETWORK_LIMITS.streamHighWaterBytes
const TAKEN_BYTES = NETWORK_LIMITS.streamTakenBytes

/**
 * What is sent within one turn of the event loop leaves together up to so many bytes: as one frame of the muxer, encrypted once and
 * written once. That is the most that Noise encrypts at once, with room for the frame's header.
 */
const GATHERED_BYTES = 65_000

/** How long what is still to be sent may keep a stream that we close, in milliseconds; then it is reset. */
const CLOSE_TIMEOUT_MS = 5_000

export class Libp2pChannel implements Channel {
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  readonly remoteName: string
  readonly isDirect: boolean
  readonly #stream: Stream
  readonly #credit: ReceiveCredit
  readonly #timers: Timers
  /** As the library has it; the one that others call tells us first. */
  readonly #closeStream: Stream['close']
  #handler: ChannelHandler | undefined
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  /** What the stream said last. */
  #hasRoom = true

  constructor(
    stream: Stream,
    local: PeerId,
    connection: Pick<Connection, 'remotePeer' | 'remoteAddr' | 'limits'>,
    timers: Timers,
  ) {
    const { remotePeer: remote } = connection
    this.isDirect = isDirect(connection)
    this.#stream = stream
    this.#credit = new ReceiveCredit(stream)
    this.#timers = timers
    this.localId = local.toMultihash().bytes
    this.remoteId = remote.toMultihash().bytes
    this.remoteName = remote.toString()
    this.#closeStream = stream.close.bind(stream)
    // The library closes the streams of a connection that it closes, and has no event for it: until the other side did
    // the same, which may take until a time-out, nothing is said any more and nobody would know.
    stream.close = (options) => {
      this.#ended(new ShoalError('ERR_PROTOCOL', 'the connection is being closed'))
      return this.#closeStream(options)
    }
  }

  receive(handler: ChannelHandler): void {
    const stream = this.#stream
    this.#handler = handler
    stream.addEventListener('message', (event: StreamMessageEvent) => {
      const { data } = event
      if (data instanceof Uint8Array) handler.onData(data)
      else for (const part of data) handler.onData(part)
    })
    stream.addEventListener('remoteCloseWrite', () => this.#ended())
    stream.addEventListener('close', (event: StreamCloseEvent) => this.#ended(event.error))
    // It may have ended before anybody listened. What had come by then is delivered first, in a microtask as well.
    const isOver = (): boolean =>
      stream.status !== 'open' || stream.writeStatus !== 'writable' || stream.remoteWriteStatus !== 'writable'
    if (isOver()) queueMicrotask(() => this.#ended())
  }

  send(bytes: Uint8Array): boolean {
    // Whoever ended the stream was told, or will be.
    if (this.#stream.writeStatus !== 'writable') return true
    if (this.#gatheredBytes + bytes.byteLength > GATHERED_BYTES) this.#flush()
    if (bytes.byteLength > GATHERED_BYTES) {
      this.#sendNow(bytes)
    } else {
      if (this.#gathered.push(bytes) === 1) process.nextTick(() => this.#flush())
      this.#gatheredBytes += bytes.byteLength
    }
    return this.#hasRoom
  }

  #flush(): void {
    const [first, ...more] = this.#gathered
    if (first === undefined) return
    const bytes = more.length === 0 ? first : Buffer.concat(this.#gathered, this.#gatheredBytes)
    this.#gathered = []
    this.#gatheredBytes = 0
    if (this.#stream.writeStatus === 'writable') this.#sendNow(bytes)
  }

  #sendNow(bytes: Uint8Array): void {
    try {
      this.#hasRoom = this.#stream.send(bytes)
    } catch {
      // A connection that was closed tells its streams later, or on this: what is sent comes from timers too.
    }
  }

  /**
   * Not the stream's own `onDrain`: once it resolved it always does, so a peer that stops reading later would make a
   * sender go on without end.
   */
  async drained(onTaken?: () => void): Promise<void> {
    const stream = this.#stream
    this.#flush()
    let told = stream.writeBufferLength
    while (stream.writeStatus === 'writable' && stream.writeBufferLength > HIGH_WATER_BYTES) {
      await nextEvent(stream)
      if (told - stream.writeBufferLength < TAKEN_BYTES) continue
      told = stream.writeBufferLength
      onTaken?.()
    }
    if (stream.writeStatus !== 'writable') throw new ShoalError('ERR_PROTOCOL', 'the stream has ended')
    this.#hasRoom = true
  }

  async close(): Promise<void> {
    this.#handler = undefined
    this.#flush()
    try {
      // A peer that takes nothing would keep us waiting for as long as it likes.
      await withDeadline(this.#timers, CLOSE_TIMEOUT_MS, undefined, (signal) => this.#closeStream({ signal }))
    } catch (error) {
      this.#stream.abort(error as Error)
    }
  }

  abort(error: Error): void {
    this.#stream.abort(error)
  }

  hold(windowBytes: number): void {
    this.#credit.hold(windowBytes)
  }

  grant(bytes: number): void {
    this.#credit.grant(bytes)
  }

  letGo(): void {
    this.#credit.letGo()
  }

  /** Tells it once, and leaves no half of the stream open: the other side would wait for it. */
  #ended(error?: Error): void {
    const handler = this.#handler
    if (handler === undefined) return
    this.#handler = undefined
    handler.onClose(error)
    void this.close()
  }
}

/** Resolves when the stream sent something, or ended. */
function nextEvent(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.removeEventListener('drain', done)
      stream.removeEventListener('idle', done)
      stream.removeEventListener('close', done)
      // The stream sends on in a microtask of its own, queued before this one.
      resolve()
    }
    stream.addEventListener('drain', done)
    stream.addEventListener('idle', done)
    stream.addEventListener('close', done)
  })
}
