/**
 * Limits of content, checked before anything is fetched or allocated.
 * Each bounds something that a publisher or peer could otherwise make grow without end.
 */

/** Largest block as it travels, in bytes. */
export const MAX_BLOCK_BYTES = 1_048_576
/** Folders inside folders. */
export const MAX_DEPTH = 64
/** Files and folders in one share. */
export const MAX_ENTRIES = 1_000_000
/** Paths that one share is made of. */
export const MAX_SHARED_PATHS = 10_000
/** UTF-8 bytes of one name. */
export const MAX_NAME_BYTES = 255
/** UTF-8 bytes of one path. */
export const MAX_PATH_BYTES = 1_024
/**
 * Links in one dag-pb block. A file of the profile has at most 1,024, a folder below the size at which it is sharded
 * about 6,000. Twice as many take more than 5 ms to decode on a slow machine.
 */
export const MAX_NODE_LINKS = 8_192
/** UTF-16 units of one pattern. */
export const MAX_GLOB_LENGTH = 1_024
/** Patterns of one list. */
export const MAX_GLOBS = 1_000
/**
 * UTF-16 units of all patterns that hold in one folder. The work for one entry is at most this times the length of
 * its path.
 */
export const MAX_GLOB_UNITS = 65_536
/** Bytes of one `.shoalignore`. */
export const MAX_IGNORE_FILE_BYTES = 65_536
/** Lines of one `.shoalignore`. */
export const MAX_IGNORE_FILE_LINES = 1_000
