/** Bounds of joining: who asks is a stranger, and who says to let in may be one. */

/** Milliseconds within which the other side has to say what is expected next. */
export const STEP_MS = 30_000
/** Milliseconds that handing a log over may take in all. The largest takes a minute. */
export const HAND_OVER_MS = 900_000
/** Milliseconds that a request waits for somebody to decide: a day. */
export const REQUEST_MS = 86_400_000

/** Bytes of what a device calls itself, as UTF-8. A longer one is shortened. */
export const MAX_DEVICE_NAME_BYTES = 64
/** Bytes of operations in one page of a log; one that is longer goes alone. */
export const PAGE_BYTES = 524_288
/** Operations in one page. */
export const PAGE_OPERATIONS = 4_096
/** Bytes of one message to who joins: a page, and what is around each operation in it. */
export const MAX_PAGE_MESSAGE_BYTES = 655_360
/** Bytes of one message to who lets in, and of all that may wait there before it is read. */
export const MAX_ASKED_BYTES = 65_536
/** Operations that who joins at once hands back, and their bytes together. */
export const MAX_HANDED_BACK = 16
export const MAX_HANDED_BACK_BYTES = 49_152

/** Conversations in which nothing is proven yet; of more, the oldest ends. */
export const MAX_UNPROVEN = 64
/** Of these, with one peer. */
export const MAX_UNPROVEN_PER_PEER = 4
/** Logs that are handed over at once. */
export const MAX_HAND_OVERS = 16
/** Requests that wait for somebody: in all, of one space, and by one invitation. */
export const MAX_REQUESTS = 256
export const MAX_REQUESTS_PER_SPACE = 64
export const MAX_REQUESTS_PER_INVITE = 16
/** Requests by one invitation that were refused, after which its link is to be ended. */
export const MANY_REFUSED = 3
/** Invitations of which that is counted; the one counted first is forgotten. */
export const MAX_COUNTED_INVITES = 1_024

/** Spaces that one home joins at once. */
export const MAX_JOINS = 16
/** Milliseconds before the first and the longest time until it is tried again to reach who lets in. */
export const FIRST_RETRY_MS = 1_000
export const LONGEST_RETRY_MS = 30_000
/** What is spoken where a device asks to be let in. */
export const JOIN_PROTOCOL = '/shoal/space-join/1'
