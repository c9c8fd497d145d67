/** Bounds of what is done to keep within the quota. */

/** How seldom it is written down that a share is used while it is, in milliseconds: ten minutes. */
export const USE_INTERVAL_MS = 600_000
/** Of how many shares it is remembered when that was written down; of others it is a little sooner. */
export const MAX_USES = 10_000
/** How many things that may go are taken out of the index at once: seldom are more than the first few needed. */
export const KEPT_PAGE = 100
/** How many after those. */
export const MORE_KEPT_PAGE = 10_000
/** How long after its start a node in the background first looks whether it is over, in milliseconds. */
export const FIRST_LOOK_MS = 5_000
