/** Bounds of what is looked at of a fetch that runs. */

/** Devices that are told of one by one: all that may be connected at once, and some that are dialled. */
export const MAX_TOLD_SOURCES = 64
/** However often somebody asks, who gives what is looked at anew after this, in milliseconds. */
export const SOURCES_INTERVAL_MS = 1_000
/** How often is looked why a fetch waits, in milliseconds. */
export const HINDRANCE_INTERVAL_MS = 1_000
/** What changes of the same reason is told after this at the earliest, in milliseconds. */
export const DETAIL_INTERVAL_MS = 5_000
