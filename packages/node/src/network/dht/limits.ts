/** Limits of the distributed hash table: what strangers may make this node remember, and how much it asks of others. */

const HOUR_MS = 3_600_000

/** Records that say who provides a key, kept for others. */
export const RECORD_LIMITS = {
  /** Records of all peers. */
  maxRecords: 20_000,
  /** Records of one provider. A peer with more loses its oldest. */
  maxRecordsPerPeer: 64,
  /** Providers of one key. More are refused, so that nobody can push out who was there before. */
  maxProvidersPerKey: 20,
  /** How long a record holds without being announced again, in milliseconds. */
  validityMs: 48 * HOUR_MS,
  /** How often expired records are looked for, in milliseconds. */
  sweepMs: HOUR_MS,
  /** Longest key, in characters of base32: a multihash of 64 bytes. */
  maxKeyChars: 112,
} as const satisfies Record<string, number>

/**
 * Records of one provider where all nodes are the operator's own. Below 20 nodes each of them gets every record of every
 * provider, so a small network with the stock cap would lose all but 64 shares of a device.
 */
export const PRIVATE_RECORDS_PER_PEER = 1_024

/** What is known of other peers: their addresses, protocols, tags. Strangers add to it with every answer they give. */
export const PEER_LIMITS = {
  /** Peers at once. */
  maxPeers: 10_000,
  /** All that is kept of them, in bytes. */
  maxBytes: 8 * 1_048_576,
  /** What is kept of one of them, in bytes. Identify allows 8 KiB, and its signed record comes on top. */
  maxBytesPerPeer: 16_384,
  /** Addresses of one peer. Certified ones stay, then the newest. */
  maxAddressesPerPeer: 16,
  /** How long a peer is kept that nothing was heard of, in milliseconds. Longer than records: they need its addresses. */
  maxAgeMs: 49 * HOUR_MS,
  /** How many of the oldest are looked at to find one that nothing needs. */
  evictionScan: 32,
} as const satisfies Record<string, number>

/** One message from a peer. The library takes 4 MiB of any shape. */
export const MESSAGE_LIMITS = {
  /** A request, in bytes. */
  maxRequestBytes: 65_536,
  /** Peers named in a request. */
  maxRequestPeers: 20,
  /** Addresses in a request, of all peers together. */
  maxRequestAddresses: 256,
  /** A response, in bytes: 40 peers of a busy public node with all its relays fit. */
  maxResponseBytes: 524_288,
  /** Peers named in a response. */
  maxResponsePeers: 128,
  /** Addresses in a response, of all peers together. */
  maxResponseAddresses: 4_096,
} as const satisfies Record<string, number>

/** Requests that reach kad-dht, each some 0.1 ms of the event loop and a timer for 10 s; others wait at who sent them. */
export const PACE_LIMITS = {
  /** Of one peer, a second. */
  perPeer: 100,
  /** Of one peer at once, after a pause, */
  burstPerPeer: 64,
  /** of which so many never wait for those of others. */
  freePerPeer: 16,
  /** Of all peers, a second. */
  total: 2_000,
  /** Of all peers at once: some 10 ms. */
  burst: 128,
  /** What may be on its way on one stream, in bytes: one request of the largest size and the next. */
  windowBytes: 131_072,
  /** Requests of one peer that came and wait, in bytes; above it the stream ends that the last came on. */
  maxHeldBytesPerPeer: 1_048_576,
  /** The same for all peers. */
  maxHeldBytes: 16_777_216,
} as const satisfies Record<string, number>

/** Peers of one subnet (IPv4 /24, IPv6 /48) in the routing table: addresses cost money, peer ids do not. */
export const SUBNET_LIMITS = {
  /** In one bucket. */
  maxPerBucket: 2,
  /** In the whole table. */
  maxPerTable: 16,
  /** Subnets remembered before those whose peers did not get into the table are looked for. It holds 1,280 peers. */
  maxSubnets: 2_048,
} as const satisfies Record<string, number>

/** What one search may cost. */
export const SEARCH_LIMITS = {
  /** Candidates of one search. */
  maxCandidates: 64,
  /** Addresses of one candidate. */
  maxAddresses: 16,
  /** Providers that are looked up by their id at once, as they came without addresses. */
  maxLookups: 4,
  /** One such look-up, in milliseconds. */
  lookupTimeoutMs: 20_000,
} as const satisfies Record<string, number>

/** The lookups that count few peers of each subnet, beside those of the library. */
export const WIDE_LIMITS = {
  /** Peers of one subnet that a record is sent to, or that are asked for it. */
  maxPerSubnet: 2,
  /** How many times as many of the closest are wanted, and take a record, where one subnet has more than its share. */
  crowdedFactor: 2,
  /** Peers of the own table that a lookup begins with. */
  maxStarts: 32,
  /** Peers asked by one lookup. */
  maxAsked: 100,
  /** Peers asked at once: more than the subnets of an attacker of whom each lets us wait. */
  maxConcurrent: 16,
  /** One question, the dial included, in milliseconds. */
  askTimeoutMs: 4_000,
  /** Peers that one answer names which are looked at, and providers. */
  maxNamed: 20,
  /** After the search of the library began, in milliseconds: most often that has found a provider by then. */
  headStartMs: 500,
  /** Candidates of one search, beside those that the search of the library finds. */
  maxCandidates: 40,
  /** Of those, that the peers of one subnet named, while others may still answer. */
  maxEarlyPerSubnet: 2,
  /** Candidates that the search of the library finds, while others may still answer: with 20 it ends, false or not. */
  maxEarlyOwn: 20,
  /** Candidates with the same id and other addresses each. */
  maxVersions: 4,
} as const satisfies Record<string, number>

/** How own keys are announced. */
export const ANNOUNCE_LIMITS = {
  /** Keys begun a second, at most. */
  keysPerSecond: 10,
  /** Announcements under way at once. */
  maxConcurrent: 16,
  /** One announcement, in milliseconds. */
  timeoutMs: 60_000,
  /** After a failure, in milliseconds; doubles with each more. */
  retryMs: 15_000,
  /** The longest wait after a failure, in milliseconds. */
  maxRetryMs: 600_000,
  /** How soon all keys may be due again because a new server came, in milliseconds; doubles while they keep coming. */
  newServerSpacingMs: 5_000,
  /** The longest of those waits, in milliseconds. */
  maxNewServerSpacingMs: 300_000,
  /** Age at which a record goes before those that are merely to be refreshed, in milliseconds: half its validity. */
  urgentAgeMs: 24 * HOUR_MS,
} as const satisfies Record<string, number>

/** How often a key is announced again, in milliseconds. */
export const REANNOUNCE_MS = { private: HOUR_MS / 2, public: 20 * HOUR_MS } as const

/** How peers of a small table that went away are dialled again. Later ones are left to the table's own searches. */
export const RECONNECT_LIMITS = {
  /** Peers that are waited for at once. */
  maxPeers: 20,
  /** Before the first dial, in milliseconds; doubles with each. */
  delayMs: 1_000,
  /** The longest wait between two dials, in milliseconds. */
  maxDelayMs: 60_000,
  /** Dials until a peer is given up: about a quarter of an hour. */
  attempts: 20,
} as const satisfies Record<string, number>

/** How often the own neighbourhood is looked for while fewer peers are known than hold a key. */
export const NEIGHBOUR_LIMITS = {
  /** One search, in milliseconds. */
  timeoutMs: 30_000,
  /** Before the second search, in milliseconds; doubles with each. */
  delayMs: 5_000,
  /** The longest wait between two, in milliseconds. */
  maxDelayMs: 300_000,
  /** The same two while no peer at all is in the table, in milliseconds. */
  entryDelayMs: 1_000,
  maxEntryDelayMs: 30_000,
} as const satisfies Record<string, number>
