/** Bounds of what a node goes on with by itself. */

/** Most fetches that wait, run or are paused, and most shares; one more is refused. */
export const MAX_JOBS = 10_000
/** Most fetches that ended and are still told of; the oldest is forgotten first. */
export const MAX_ENDED_FETCHES = 1_000
/** Most fetches that bring something at a time; those that only look for somebody do not count. */
export const MAX_ACTIVE_FETCHES = 4
/** Most fetches that run at a time, those that look for somebody among them. */
export const MAX_RUNNING_FETCHES = 64
/** How long a fetch may find nobody before others go on beside it, in milliseconds. */
export const GIVE_WAY_MS = 10_000
/** How long a fetch that something hinders waits before it is tried again, in milliseconds. */
export const RETRY_MS = 30_000
