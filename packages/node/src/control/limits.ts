/** Bounds of the control API: what a client may make it hold or wait for. */

/** Most bytes of a request body. */
export const MAX_BODY_BYTES = 65_536
/** Most bytes of a request to share, which may name thousands of paths: about what a system lets a command line hold. */
export const MAX_SHARE_BODY_BYTES = 4_194_304
