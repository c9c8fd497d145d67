/** Bounds and times of finding devices on the local network. Anybody on it can send to us, so everything here is small. */

export const MDNS_LIMITS = {
  /** Largest packet that is looked at, in bytes: what RFC 6762 lets a multicast packet have. */
  maxPacketBytes: 9_000,
  /** Questions of a packet that are read; one with more is dropped. */
  maxQuestions: 32,
  /** Records of a packet, all its sections together; one with more is dropped. */
  maxRecords: 64,
  /** Pointers that are followed inside one name. */
  maxNamePointers: 8,
  /** Network interfaces that are spoken on. A machine with containers can have hundreds. */
  maxInterfaces: 16,
  /** Devices that are remembered. */
  maxDevices: 256,
  /** Devices that are remembered from one source address: several nodes may run on one machine, and not thousands. */
  maxDevicesPerSource: 16,
  /** Addresses of one device. A device speaks once for each network that both are on. */
  maxAddresses: 8,
  /** Longest text of an address with its peer id: `/ip6/` with 39 characters, a port, and 52 characters of peer id fit. */
  maxAddressBytes: 128,
  /** Addresses that one of our own answers names. */
  maxOwnAddresses: 4,
  /** How long a device is remembered at most after it was heard, in seconds; also what our own answers say. */
  maxTtlSeconds: 120,
  /** Packets from one source that are read in a burst, and a second after that. */
  packetsPerSource: { burst: 50, perSecond: 20 },
  /** Packets from all sources that are read in a burst, and a second after that. */
  packets: { burst: 1_000, perSecond: 500 },
} as const

export const MDNS_TIMES = {
  /** Between two looks at which network interfaces there are, in milliseconds. */
  interfacesMs: 5_000,
  /** First pause after a question; each further one is twice as long, up to a fifth more or less. In milliseconds. */
  firstQueryMs: 1_000,
  /** Longest pause between two questions, in milliseconds: half the time that a device is remembered. */
  lastQueryMs: 60_000,
  /** Shortest time between two answers on one interface, in milliseconds (RFC 6762 section 6). */
  answerMs: 1_000,
  /** Shortest time between two questions on one interface, in milliseconds. */
  queryMs: 1_000,
  /** For so long after our own question, one that comes is taken for its echo, in milliseconds. */
  echoMs: 100,
  /** An answer waits for a random time between these, in milliseconds, so that a hundred devices do not answer at once. */
  leastAnswerDelayMs: 20,
  mostAnswerDelayMs: 120,
} as const

export const WHO_HAS_LIMITS = {
  /** Digests in one question. */
  maxDigests: 64,
  /** Time for a question and its answer, dialling included, in milliseconds. Who answers gives the asker as long. */
  timeoutMs: 5_000,
  /** Streams on one connection, each way. */
  maxStreamsPerConnection: 4,
  /** Questions of one peer in a burst, and a second after that. */
  questionsPerPeer: { burst: 16, perSecond: 4 },
  /** Questions from one address, whatever peer ids it has, in a burst, and a second after that. */
  questionsPerAddress: { burst: 64, perSecond: 16 },
  /** Devices that are asked at once. */
  maxParallel: 8,
  /** How often a connection that came to nothing is looked at whether it can be closed, and the pause between, in milliseconds. */
  releaseTries: 10,
  releasePauseMs: 500,
} as const

export const LAN_SEARCH_TIMES = {
  /** How long a search waits for others to be asked together with it, in milliseconds. */
  batchMs: 10,
  /** A device that does not have it is asked again after this long, in milliseconds: it may have begun to share it. */
  askAgainMs: 10_000,
  /** A device that did not answer is asked again after this long, in milliseconds. */
  retryMs: 3_000,
} as const

/** Peers and addresses whose rate is remembered; the ones longest silent are forgotten first. */
export const MAX_RATED = 1_024

/** Devices that are gone and of which a search still knows that they were asked. */
export const MAX_ABSENT = 256
