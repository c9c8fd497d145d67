/** Bounds of what one fetch asks of sources and peers: number, pace, memory. */

export const SWARM_LIMITS = {
  /** Sessions of one fetch. Each may hold a window of blocks (`TRANSFER_LIMITS`), all share the memory of the scheduler. */
  maxSessions: 40,
  /** With fewer sessions than this, sources that cost others something are asked more often. */
  wantedSessions: 4,
  /** Devices of one source that are tried at a time; each source by itself, so that none keeps another waiting. */
  triesPerSource: 8,
  /** Devices of one source that are tried before it is asked anew. */
  leadsPerRound: 64,
  /** A source that is still looking is asked anew after this long, in milliseconds. */
  roundMs: 20_000,
  /** Between two questions to a source while nobody is connected, in milliseconds. */
  pauseMs: 1_000,
  /** The same with somebody connected: from this, twice as long after each question, in milliseconds. */
  leastConnectedPauseMs: 5_000,
  /** Up to this while fewer than `wantedSessions` are connected, in milliseconds. */
  mostEagerPauseMs: 20_000,
  /** And up to this, in milliseconds. */
  mostPauseMs: 60_000,
  /** From dialling a device to a session with it, in milliseconds: two dials with a look-up between, and a handshake. */
  tryTimeoutMs: 45_000,
  /** A peer that failed twice is left alone for this long, then twice as long after each failure, in milliseconds. */
  breakerMs: 1_000,
  /** And at most for this long, in milliseconds. */
  mostBreakerMs: 60_000,
  /** Peers whose failures are remembered; the oldest goes. About 100 bytes each. */
  maxRecords: 1_024,
  /** A peer that said it has the content no more is not asked for it again for this long, in milliseconds. */
  goneMs: 60_000,
  /** A device that nobody names any more, and that could not be connected to, is forgotten after this, in milliseconds. */
  unreachableMs: 180_000,
  /** Peers whose session ended and that are dialled again; the oldest goes. */
  maxRedials: 64,
  /** After the last peer lied or had no more, others have this long to come, in milliseconds. */
  faultGraceMs: 3_000,
  /**
   * A node that did not come in as many times what the quickest of those asked took for the handshake is asked of others as
   * well, twice as many each time.
   */
  handshakesOfPatience: 4,
  /** But not sooner than this, in milliseconds, */
  leastPatienceMs: 100,
  /** and at the latest after this, in milliseconds; */
  slowNodeMs: 5_000,
  /** so slowly also after so many rounds of asking others. */
  hurriedRounds: 3,
  /** Peers that are asked for one node at a time. */
  maxAskedForNode: 8,
  /** Longest that a goodbye may take at the end of a fetch, in milliseconds. */
  goodbyeMs: 1_000,
} as const satisfies Record<string, number>

/** Bounds of peer exchange. */
export const EXCHANGE_LIMITS = {
  /** Least time between two `peers` that we send in one session, in milliseconds. */
  tellPauseMs: 5_000,
  /** `peers` of one session that are read; more end it. An honest peer has less to tell. */
  maxMessages: 4_096,
  /** Devices that one session may name to one fetch. */
  maxNamedPerSession: 64,
  /** Devices heard of by exchange and kept for one fetch; the oldest goes. */
  maxKnown: 256,
  /** Devices told to one session that are remembered; then all may be told again. */
  maxTold: 1_024,
  /** Sessions of one root whose peers are told to the others; of more, the newest. */
  maxMembers: 256,
} as const satisfies Record<string, number>
