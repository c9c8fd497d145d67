/**
 * Topics that peers are in and this node is not. The library is told of topics only that this node is in; but peers tell theirs
 * once, and around a change of names their clocks are ahead: what they told is given to it when this node enters.
 */
import { keepNewest } from '../../util/keep-newest.ts'
import type { PubsubLimits } from './limits.ts'

type Limits = Pick<PubsubLimits, 'maxForeignTopics' | 'maxForeignTopicsInAll' | 'maxTopicChars'>

export class ForeignTopics {
  readonly #limits: Limits
  readonly #byPeer = new Map<string, Set<string>>()
  #size = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Over all peers. */
  get size(): number {
    return this.#size
  }

  /** Of more topics the newest are remembered, of one peer; in all, as many as there is room for. */
  note(peerId: string, topic: string, isIn: boolean): void {
    const { maxForeignTopics, maxForeignTopicsInAll, maxTopicChars } = this.#limits
    if (topic.length > maxTopicChars) return
    const topics = this.#byPeer.get(peerId) ?? new Set()
    const before = topics.size
    topics.delete(topic)
    if (isIn) topics.add(topic)
    keepNewest(topics, maxForeignTopics)
    if (topics.size > before && this.#size >= maxForeignTopicsInAll) {
      topics.delete(topic)
      return
    }
    this.#size += topics.size - before
    if (topics.size === 0) this.#byPeer.delete(peerId)
    else this.#byPeer.set(peerId, topics)
  }

  /** Peers that are in a topic; they are not remembered as such any longer. */
  take(topic: string): string[] {
    const peers = [...this.#byPeer].filter(([, topics]) => topics.has(topic)).map(([peerId]) => peerId)
    for (const peerId of peers) this.note(peerId, topic, false)
    return peers
  }

  forget(peerId: string): void {
    this.#size -= this.#byPeer.get(peerId)?.size ?? 0
    this.#byPeer.delete(peerId)
  }
}
