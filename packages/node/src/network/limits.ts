/**
 * Limits of the libp2p host. Library defaults refuse honest crowds and let strangers in without end; each number
 * here replaces one of them or bounds what the library leaves unbounded (docs/hardening.md).
 */

export const NETWORK_LIMITS = {
  /** Connections at once, both ways. Above it the library's pruner closes those of least worth. */
  maxConnections: 300,
  /** Of these, kept for protected peers: strangers, both ways, are closed when idle above `maxConnections` less this. */
  reservedForProtected: 32,
  /** Inbound connections of strangers: half, so that strangers alone never surround this node. */
  maxInboundStrangers: 150,
  /** Inbound connections of strangers from one address: a campus behind a NAT fits, all slots do not. */
  maxConnectionsPerAddress: 64,
  /** Inbound connections of strangers from one block of addresses: /24, IPv6 /48. */
  maxConnectionsPerBlock: 128,
  /** Connections that one peer id may have open to us. One is enough; two dials at once make two. */
  maxConnectionsPerPeer: 8,
  /** A connection younger than this is not closed for a newcomer, in milliseconds: it had no time to ask anything. */
  minConnectionAgeMs: 5_000,
  /** Inbound connections that may be half-open at once. The stock 10 are used up by a dozen idle sockets. */
  maxIncomingPendingConnections: 256,
  /** Of these, from one address; above it that address loses its own oldest. */
  maxPendingPerAddress: 128,
  /** Inbound connections a second from one address. The stock 5 refuses a campus behind one NAT. */
  inboundConnectionsPerSecond: 50,
  /** Sockets that the system holds until they are looked at. Of more it drops some, and an honest one tries again after a second. */
  acceptBacklog: 2_048,
  /** Addresses whose rate is remembered; the one not seen longest goes. About 200 bytes each. */
  maxRatedAddresses: 8_192,
  /** Time to secure an inbound connection, in milliseconds. */
  inboundUpgradeTimeoutMs: 3_000,
  /** Lines that a peer may send to agree on a protocol, on a connection or a stream; each is answered. */
  maxNegotiationLines: 16,
  /** Time to agree on the protocol of a stream, in milliseconds. An idle stream of unknown protocol ends then. */
  streamNegotiationTimeoutMs: 5_000,
  /** Time for a dial over all addresses of a peer, in milliseconds. */
  dialTimeoutMs: 10_000,
  /** Dials a second to addresses that strangers named, in all; more wait. */
  strangerDialsPerSecond: 20,
  /** Longest that such a dial waits for its turn, in milliseconds; then it fails. Bounds who waits, too. */
  maxDialDelayMs: 3_000,
  /** Addresses of one peer that may fail, as strangers named them, before it is left alone for a while. */
  maxFailedDialsPerPeer: 4,
  /** How long it is left alone, in milliseconds. */
  failedDialMemoryMs: 600_000,
  /** Peers whose failed dials are remembered; the oldest goes. About 200 bytes each. */
  maxFailedPeers: 4_096,
  /** How long the networks of this machine are believed before they are read again, in milliseconds. */
  subnetMemoryMs: 5_000,
  /** Between two peers that are looked for to be asked whether they reach this node, in milliseconds. */
  reachabilityPauseMs: 2_000,
  /** Streams of the transfer protocol on one connection, each way. */
  maxStreamsPerConnection: 32,
  /** Streams of any protocol that we open on one connection. */
  maxMuxedStreams: 128,
  /** Streams of any protocol that one peer may have open to us, over all its connections. */
  maxInboundStreamsPerPeer: 64,
  /** Streams that strangers may have open to us in all; when full, the oldest of who holds most ends. */
  maxInboundStreams: 2_000,
  /** Streams that a connection may open a second, after a first burst of four seconds' worth. */
  streamsPerSecond: 64,
  /** Frames a second that are hardly more than their header: each may be answered with one, after as many at once. */
  smallFramesPerSecond: 2_000,
  /**
   * Window updates a second, after as many at once. The library answers every frame with one, however small it is: who
   * is sent thousands of short answers sends as many of these.
   */
  windowUpdatesPerSecond: 16_384,
  /** Pings of the muxer that a connection may send a second, after a burst of four seconds' worth: each is answered. */
  muxerPingsPerSecond: 8,
  /**
   * Bytes that a peer may send on one stream before we take them, and in one frame: the library's decoder holds a
   * frame until it is whole. What two peers can have under way on a stream, so no less than the transfer window.
   */
  maxStreamWindowBytes: 8_388_608,
  /** Bytes received on one stream that nobody reads; then it is reset. */
  maxReadBufferBytes: 1_048_576,
  /** Bytes waiting to be sent on one stream; then it is reset. */
  maxWriteBufferBytes: 4_194_304,
  /** Bytes waiting on a stream of transfer above which a sender is told to wait; on top comes one block of 1 MiB. */
  streamHighWaterBytes: 524_288,
  /** What a peer has to take of it for the sender to wait on, in bytes. */
  streamTakenBytes: 65_536,
  /** Bytes waiting below the streams of one connection, encrypted; then it is reset. */
  maxConnectionBufferBytes: 8_388_608,
  /** Bytes waiting for one peer over all its streams while it takes none; then its connections are reset. */
  maxStalledPeerBytes: 8_388_608,
  /** How long a peer may take none of them, in milliseconds. */
  stalledPeerMs: 10_000,
  /** Bytes waiting for one peer, even one that takes some: 1.5 MiB for each of 32 transfers, and some more. */
  maxPeerBufferBytes: 67_108_864,
  /** Bytes waiting, read or unsent, for all peers; above it the peer with most is reset. */
  maxBufferBytes: 268_435_456,
  /** How often these sums are made, in milliseconds. */
  bufferCheckMs: 1_000,
  /** Bytes that one stream of the ping protocol may send us; a ping is 32. */
  maxPingBytes: 32_768,
  /** Time that a stream of the ping protocol may last without a ping, in milliseconds. */
  pingTimeoutMs: 10_000,
} as const satisfies Record<string, number>

export type NetworkLimits = { readonly [K in keyof typeof NETWORK_LIMITS]: number }

/** When a node that cannot keep up refuses newcomers, and until when. */
export const LOOP_LIMITS = {
  /** How often it is seen how late things run, in milliseconds. */
  tickMs: 100,
  /** So many of the last of these are looked at; the delay is the one in the middle. Odd. */
  ticks: 5,
  /** A delay above this sheds load, in milliseconds. Peers give up on what takes seconds. */
  shedAboveMs: 200,
  /** A delay up to this is none, in milliseconds. */
  calmMs: 100,
  /** How long there has to be none until newcomers are taken again, in milliseconds. */
  calmForMs: 2_000,
  /** Between two warnings, in milliseconds. */
  warnEveryMs: 60_000,
} as const satisfies Record<string, number>

export type LoopLimits = { readonly [K in keyof typeof LOOP_LIMITS]: number }

/** Most addresses that a link carries. */
export const MAX_LINK_ADDRESSES = 4

/** Candidates of one source that wait to be tried; those that come then are dropped. */
export const MAX_WAITING_CANDIDATES = 256

/** Devices met before, which are remembered in the home. */
export const ADDRESS_BOOK_LIMITS = {
  /** Devices; the one seen longest ago is forgotten first. */
  maxDevices: 1_000,
  /** Addresses of one device, the last that worked first. */
  maxAddresses: 8,
  /** Longest address as text, in bytes. */
  maxAddressBytes: 256,
  /** Provider keys that one device served to us, the last first. */
  maxServed: 64,
  /** Provider keys that one device is known to lack, until the node stops. */
  maxLacked: 64,
  /** Devices that are given out for a content that nobody is known to have served. */
  maxGuesses: 8,
  /** Largest file that is read, in bytes: all devices with all addresses and keys take less. */
  maxFileBytes: 8_388_608,
  /** How long a device is remembered, in milliseconds. */
  maxAgeMs: 90 * 24 * 3_600_000,
  /** From a change to its writing, in milliseconds. */
  saveDelayMs: 5_000,
} as const satisfies Record<string, number>

/** Peers that sent wrong data, which are remembered in the home. */
export const BARRED_LIMITS = {
  /** Peers; the one barred longest ago is forgotten first. About 100 bytes each. */
  maxPeers: 1_000,
  /** Largest file that is read, in bytes: all peers take less. */
  maxFileBytes: 262_144,
  /** How long a peer is left alone, in milliseconds. */
  barredMs: 24 * 3_600_000,
} as const satisfies Record<string, number>
