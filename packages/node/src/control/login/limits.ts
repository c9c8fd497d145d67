/** Bounds of the login of a browser. */

/** How long a code is good, in milliseconds. */
export const CODE_MS = 30_000
/** Codes at a time; one more takes the place of the oldest. */
export const MAX_CODES = 8
/** Wrong guesses that a code outlives. */
export const MAX_WRONG_GUESSES = 64
/** Most bytes of a request that shows a code. */
export const MAX_LOGIN_BODY_BYTES = 1_024
