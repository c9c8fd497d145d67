/**
 * Gossip by gossipsub of libp2p, within bounds of our own: what peers send is judged before the library sees it, and what waits
 * for them is bounded. The reasons are in docs/adr/0059, the limits in docs/hardening.md.
 */
import { gossipsub, TopicValidatorResult, type GossipSub, type GossipSubComponents } from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import type { Connection, PeerId } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import type { Seams } from '../../util/seams.ts'
import { Conduct } from './conduct.ts'
import { gossipOptions } from './gossip-options.ts'
import { InboundFrames } from './inbound-frames.ts'
import { PUBSUB_LIMITS, type PubsubLimits } from './limits.ts'
import { BoundedMessageCache } from './message-cache.ts'
import type { Pubsub, PubsubStats, TopicRules } from './pubsub.ts'
import { PubsubStreams } from './streams.ts'

/** The only one that is spoken: earlier versions have no more to give than synchronising has. */
const PROTOCOL = '/meshsub/1.2.0'

export interface GossipPubsubInit {
  readonly components: GossipSubComponents
  readonly connections: () => readonly Connection[]
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  /** Did this peer prove that it is a member of a space of ours? */
  readonly isMember: (peerId: string) => boolean
  /** @defaultValue PUBSUB_LIMITS */
  readonly limits?: Partial<PubsubLimits>
}

/** What of the library is not in its types. Its version is pinned, and the tests hold it to this. */
interface Internals {
  handleReceivedRpc: (from: PeerId, rpc: RPC) => Promise<void>
  start: () => Promise<void>
  stop: () => Promise<void>
}

export class GossipPubsub implements Pubsub {
  readonly #init: GossipPubsubInit
  readonly #limits: PubsubLimits
  readonly #conduct: Conduct
  readonly #streams: PubsubStreams
  readonly #frames: InboundFrames
  readonly #gossip: GossipSub & Internals
  readonly #hear: Internals['handleReceivedRpc']

  constructor(init: GossipPubsubInit) {
    const { components, seams, isMember } = init
    const limits: PubsubLimits = { ...PUBSUB_LIMITS, ...init.limits }
    const conduct = new Conduct({
      clock: seams.clock,
      limits,
      isMember,
      onBarred: (peerId) => this.#streams.drop(peerId),
    })
    const cache = new BoundedMessageCache(limits)
    this.#init = init
    this.#limits = limits
    this.#conduct = conduct
    this.#frames = new InboundFrames({ limits, clock: seams.clock, conduct, cache })
    this.#streams = new PubsubStreams({
      registrar: components.registrar,
      protocol: PROTOCOL,
      limits,
      seams,
      isBarred: (peerId) => conduct.isBarred(peerId),
      connections: init.connections,
      onGone: (peerId) => this.#forget(peerId),
    })
    const registrar = this.#streams.registrar as GossipSubComponents['registrar']
    const worth = (peerId: string): number => conduct.worth(peerId)
    const make = gossipsub(gossipOptions({ limits, cache, worth }))
    // Named one by one: those of libp2p are no plain object.
    const { privateKey, peerId, peerStore, connectionManager, logger } = components
    const given = { privateKey, peerId, peerStore, connectionManager, logger, registrar }
    this.#gossip = make(given) as GossipSub & Internals
    this.#gossip.protocols = [PROTOCOL]
    this.#hear = this.#gossip.handleReceivedRpc.bind(this.#gossip)
    this.#gossip.handleReceivedRpc = async (from, rpc) => {
      const clean = this.#frames.clean(from.toString(), rpc)
      if (clean !== undefined) await this.#hear(from, clean)
    }
  }

  async start(): Promise<void> {
    await this.#gossip.start()
    this.#streams.start()
    // Those that connected before are not told that this is spoken here from now on.
    for (const connection of this.#init.connections()) void this.#greetIfSpeaking(connection)
  }

  join<Opened>(topic: string, rules: TopicRules<Opened>): void {
    const { maxTopics, maxTopicChars } = this.#limits
    const isNew = !this.#frames.topics.has(topic)
    if (topic.length > maxTopicChars || (isNew && this.#frames.topics.size >= maxTopics)) {
      throw new ShoalError(
        'ERR_LIMIT',
        `gossip is about at most ${maxTopics} topics of ${maxTopicChars} characters`,
      )
    }
    this.#frames.enter(topic, rules)
    if (!isNew) return
    this.#gossip.topicValidators.set(topic, async (from, { data }) => {
      const verdict = await this.#frames.judge(topic, from.toString(), data)
      // What a peer does wrong is counted by ourselves, at once; the library would see it in its next second.
      return verdict === 'accept' ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore
    })
    const peers = new Map(this.#gossip.getPeers().map((peer) => [peer.toString(), peer]))
    for (const peerId of this.#frames.foreign.take(topic)) {
      const peer = peers.get(peerId)
      if (peer !== undefined) this.#tell(peer, topic, true)
    }
    this.#gossip.subscribe(topic)
  }

  leave(topic: string): void {
    if (!this.#frames.topics.has(topic)) return
    this.#frames.leave(topic)
    this.#gossip.unsubscribe(topic)
    this.#gossip.topicValidators.delete(topic)
    // It would remember them until they disconnect.
    for (const peer of this.#gossip.getSubscribers(topic)) {
      this.#tell(peer, topic, false)
      this.#frames.foreign.note(peer.toString(), topic, true)
    }
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    if (data.byteLength > this.#limits.maxMessageBytes) {
      throw new ShoalError(
        'ERR_LIMIT',
        `gossip has at most ${this.#limits.maxMessageBytes} bytes in one message`,
      )
    }
    this.#frames.noteOwn(data)
    const { recipients } = await this.#gossip.publish(topic, data)
    return recipients.length
  }

  subscribers(topic: string): string[] {
    return this.#gossip.getSubscribers(topic).map(String)
  }

  greet(peerId: string): void {
    const open = this.#init.connections().filter(({ status }) => status === 'open')
    const connection = open.find(({ remotePeer }) => remotePeer.toString() === peerId)
    if (connection !== undefined) this.#streams.greet(connection)
  }

  isBarred(peerId: string): boolean {
    return this.#conduct.isBarred(peerId)
  }

  stats(): PubsubStats {
    return {
      ...this.#frames.counts,
      peers: this.#gossip.getPeers().length,
      streams: this.#streams.outbound,
      waitingBytes: this.#streams.waiting.sum,
      foreignTopics: this.#frames.foreign.size,
      barred: this.#conduct.barred,
      stalled: this.#streams.stalled,
    }
  }

  async stop(): Promise<void> {
    this.#streams.stop()
    await this.#gossip.stop()
  }

  #tell(peer: PeerId, topic: string, subscribe: boolean): void {
    void this.#hear(peer, { subscriptions: [{ topic, subscribe }], messages: [] })
  }

  #forget(peerId: string): void {
    this.#conduct.forget(peerId)
    this.#frames.foreign.forget(peerId)
  }

  async #greetIfSpeaking(connection: Connection): Promise<void> {
    try {
      const { protocols } = await this.#init.components.peerStore.get(connection.remotePeer)
      if (protocols.includes(PROTOCOL)) this.#streams.greet(connection)
    } catch {
      // Nothing is known of it yet; then it is heard of when it is.
    }
  }
}
