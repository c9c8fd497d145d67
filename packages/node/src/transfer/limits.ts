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
  /** Longest that a peer which says `busy` is left alone, whatever it asks for, in milliseconds. */
  maxBusyRetryMs: 30_000,
  /** Bytes asked of one peer and not yet verified: what is lost when this process dies. At least one block goes. */
  windowBytes: 8_388_608,
  /** Blocks asked of one peer and not yet verified, however small. Each may turn out to have 1 MiB. */
  windowBlocks: 64,
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

/** Devices whose blocks are counted for a share that ends by itself; who got nothing for longest is counted anew. */
export const MAX_COUNTED_PEERS = 256

export type TransferLimits = { readonly [K in keyof typeof TRANSFER_LIMITS]: number }
