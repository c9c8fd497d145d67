/** Bounds of what looks after limits of speed. */

/**
 * The longest that a timer waits for a change of the schedule, in milliseconds. While a machine sleeps its timers stand
 * still: after that the limits are those of before for no longer than this.
 */
export const MAX_SCHEDULE_WAIT_MS = 300_000
/** Between two looks at whether the connection is metered, in milliseconds. */
export const METERED_ROUND_MS = 120_000
/** How long the system may take to say it, in milliseconds. */
export const METERED_TIMEOUT_MS = 10_000
/** Most bytes that are read of what it says. */
export const MAX_METERED_BYTES = 4_096
