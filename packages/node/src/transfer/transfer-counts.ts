/** What the transfers of a node did since it was started: plain numbers, added to where it happens and read by who asks. */
import type { ByeReason, Message, NoReason } from './wire/messages.ts'

/** Payload bytes by what they were: blocks by number, or nodes and blocks by CID. */
export interface PayloadBytes {
  block: number
  node: number
}

export class TransferCounts {
  readonly sent: PayloadBytes = { block: 0, node: 0 }
  readonly received: PayloadBytes = { block: 0, node: 0 }
  /** Blocks that came, by what was made of them. */
  readonly blocks = { verified: 0, wrong: 0, duplicate: 0 }
  /** What others refused us, and we others. */
  readonly refusedByOthers: Record<NoReason, number> = { missing: 0, gone: 0, changed: 0, busy: 0 }
  readonly refusedByUs: Record<NoReason, number> = { missing: 0, gone: 0, changed: 0, busy: 0 }
  /** Sessions that ended, by what either side said, or `failed`. */
  readonly sessionsEnded: Record<ByeReason | 'failed', number> = {
    done: 0,
    duplicate: 0,
    failed: 0,
    protocol: 0,
    shutdown: 0,
    unknown: 0,
  }
  readonly dials = { connected: 0, failed: 0, cancelled: 0 }

  onSent(message: Message, payloadBytes: number): void {
    if (message.t === 'block') this.sent.block += payloadBytes
    else if (message.t === 'cid') this.sent.node += payloadBytes
    else if (message.t === 'no') this.refusedByUs[message.why]++
  }

  onReceived(message: Message, payloadBytes: number): void {
    if (message.t === 'block') this.received.block += payloadBytes
    else if (message.t === 'cid') this.received.node += payloadBytes
    else if (message.t === 'no') this.refusedByOthers[message.why]++
  }
}
