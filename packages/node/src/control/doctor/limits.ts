/** What counts as too little, and how long is looked. */

/** Free bytes of the disk under which there is a warning. */
export const LOW_DISK_BYTES = 5_000_000_000
/** Free bytes of the disk under which something will soon not work. */
export const LEAST_DISK_BYTES = 1_000_000_000
/** Files and connections that may be open at once, under which there is a warning. */
export const LEAST_OPEN_FILES = 1_024
/** A limit of the user's own, in bytes per second, under which transfers are slow by it. */
export const SLOW_LIMIT = 100_000
/** Oldest line of Node that is supported, as in `engines` of the package. */
export const LEAST_NODE = 24

/** How long a node that was just started gets to find its network, in milliseconds. */
export const SETTLE_MS = 5_000
/** Between two looks at whether it has, in milliseconds. */
export const LOOK_MS = 100
/** How long one look may take in all, in milliseconds; all run at once, so that all of them end within 10 s. */
export const CHECK_MS = 7_000
