/** Bounds that a node sets on transfers: memory, time and number, per peer and in all. */

export const TRANSFER_LIMITS = {
  /** Sessions at once, both directions. Each may hold one frame and the reads below. */
  maxSessions: 256,
  /** Sessions with one peer: one per root that both exchange. */
  maxSessionsPerPeer: 32,
  /** Time for the handshake, in milliseconds. */
  handshakeTimeoutMs: 10_000,
  /** Give up on a peer that owes us something and is silent this long, in milliseconds. */
  idleTimeoutMs: 30_000,
  /** Give up on a peer that does not take what it asked for, in milliseconds. */
  sendTimeoutMs: 60_000,
  /** Block numbers that one peer may have asked for and not yet got; above it is told `busy`. */
  maxWantsPerPeer: 1_024,
  /** CIDs that one peer may have asked for and not yet got; above it is told `busy`. */
  maxGetsPerPeer: 512,
  /** Refusals in a row that one peer does not take; more end its session. About 30 bytes each. */
  maxUntakenRefusals: 4_096,
  /** Refusals within the time that one peer was told to wait: what was under way, many times. More end its session. */
  maxHastyAsks: 16_384,
  /** Blocks read ahead for one peer over all its sessions, beside one for each session; each up to 1 MiB. */
  readAheadBlocks: 4,
  /** Blocks being read or sent for one peer over all its sessions; each up to 1 MiB. */
  maxBlocksPerPeer: 16,
  /** Blocks being read or sent for all peers together; each up to 1 MiB. */
  maxBlocksInMemory: 64,
  /** Numbers of blocks that came and that one peer was not told of yet; then it is. */
  maxNewsBlocks: 256,
  /** Longest that a peer is not told of a block that came, in milliseconds. */
  newsDelayMs: 100,
  /** How long a peer that was told `busy` is asked to wait, in milliseconds. */
  busyRetryMs: 1_000,
  /** How long a newcomer is asked to wait while this node cannot keep up, in milliseconds. */
  shedRetryMs: 3_000,
  /** Longest that it is told so in one session, in milliseconds: a device that is slow all day still serves. */
  mostShedMs: 10_000,
  /** Longest that a peer which says `busy` is left alone, whatever it asks for, in milliseconds. */
  maxBusyRetryMs: 30_000,
  /** Silence after which a session is ended that an operation which is over opened and the peer may still use, in milliseconds. */
  keptIdleMs: 60_000,
  /** Bytes asked of one peer and not yet verified: what is lost when this process dies. At least one block goes. */
  windowBytes: 8_388_608,
  /** Blocks asked of one peer and not yet verified, however small. Each may turn out to have 1 MiB. */
  windowBlocks: 64,
  /** Bytes asked of all peers together for one fetch and not yet verified. At least one block goes. */
  swarmWindowBytes: 67_108_864,
  /** Blocks asked of all peers together for one fetch and not yet verified, however small. */
  swarmWindowBlocks: 128,
  /** Part of the needed blocks that may be asked of two peers at the end, in per mille; one block always. */
  duplicatesPerMille: 20,
  /** Blocks of a file that is read in order, asked for or in memory beyond what its reader took; each up to 1 MiB. */
  readWindowBlocks: 16,
  /** Messages of unknown type that a session skips before it ends. */
  maxUnknownMessages: 64,
} as const satisfies Record<string, number>

/**
 * Bytes of public content's nodes that a fetch keeps to serve them, beside what it walks them for. Enough for some
 * 500 GiB of leaves of 1 MiB; a peer that fetches more at a time gets those that are not kept from elsewhere.
 */
export const MAX_KEPT_NODE_BYTES = 33_554_432

/** What decides who is sent a block first: see `send-order.ts`. */
export const SEND_ORDER = {
  /** What it costs that a block was sent already, for each time, in blocks that nobody took from who got them. */
  copyCost: 4,
  /** More blocks that nobody took are no worse. */
  mostUnspreadCost: 12,
  /** What it costs that a device passed nothing on so far, in the same: it is tried when no better one asks. */
  unprovenCost: 3,
  /** Differences up to this make none. */
  indifferentCost: 1,
  /** Where a block takes no longer than this to be sent, in milliseconds, nothing is short and nobody has to wait. */
  leastServiceMs: 20,
  /** Who has to wait and gets nothing from others is left out after as long as everybody takes to be sent so many blocks, */
  heldRounds: 2,
  /** and at the latest after this, in milliseconds. */
  mostHeldMs: 10_000,
  /** After so many blocks for others one goes to who was left out for longest. */
  leftOutEvery: 16,
  /** Who waits hears this often that it is not forgotten, in milliseconds: well before `idleTimeoutMs`. */
  reassureMs: 10_000,
  /** Those who wait look no more often than this whether they may begin, in milliseconds. */
  lookMs: 5,
  /** Who passes on a block in this time, in milliseconds, does so fast. */
  goodSpreadMs: 300,
  /** How long that is taken to last as long as nothing is known of a device, and */
  presumedSpreadMs: 900,
  /** the longest for which that is waited for, in milliseconds; */
  mostSpreadMs: 1_000,
  /** it is waited for so many times as long as it takes on average. */
  spreadFactor: 2,
  /** For one that takes longer over a block nobody waits, in milliseconds. */
  slowMs: 2_000,
  /** Weight of a new sample of how long a block takes. */
  sampleWeight: 0.2,
  /** Blocks that only one device has which are remembered; the oldest goes. About 100 bytes each. */
  maxUnspread: 4_096,
  /** Of the blocks that one device asks for, so many are compared, those that were asked for first. */
  mostCompared: 64,
} as const satisfies Record<string, number>

/**
 * Devices whose blocks are counted for one share: a bit for each block and device. Who got nothing for longest is counted anew,
 * or of those who are to be shown who left.
 */
export const MAX_COUNTED_PEERS = 256

/** Of those that get a share at once, how many are told of one by one. */
export const MAX_NAMED_RECEIVERS = 16

export type TransferLimits = { readonly [K in keyof typeof TRANSFER_LIMITS]: number }

/** Bounds of what limits of speed hold back. */
export const RATE_LIMITS = {
  /** Messages up to this size do not wait for blocks of others, in bytes. */
  smallMessageBytes: 4_096,
  /** Bytes given to send on one channel below which the next block may be given, so that it never runs dry. */
  lowUnsentBytes: 65_536,
  /** Bytes given to send on one channel and not sent; above it the channel ends. A block and many small messages. */
  maxUnsentBytes: 4_194_304,
  /** Bytes that a peer which takes little has to take within `sendTimeoutMs`. */
  takenBytes: 65_536,
  /** What a peer may have under way to us at first: the muxer starts with this much, in bytes. */
  firstWindowBytes: 262_144,
  /** Least that a peer may have under way to us later, however low the limit, in bytes. */
  leastWindowBytes: 16_384,
  /** What a peer may have under way to us, as a time at the limit, in milliseconds: more than most round trips. */
  windowMs: 250,
  /** Bytes received on one channel and not handed on; above it the channel ends. Twice the largest window. */
  maxHeldPerChannelBytes: 16_777_216,
  /** The same for all channels: the first window of all sessions at once. */
  maxHeldBytes: 67_108_864,
} as const satisfies Record<string, number>
