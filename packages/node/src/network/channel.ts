/**
 * The seam between the transfer protocol and whatever carries its frames: a libp2p stream today, a side channel or
 * a simulated network as well. Reliable, ordered, one per peer and root.
 */

export interface ChannelHandler {
  /** The chunk is only valid during the call. */
  onData: (chunk: Uint8Array) => void
  /** Called once, last. `error` is absent when the other side ended it in order. */
  onClose: (error?: Error) => void
}

export interface Channel {
  /** Binary peer ids; the remote one is authenticated by the connection. */
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  /** The remote peer id as text. */
  readonly remoteName: string
  /** Starts delivery. Called once. */
  receive: (handler: ChannelHandler) => void
  /** Queues bytes. False: wait for `drained` before sending more. The bytes must not change afterwards. */
  send: (bytes: Uint8Array) => boolean
  /** Resolves when there is room again, rejects when the channel ends first. */
  drained: () => Promise<void>
  /** Sends what is queued, then ends our side. */
  close: () => Promise<void>
  /** Ends both sides at once and forgets what is queued. */
  abort: (error: Error) => void
}
