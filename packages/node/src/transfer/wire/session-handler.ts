/** What a session hands on: messages to who handles them, payloads to where they go. */
import type { Message } from './messages.ts'

/** What handles the messages of an open session. Each returns without waiting. */
export interface SessionHandler {
  /** A message that asks or tells, without payload. */
  onMessage: (message: Message) => void
  /** Called with the header of a message that carries a payload; undefined when it was not asked for. */
  payloadFor: (message: Message) => PayloadSlot | undefined
  /** Called once when the session ended, for whatever reason. */
  onEnd: (error: Error | undefined) => void
}

/** Where one payload goes. */
export interface PayloadSlot {
  /** At least as long as the payload. */
  readonly buffer: Uint8Array
  /** Called with the filled part of the buffer. */
  readonly deliver: (payload: Uint8Array) => void
}
