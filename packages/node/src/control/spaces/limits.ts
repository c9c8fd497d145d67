/** Bounds of what clients ask of spaces over the control API, beside those of the spaces themselves. */
import { MAX_PATH_BYTES } from '../../content/limits.ts'

/** UTF-16 units of a path of an entry, which may end with a slash: none that there is has more bytes. */
export const MAX_ENTRY_PATH_LENGTH: number = MAX_PATH_BYTES + 1
/** UTF-16 units of what a device calls itself. It is shortened to 64 bytes. */
export const MAX_GIVEN_NAME_LENGTH = 1_024
/** Letters of an id of a space, a member, an invitation or a batch: 32 bytes in hexadecimal. */
export const ID_LENGTH = 64
/**
 * Letters of what stands behind the `?` of a request: Node refuses headers of over 16 KiB. The longest query and the longest
 * path have fewer, each letter of them written as nine.
 */
export const MAX_QUERY_STRING_LENGTH = 14_336
/** Answers that are kept for requests which are sent again by their key. */
export const MAX_KEPT_ANSWERS = 1_024
/** How long such an answer is kept, in milliseconds: an hour. */
export const ANSWER_KEPT_MS = 3_600_000
