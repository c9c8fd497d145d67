/** Two ends of a channel inside one process: how a node fetches what it shares itself. */
import type { Channel, ChannelHandler } from './channel.ts'

/** Bytes under way above which a sender is told to wait. */
const HIGH_WATER_BYTES = 2_097_152

/** @param id binary peer id of this node, which is both sides; `name` the same as text */
export function memoryChannels(id: Uint8Array, name: string): [Channel, Channel] {
  const left = new MemoryChannel(id, name)
  const right = new MemoryChannel(id, name)
  left.other = right
  right.other = left
  return [left, right]
}

class MemoryChannel implements Channel {
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  readonly remoteName: string
  other: MemoryChannel | undefined
  #handler: ChannelHandler | undefined
  /** What the other side sent and this one has not taken yet. */
  #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #isDelivering = false
  #isClosed = false
  #room: PromiseWithResolvers<void> | undefined

  constructor(id: Uint8Array, name: string) {
    this.localId = id
    this.remoteId = id
    this.remoteName = name
  }

  receive(handler: ChannelHandler): void {
    this.#handler = handler
    this.deliverSoon()
  }

  send(bytes: Uint8Array): boolean {
    if (this.#isClosed) return true
    return this.other?.take(bytes) ?? true
  }

  drained(): Promise<void> {
    return this.other?.whenRoom() ?? Promise.resolve()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.other?.deliverSoon()
  }

  abort(error: Error): void {
    this.end(error)
    this.other?.end(error)
  }

  /** The other side puts bytes here. False: it has to wait. */
  take(bytes: Uint8Array): boolean {
    this.#inbox.push(bytes)
    this.#inboxBytes += bytes.byteLength
    this.deliverSoon()
    return this.#inboxBytes < HIGH_WATER_BYTES
  }

  whenRoom(): Promise<void> {
    if (this.#inboxBytes < HIGH_WATER_BYTES) return Promise.resolve()
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  end(error: Error | undefined): void {
    const handler = this.#handler
    this.#isClosed = true
    this.#handler = undefined
    this.#inbox = []
    this.#inboxBytes = 0
    this.#room?.resolve()
    this.#room = undefined
    handler?.onClose(error)
  }

  /** Later, so that nobody's `send` runs the other side's code. */
  deliverSoon(): void {
    if (this.#isDelivering || this.#handler === undefined) return
    this.#isDelivering = true
    queueMicrotask(() => {
      this.#isDelivering = false
      this.#deliver()
    })
  }

  #deliver(): void {
    let next: Uint8Array | undefined
    while (this.#handler !== undefined && (next = this.#inbox.shift()) !== undefined) {
      this.#inboxBytes -= next.byteLength
      this.#handler.onData(next)
      if (this.#inboxBytes < HIGH_WATER_BYTES) {
        this.#room?.resolve()
        this.#room = undefined
      }
    }
    // The other side ended, and everything it sent before was taken.
    if (this.other?.isClosed === true) this.end(undefined)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }
}
