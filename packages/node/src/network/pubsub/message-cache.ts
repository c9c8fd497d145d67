/**
 * The messages of the last seconds, which peers that learn their ids may ask for. In place of the library's, which keeps
 * all of them, whatever their sum.
 */
import type { RPC } from '@libp2p/gossipsub/message'
import type { PubsubLimits } from './limits.ts'

interface MessageName {
  readonly msgId: Uint8Array
  readonly msgIdStr: string
}

interface Kept extends MessageName {
  readonly message: RPC.Message
  readonly bytes: number
  /** Ticks of the library since it came. */
  age: number
  readonly wanted: Map<string, number>
}

/** Ticks, of a second each, in which a message is told by its id, and in which it can be asked for. */
const TOLD_TICKS = 3
const KEPT_TICKS = 5

/** As the library uses it; it passes messages on at once, so that none waits to be validated. */
export class BoundedMessageCache {
  readonly #limits: Pick<PubsubLimits, 'maxCachedBytes' | 'maxToldIds'>
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(limits: Pick<PubsubLimits, 'maxCachedBytes' | 'maxToldIds'>) {
    this.#limits = limits
  }

  /** For the library, which asks it only whether an id is there. */
  get msgs(): ReadonlyMap<string, unknown> {
    return this.#kept
  }

  get size(): number {
    return this.#kept.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes of a message that is kept; 0: it is not. */
  bytesOf(msgIdStr: string): number {
    return this.#kept.get(msgIdStr)?.bytes ?? 0
  }

  put(name: MessageName, message: RPC.Message): boolean {
    if (this.#kept.has(name.msgIdStr)) return false
    const bytes = message.data?.byteLength ?? 0
    this.#kept.set(name.msgIdStr, { ...name, message, bytes, age: 0, wanted: new Map() })
    this.#bytes += bytes
    for (const oldest of this.#kept.values()) {
      if (this.#bytes <= this.#limits.maxCachedBytes) break
      this.#drop(oldest)
    }
    return true
  }

  observeDuplicate(): void {
    // Of use only where messages wait to be validated.
  }

  getWithIWantCount(msgIdStr: string, peerId: string): { msg: RPC.Message; count: number } | null {
    const kept = this.#kept.get(msgIdStr)
    if (kept === undefined) return null
    const count = (kept.wanted.get(peerId) ?? 0) + 1
    kept.wanted.set(peerId, count)
    return { msg: kept.message, count }
  }

  /** Ids by topic, the newest, as many in all as fit into a frame. */
  getGossipIDs(topics: ReadonlySet<string>): Map<string, Uint8Array[]> {
    const ids = new Map<string, Uint8Array[]>()
    let left = this.#limits.maxToldIds
    for (const { message, msgId, age } of [...this.#kept.values()].toReversed()) {
      if (left === 0 || age >= TOLD_TICKS) break
      if (!topics.has(message.topic)) continue
      const ofTopic = ids.get(message.topic) ?? []
      ofTopic.push(msgId)
      ids.set(message.topic, ofTopic)
      left--
    }
    return ids
  }

  shift(): void {
    for (const kept of this.#kept.values()) {
      kept.age++
      if (kept.age >= KEPT_TICKS) this.#drop(kept)
    }
  }

  #drop({ msgIdStr, bytes }: Kept): void {
    this.#kept.delete(msgIdStr)
    this.#bytes -= bytes
  }
}
