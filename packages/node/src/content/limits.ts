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
/** UTF-8 bytes of one name. */
export const MAX_NAME_BYTES = 255
/** UTF-8 bytes of one path. */
export const MAX_PATH_BYTES = 1_024
/** Links in one dag-pb block: 1,024 in a file, as many as fit into an unsharded folder of 1 MiB otherwise. */
export const MAX_NODE_LINKS = 16_384
