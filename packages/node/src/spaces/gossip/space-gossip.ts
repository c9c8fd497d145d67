/**
 * Gossip of spaces: what was just written is told to all members that are connected, within a moment.
 *
 * It only makes things faster: what is dropped, comes late or not at all is found by synchronising. Nothing here says who is a
 * member, keeps anything, or is believed: what comes is judged by whoever has the space.
 */
import { isShoalError } from '../../errors.ts'
import type { Pubsub, PubsubVerdict, TopicRules } from '../../network/pubsub/pubsub.ts'
import { Bucket } from '../../util/bucket.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { hexOf } from '../keys/sealed-map.ts'
import { fitsGossip, openGossip, sealGossip, type GossipMessage, type GossipSeal } from './envelope.ts'
import { GOSSIP_PER_SECOND, MAX_NAME_WAIT_MS, MIN_NAME_WAIT_MS } from './limits.ts'
import type { SpaceTopics } from './space-topics.ts'

export interface SpaceGossipInit {
  readonly pubsub: Pick<Pubsub, 'join' | 'leave' | 'publish'>
  readonly seams: Seams
  /**
   * Judges what came in a space, sealed by a member or somebody who was one, and takes what is good: signature first, then
   * whether it is new. `from` is who passed it on, not who wrote it. What it throws counts as `ignore`.
   */
  readonly onMessage: (space: Uint8Array, message: GossipMessage, from: string) => Promise<PubsubVerdict>
  /** Topics may be others by now: works them out where the keys are, and gives them by `join`. */
  readonly renew: (space: Uint8Array) => void
}

interface Joined {
  readonly id: Uint8Array
  topics: SpaceTopics
  /** Topics that were entered. */
  readonly seals: Map<string, GossipSeal>
}

export class SpaceGossip {
  readonly #init: SpaceGossipInit
  /** By id in hex. */
  readonly #joined = new Map<string, Joined>()
  readonly #rate: Bucket
  #timer: TimerHandle | undefined
  #isStopped = false

  constructor(init: SpaceGossipInit) {
    this.#init = init
    this.#rate = new Bucket(init.seams.clock, GOSSIP_PER_SECOND, 2 * GOSSIP_PER_SECOND)
  }

  /** Takes part in a space, or goes on in it under other topics. */
  join(id: Uint8Array, topics: SpaceTopics): void {
    if (this.#isStopped) return
    const name = hexOf(id)
    const joined = this.#joined.get(name) ?? { id, topics, seals: new Map() }
    joined.topics = topics
    this.#joined.set(name, joined)
    this.#refresh(joined)
    this.#schedule()
  }

  /** Takes no part in a space any more. */
  leave(id: Uint8Array): void {
    const joined = this.#joined.get(hexOf(id))
    if (joined === undefined) return
    this.#joined.delete(hexOf(id))
    for (const topic of joined.seals.keys()) this.#init.pubsub.leave(topic)
    this.#schedule()
  }

  /**
   * Tells something in a space, and returns to how many it was sent. 0 also where it does not fit, where this device has no key
   * or takes no part, and where it told too much in this second: synchronising carries it all the same.
   */
  async publish(id: Uint8Array, message: GossipMessage): Promise<number> {
    const joined = this.#joined.get(hexOf(id))
    if (joined === undefined || !fitsGossip(message)) return 0
    const { pubsub, seams } = this.#init
    const { current } = joined.topics
    const seal = current === undefined ? undefined : joined.seals.get(current)
    if (current === undefined || seal === undefined || this.#rate.level < 1) return 0
    this.#rate.take(1)
    return await pubsub.publish(current, sealGossip(seal, message, seams.random))
  }

  /** Leaves all spaces. The pubsub goes on. */
  stop(): void {
    this.#isStopped = true
    for (const { id } of this.#joined.values()) this.leave(id)
  }

  /** Enters the topics of now, and leaves those that are not any more. */
  #refresh({ id, topics, seals }: Joined): void {
    for (const topic of seals.keys()) {
      if (topics.accepted.has(topic)) continue
      seals.delete(topic)
      this.#init.pubsub.leave(topic)
    }
    for (const [topic, seal] of topics.accepted) {
      if (!seals.has(topic) && this.#enter(topic, id, seal)) seals.set(topic, seal)
    }
  }

  /** False: this node is in as many topics as it may. */
  #enter(topic: string, space: Uint8Array, seal: GossipSeal): boolean {
    const rules: TopicRules<GossipMessage | 'unknown' | 'malformed'> = {
      open: (data) => openGossip(seal, data),
      judge: async (opened, from) => {
        if (opened === 'unknown') return 'ignore'
        if (opened === 'malformed') return 'reject'
        return await this.#init.onMessage(space, opened, from)
      },
    }
    try {
      this.#init.pubsub.join(topic, rules)
      return true
    } catch (error) {
      if (isShoalError(error, 'ERR_LIMIT')) return false
      throw error
    }
  }

  /** One timer for all: the next change, and a look at the clock from time to time. */
  #schedule(): void {
    const { clock, timers } = this.#init.seams
    if (this.#timer !== undefined) timers.clear(this.#timer)
    this.#timer = undefined
    if (this.#isStopped || this.#joined.size === 0) return
    const nextMs = Math.min(...[...this.#joined.values()].map(({ topics }) => topics.changesAtMs))
    const delayMs = Math.min(Math.max(MIN_NAME_WAIT_MS, nextMs - clock.now()), MAX_NAME_WAIT_MS)
    this.#timer = timers.set(() => {
      this.#timer = undefined
      for (const { id } of this.#joined.values()) this.#init.renew(id)
      if (this.#timer === undefined) this.#schedule()
    }, delayMs)
  }
}
