/** Bounds of the content port: what who holds an address of it may make the node hold or wait for. */

/** How long an address is good after it was used last, in milliseconds. */
export const CAPABILITY_IDLE_MS = 600_000
/** How long at most, however often it is used, in milliseconds. */
export const CAPABILITY_MOST_MS = 43_200_000
/** Addresses at a time; one more takes the place of the one that was not used for longest. */
export const MAX_CAPABILITIES = 256
/** Files of one share whose size is remembered. */
export const MAX_KNOWN_FILES = 1_024
/** Answers with content at a time, each with up to `readWindowBlocks` MiB in memory; one more is told to come back. */
export const MAX_READS = 12
/** The same with those whose client has gone and which are just ending: who seeks begins one before the other is over. */
export const MAX_UNFINISHED_READS = 32
/** After how long who was told to come back may do so, in seconds. */
export const RETRY_AFTER_SECONDS = 1
/** Bytes that are handed to a client in one piece, */
export const SLICE_BYTES = 65_536
/** and the longest that it may take for one, in milliseconds: about 1 kB/s. Who waits longer asks anew from where it is. */
export const TAKE_TIMEOUT_MS = 60_000
/** Most clients at a time; one more is hung up on. */
export const MAX_CONTENT_CLIENTS = 64
/** Most bytes of the headers of a request. */
export const MAX_CONTENT_HEADER_BYTES = 8_192
