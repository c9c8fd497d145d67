/**
 * Gossip as a node uses it: topics that it is in, messages to all others in them, and what becomes of a message before
 * anybody else gets it from us.
 *
 * What is sent is received by most, at most once as long as its id is remembered, soon or never. Whoever needs more finds it
 * elsewhere: spaces synchronise.
 */

/**
 * What becomes of a message. `accept`: it is good and new, and passed on. `ignore`: it is not passed on, and its sender may be
 * honest. `reject`: nobody honest passes it on.
 */
export type PubsubVerdict = 'accept' | 'ignore' | 'reject'

/** What judges the messages of one topic. Called in this order, for one message after its size and its topic. */
export interface TopicRules<Opened> {
  /** What is inside, for who may be in the topic; undefined: it does not open. Quick: it runs for garbage too. */
  readonly open: (data: Uint8Array) => Opened | undefined
  /** Judges what was opened, once for each message. What it throws counts as `ignore`. */
  readonly judge: (opened: Opened, from: string) => Promise<PubsubVerdict>
}

/** Why messages were not judged, and how many were. */
export interface PubsubStats {
  /** Peers that gossip is exchanged with. */
  readonly peers: number
  /** Streams that take what is sent. */
  readonly streams: number
  /** Bytes that wait to be sent. */
  readonly waitingBytes: number
  /** Topics of peers that this node is not in, and remembers. */
  readonly foreignTopics: number
  /** Peers that are not heard, as of now. */
  readonly barred: number
  /** Streams reset because their peers took too little. */
  readonly stalled: number
  /** Messages over the bound of size. */
  readonly oversized: number
  /** Messages of topics that this node is not in. */
  readonly foreign: number
  /** Messages that did not open. */
  readonly unopened: number
  /** Messages that came before. */
  readonly repeated: number
  /** Frames and messages above a rate. */
  readonly dropped: number
  /** Messages that were judged. */
  readonly judged: number
  /** Of these, those that nobody honest passes on. */
  readonly rejected: number
}

export interface Pubsub {
  /**
   * Enters a topic, and passes on what its rules accept. Entered again, it has the new rules.
   *
   * @throws ShoalError ERR_LIMIT when this node is in too many, or the name is too long
   */
  join: <Opened>(topic: string, rules: TopicRules<Opened>) => void
  /** Leaves a topic. Nothing happens when it is in none of that name. */
  leave: (topic: string) => void
  /**
   * Sends to others in the topic, and returns to how many; 0 also for what was sent before.
   *
   * @throws ShoalError ERR_LIMIT for a message that is too large
   */
  publish: (topic: string, data: Uint8Array) => Promise<number>
  /** Ids of peers that are in the topic, as far as they told this node. */
  subscribers: (topic: string) => string[]
  /** Begins with a peer that is connected, if it speaks this. For members that are proven: others begin by themselves. */
  greet: (peerId: string) => void
  /** Is nothing heard of this peer, since it did wrong? */
  isBarred: (peerId: string) => boolean
  stats: () => PubsubStats
  stop: () => Promise<void>
}
