/** Bounds of gossip between nodes: what a peer may send, what is kept for it, and what waits for one that takes nothing. */

export const PUBSUB_LIMITS = {
  /** Topics that this node takes part in. Others learn them in one list, whose entries are bounded as well. */
  maxTopics: 256,
  /** Characters of a topic. */
  maxTopicChars: 128,
  /** Bytes of one message: a batch of 64 KiB, sealed and padded. */
  maxMessageBytes: 69_632,
  /** Bytes of one frame of the protocol; a stream with a longer one ends. */
  maxFrameBytes: 262_144,
  /** Entries of each kind in one frame. */
  maxEntries: 256,
  /** Bytes of the id of a message: a sha2-256. What claims another length is dropped. */
  idBytes: 32,
  /** Bytes of messages that one answer to a request by id has. More would not fit into a frame. */
  maxAnswerBytes: 131_072,
  /** Messages that are told by their ids in one frame. */
  maxToldIds: 200,
  /** Topics of one peer that this node is not in, and remembers: it may enter them later. About 64 KiB. */
  maxForeignTopics: 256,
  /** The same over all peers. */
  maxForeignTopicsInAll: 16_384,
  /** Frames, messages and entries of a peer in one second, after as many at once; more are dropped. */
  unitsPerSecond: 1_000,
  /** Messages of a peer in one second that are opened and judged, after as many at once; more are dropped. */
  openedPerSecond: 100,
  /**
   * The same over all members that are proven, and over all other peers: nobody passes on more than twice this, so that no
   * honest peer comes near `unitsPerSecond`.
   */
  openedPerSecondInAll: 250,
  /** Messages of one peer that are being judged. */
  maxJudging: 32,
  /** The same over all peers. */
  maxJudgingInAll: 256,
  /** Ids of messages that were opened before; the oldest goes. About 150 bytes each. */
  maxSeen: 16_384,
  /** How long the library remembers an id, in milliseconds. */
  seenMs: 30_000,
  /** How long messages of a topic may come that this node left, in milliseconds. */
  leftMs: 60_000,
  /** How often better peers are looked for where those that messages go to are worth little, in seconds. */
  improveTicks: 5,
  /** Bytes of messages that are kept to be asked for by id; the oldest goes. */
  maxCachedBytes: 8_388_608,
  /** What a peer may do wrong until it is not heard any more. One is forgiven each second. */
  maxStrikes: 16,
  /** Of these, for a message with a false signature: who can seal one has a key, and none that is honest passes it on. */
  falseStrikes: 4,
  /** Frames above the rate that are one strike. */
  droppedPerStrike: 16,
  /** How long a peer is not heard that did wrong, in milliseconds. */
  barredMs: 600_000,
  /** How long nothing is sent to a peer that took too little, in milliseconds. */
  stalledMs: 60_000,
  /** Peers that did wrong or took nothing, which are remembered; the oldest goes. About 150 bytes each. */
  maxRemembered: 4_096,
  /** Streams of gossip that a peer may have open to us. One is enough; a new one replaces it. */
  maxStreams: 4,
  /** Time to agree on a stream, in milliseconds. */
  openMs: 5_000,
  /** Streams that are being opened; the rest waits for the next look. */
  maxOpening: 64,
  /** How often streams are opened again that ended while the peer is still connected, in milliseconds. */
  reopenMs: 5_000,
  /** Bytes that wait to be sent to one peer; then its stream is reset. */
  maxPeerWaitingBytes: 4_194_304,
  /** The same over all peers; then the stream with most is reset until half is left. */
  maxWaitingBytes: 8_388_608,
  /** Bytes sent, over all peers, from one sum of what waits to the next. */
  waitingCheckBytes: 524_288,
  /** Longest time that a peer may ask not to be asked again, in milliseconds. */
  maxBackoffMs: 600_000,
} as const satisfies Record<string, number>

export type PubsubLimits = { readonly [K in keyof typeof PUBSUB_LIMITS]: number }

/** What a peer is worth to the library, and from where on it does less with it. Points. */
export const PUBSUB_SCORES = {
  /** A proven member. */
  member: 20,
  /** Each strike. */
  strike: -5,
  /** A peer that is barred, below all that follows. */
  barred: -1_000,
  /** Below it a peer is told of no messages by their ids. */
  gossip: -20,
  /** Below it nothing of our own is sent to it. */
  publish: -40,
  /** Below it nothing of it is heard. */
  graylist: -100,
  /** While the middle of those that messages go to is worth less, better ones are taken in. */
  opportunistic: 10,
} as const satisfies Record<string, number>
