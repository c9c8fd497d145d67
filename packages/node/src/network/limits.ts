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
