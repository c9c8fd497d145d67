/** How a node in the background reads back what it shares. */

/** From the beginning of one round to that of the next, in milliseconds: 30 days. */
export const ROUND_MS = 2_592_000_000
/** How long after its start a node begins or goes on, in milliseconds: whoever starts one has something else in mind. */
export const START_DELAY_MS = 600_000
/** Most that is read, in bytes per second: a tenth or less of what disks give. */
export const ROUND_RATE = 20_000_000
/** How long after a failure it goes on, in milliseconds. */
export const RETRY_MS = 3_600_000
