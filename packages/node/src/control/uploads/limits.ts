/** Bounds of what clients hand in piece by piece. */

/** Most bytes of one piece. */
export const MAX_PIECE_BYTES = 8_388_608
/** Most uploads that are not shared yet; one more is refused. */
export const MAX_UPLOADS = 64
/** How long one that nobody goes on with is kept, in milliseconds: a week. */
export const UPLOAD_KEPT_MS = 604_800_000
/** Room on the disk that is left to everybody else, in bytes. */
export const RESERVED_BYTES = 134_217_728
/** How long one that nobody goes on with is left alone though there is no more room, in milliseconds: ten minutes. */
export const UPLOAD_RESTING_MS = 600_000
