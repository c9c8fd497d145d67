/** Bounds of the control API: what a client may make it hold or wait for. */

/** Most bytes of a request body. */
export const MAX_BODY_BYTES = 65_536
/** Most bytes of a request to share, which may name thousands of paths: about what a system lets a command line hold. */
export const MAX_SHARE_BODY_BYTES = 4_194_304

/**
 * Most things that the log of a node tells of: the one that changed longest ago is left out first. An event has some 8 KiB at
 * most, a kilobyte usually.
 */
export const MAX_LOG_EVENTS = 4_096
/** How often a node whose log is listened to looks whether its status is another, in milliseconds. */
export const STATUS_INTERVAL_MS = 1_000

/** Most entries of a folder that one who chooses is told. */
export const MAX_FOLDER_ENTRIES = 10_000

/** Longest that a client on TCP may take to send the headers of a request, in milliseconds. */
export const HEADERS_TIMEOUT_MS = 10_000
/** Longest that one may take to send a whole request, in milliseconds; answers may last. */
export const REQUEST_TIMEOUT_MS = 30_000
/** How often those that take longer are looked for, in milliseconds. */
export const TIMEOUT_CHECK_MS = 1_000
/** Most clients on TCP at a time, each with one operation at most; one more is hung up on. */
export const MAX_TCP_CLIENTS = 256
/** The same of the socket, which only its user reaches. */
export const MAX_SOCKET_CLIENTS = 1_024
