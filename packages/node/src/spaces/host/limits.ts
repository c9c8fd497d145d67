/** Limits of the spaces of one home. */

/** Spaces of one home: each has databases that stay open. */
export const MAX_SPACES = 128
/** Calls that wait for the thread of the spaces. */
export const MAX_CALLS = 1_000
/** Characters of the shortest part of an id that names a space or a member. */
export const MIN_PREFIX_LENGTH = 4
/** Entries in one answer of the thread. */
export const PAGE_ENTRIES = 500
/** Entries that one call may change, or one `get` may ask for. */
export const MAX_ENTRIES = 100_000
/** Files that go to the thread at once while a share is put into a space. */
export const ADD_FILES = 2_000
/** Batches that are looked at for the last one of this device. */
export const MAX_LOOKED_AT = 10_000
/** Patterns of one fetch, and their characters together: below what a fetch takes. */
export const FETCH_PATTERNS = 500
export const FETCH_PATTERN_UNITS = 32_768
/** MiB of the thread's young generation: it decodes many small things. */
export const YOUNG_GENERATION_MIB = 16
