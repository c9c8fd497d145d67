/**
 * Limits of the libp2p host. Library defaults refuse honest crowds and let strangers in without end; each number
 * here replaces one of them.
 */

export const NETWORK_LIMITS = {
  /** Connections at once. */
  maxConnections: 300,
  /** Inbound connections that may be half-open at once. The stock 10 are used up by a dozen idle sockets. */
  maxIncomingPendingConnections: 256,
  /** Inbound connections a second from one address. The stock 5 refuses a campus behind one NAT. */
  inboundConnectionsPerSecond: 50,
  /** Time to secure an inbound connection, in milliseconds. */
  inboundUpgradeTimeoutMs: 3_000,
  /** Time for a dial over all addresses of a peer, in milliseconds. */
  dialTimeoutMs: 10_000,
  /** Streams of the transfer protocol on one connection, each way. */
  maxStreamsPerConnection: 32,
  /** Streams of any protocol on one connection. */
  maxMuxedStreams: 128,
} as const satisfies Record<string, number>

/** Most addresses that a link carries. */
export const MAX_LINK_ADDRESSES = 4
