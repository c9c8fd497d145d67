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
  /** false: by way of a third device. @defaultValue true */
  readonly isDirect?: boolean
  /** Starts delivery. Called once. */
  receive: (handler: ChannelHandler) => void
  /** Queues bytes. False: wait for `drained` before sending more. The bytes must not change afterwards. */
  send: (bytes: Uint8Array) => boolean
  /**
   * Resolves when there is room again, rejects when the channel ends first. `onTaken` is called while the peer takes some
   * of it, or is not what is waited for.
   */
  drained: (onTaken?: () => void) => Promise<void>
  /** Sends what is queued, then ends our side. */
  close: () => Promise<void>
  /** Ends both sides at once and forgets what is queued. */
  abort: (error: Error) => void
  /** Told which content it carries, by the text of its root, once both sides have proved that they know it. */
  carries?: (root: string) => void
  /**
   * From now on the peer may send no more than what it is granted. It has about `windowBytes` to begin with; called again
   * with more, it gets the difference. A channel without this takes what comes.
   */
  hold?: (windowBytes: number) => void
  /** Grants as much again, once it was taken. */
  grant?: (bytes: number) => void
  /** The peer may send as fast as it can again. */
  letGo?: () => void
}
