/** A libp2p stream as a channel of the transfer protocol. */
import type { PeerId, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { ShoalError } from '../errors.ts'
import type { Channel, ChannelHandler } from './channel.ts'
import { NETWORK_LIMITS } from './limits.ts'
import { ReceiveCredit } from './receive-credit.ts'

const HIGH_WATER_BYTES = NETWORK_LIMITS.streamHighWaterBytes
const TAKEN_BYTES = NETWORK_LIMITS.streamTakenBytes

export class Libp2pChannel implements Channel {
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  readonly remoteName: string
  readonly #stream: Stream
  readonly #credit: ReceiveCredit

  constructor(stream: Stream, local: PeerId, remote: PeerId) {
    this.#stream = stream
    this.#credit = new ReceiveCredit(stream)
    this.localId = local.toMultihash().bytes
    this.remoteId = remote.toMultihash().bytes
    this.remoteName = remote.toString()
  }

  receive(handler: ChannelHandler): void {
    let isClosed = false
    const close = (error?: Error): void => {
      if (isClosed) return
      isClosed = true
      handler.onClose(error)
    }
    this.#stream.addEventListener('message', (event: StreamMessageEvent) => {
      const { data } = event
      if (data instanceof Uint8Array) handler.onData(data)
      else for (const part of data) handler.onData(part)
    })
    this.#stream.addEventListener('remoteCloseWrite', () => close())
    this.#stream.addEventListener('close', (event: StreamCloseEvent) => close(event.error))
  }

  send(bytes: Uint8Array): boolean {
    // A stream that ended tells it by its close event; the sender need not notice first.
    if (this.#stream.writeStatus !== 'writable') return true
    return this.#stream.send(bytes)
  }

  /**
   * Not the stream's own `onDrain`: once it resolved it always does, so a peer that stops reading later would make a
   * sender go on without end.
   */
  async drained(onTaken?: () => void): Promise<void> {
    const stream = this.#stream
    let told = stream.writeBufferLength
    while (stream.writeStatus === 'writable' && stream.writeBufferLength > HIGH_WATER_BYTES) {
      await nextEvent(stream)
      if (told - stream.writeBufferLength < TAKEN_BYTES) continue
      told = stream.writeBufferLength
      onTaken?.()
    }
    if (stream.writeStatus !== 'writable') throw new ShoalError('ERR_PROTOCOL', 'the stream has ended')
  }

  async close(): Promise<void> {
    try {
      await this.#stream.close()
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
