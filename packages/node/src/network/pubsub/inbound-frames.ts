/**
 * What peers send, before the library sees it: what is too much, too large, of no topic of ours, does not open or came before
 * goes no further. What is left is judged by whoever entered the topic, and only then passed on.
 */
import type { RPC } from '@libp2p/gossipsub/message'
import { keepNewest } from '../../util/keep-newest.ts'
import type { Clock } from '../../util/seams.ts'
import type { Conduct } from './conduct.ts'
import { cleanControl, controlUnits } from './control-frame.ts'
import { ForeignTopics } from './foreign-topics.ts'
import { idText, messageId } from './gossip-options.ts'
import type { PubsubLimits } from './limits.ts'
import type { BoundedMessageCache } from './message-cache.ts'
import type { PubsubStats, PubsubVerdict, TopicRules } from './pubsub.ts'

type Counted = 'oversized' | 'foreign' | 'unopened' | 'repeated' | 'dropped' | 'judged' | 'rejected'
type Counts = Pick<PubsubStats, Counted>

export interface InboundFramesInit {
  readonly limits: PubsubLimits
  readonly clock: Clock
  readonly conduct: Conduct
  readonly cache: BoundedMessageCache
}

export class InboundFrames {
  readonly foreign: ForeignTopics
  readonly #init: InboundFramesInit
  readonly #rules = new Map<string, TopicRules<unknown>>()
  /** Topics left a moment ago, by when: those who have not heard it yet do no wrong. */
  readonly #left = new Map<string, number>()
  /** Ids in hex of what was opened; the oldest goes. */
  readonly #seen = new Set<string>()
  /** What was opened and goes through the library, by its bytes. */
  readonly #opened = new WeakMap<Uint8Array, { readonly value: unknown }>()
  readonly #counts: { -readonly [K in Counted]: number } = {
    oversized: 0,
    foreign: 0,
    unopened: 0,
    repeated: 0,
    dropped: 0,
    judged: 0,
    rejected: 0,
  }

  constructor(init: InboundFramesInit) {
    this.#init = init
    this.foreign = new ForeignTopics(init.limits)
  }

  get counts(): Counts {
    return { ...this.#counts }
  }

  /** Topics of ours. */
  get topics(): ReadonlyMap<string, unknown> {
    return this.#rules
  }

  enter<Opened>(topic: string, rules: TopicRules<Opened>): void {
    // Only what `open` made of it reaches `judge`.
    this.#rules.set(topic, rules as TopicRules<unknown>)
    this.#left.delete(topic)
  }

  leave(topic: string): void {
    this.#rules.delete(topic)
    this.#left.set(topic, this.#init.clock.monotonic())
    keepNewest(this.#left, this.#init.limits.maxTopics)
  }

  /** A message of our own is not to come back as one of others. */
  noteOwn(data: Uint8Array): void {
    this.#remember(messageId(data))
  }

  /** What the library gets of a frame; undefined: nothing. */
  clean(peerId: string, { subscriptions, messages, control }: RPC): RPC | undefined {
    const { conduct, limits, cache } = this.#init
    if (conduct.isBarred(peerId)) return undefined
    const units = 1 + subscriptions.length + messages.length + controlUnits(control)
    if (!conduct.takeFrame(peerId, units)) {
      this.#counts.dropped++
      return undefined
    }
    const clean: RPC = { subscriptions: this.#ours(peerId, subscriptions), messages: [] }
    for (const message of messages) {
      const data = this.#opens(peerId, message)
      if (data !== undefined) clean.messages.push({ topic: message.topic, data })
      if (conduct.isBarred(peerId)) return undefined
    }
    if (control !== undefined) {
      const isOurs = (topic: string | undefined): boolean => topic !== undefined && this.#rules.has(topic)
      const bytesOf = (id: Uint8Array): number => cache.bytesOf(idText(id))
      clean.control = cleanControl(control, { limits, isOurs, bytesOf })
    }
    return clean
  }

  /** Has a message judged that came through `clean`. Does not reject. */
  async judge(topic: string, peerId: string, data: Uint8Array): Promise<PubsubVerdict> {
    const { conduct, limits } = this.#init
    const opened = this.#opened.get(data)
    const rules = this.#rules.get(topic)
    if (opened === undefined || rules === undefined) return 'ignore'
    if (!conduct.beginJudging(peerId)) {
      this.#counts.dropped++
      return 'ignore'
    }
    this.#counts.judged++
    try {
      const verdict = await rules.judge(opened.value, peerId)
      if (verdict === 'reject') {
        this.#counts.rejected++
        conduct.strike(peerId, limits.falseStrikes)
      }
      return verdict
    } catch {
      return 'ignore'
    } finally {
      conduct.endJudging(peerId)
    }
  }

  #ours(peerId: string, subscriptions: readonly RPC.SubOpts[]): RPC.SubOpts[] {
    return subscriptions.filter(({ topic, subscribe }) => {
      if (topic === undefined) return false
      if (this.#rules.has(topic)) return true
      this.foreign.note(peerId, topic, subscribe === true)
      return false
    })
  }

  /** Its bytes, when it opens and is new. They are a copy: what came is a part of a frame, which would be kept with it. */
  #opens(peerId: string, message: RPC.Message): Uint8Array | undefined {
    const { conduct, limits } = this.#init
    const { topic, data, signature, seqno, key } = message
    if (data === undefined || data.byteLength > limits.maxMessageBytes)
      return this.#strike(peerId, 'oversized')
    const rules = this.#rules.get(topic)
    if (rules === undefined) return this.#foreignMessage(peerId, topic)
    // The library refuses those where nothing is signed.
    if (signature !== undefined || seqno !== undefined || key !== undefined) {
      return this.#strike(peerId, 'unopened')
    }
    const id = messageId(data)
    if (this.#seen.has(idText(id))) {
      this.#counts.repeated++
      return undefined
    }
    if (!conduct.mayOpen(peerId)) {
      this.#counts.dropped++
      return undefined
    }
    const value = rules.open(data)
    if (value === undefined) return this.#strike(peerId, 'unopened')
    this.#remember(id)
    const copy = new Uint8Array(data)
    this.#opened.set(copy, { value })
    return copy
  }

  #foreignMessage(peerId: string, topic: string): undefined {
    const { clock, limits } = this.#init
    const leftMs = this.#left.get(topic)
    if (leftMs === undefined || clock.monotonic() - leftMs > limits.leftMs)
      return this.#strike(peerId, 'foreign')
    this.#counts.foreign++
    return undefined
  }

  #strike(peerId: string, what: Counted): undefined {
    this.#counts[what]++
    this.#init.conduct.strike(peerId, 1)
  }

  #remember(id: Uint8Array): void {
    this.#seen.add(idText(id))
    keepNewest(this.#seen, this.#init.limits.maxSeen)
  }
}
