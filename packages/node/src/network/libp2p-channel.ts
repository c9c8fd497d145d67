/** A libp2p stream as a channel of the transfer protocol. */
import type { PeerId, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Channel, ChannelHandler } from './channel.ts'

export class Libp2pChannel implements Channel {
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  readonly remoteName: string
  readonly #stream: Stream

  constructor(stream: Stream, local: PeerId, remote: PeerId) {
    this.#stream = stream
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

  async drained(): Promise<void> {
    await this.#stream.onDrain()
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
}
