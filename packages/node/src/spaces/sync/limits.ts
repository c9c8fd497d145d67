/** Limits of the sync of a space. Each bounds something that a peer, or many of them, could make grow. */

/** Bytes of what one message carries. */
export const MAX_MESSAGE_BYTES = 262_144
/** Bytes of an answer about ranges: below a message, so that a last range still fits. */
export const MAX_RANGES_BYTES = 245_760
/** Parts into which a range that differs is cut. */
export const BRANCHES = 16
/** Keys of a range that are listed instead of cut further. */
export const LIST_KEYS = 32
/** Messages about ranges that one session takes for one log; then what was found is exchanged, and the rest left to the next. */
export const MAX_ROUNDS = 64
/** Keys that one session finds missing on either side of one log; the rest is left to the next. */
export const MAX_FOUND = 131_072
