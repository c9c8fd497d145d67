/** Limits of what is kept of a space. Each bounds something that a member or a stranger could make grow. */

const MIB = 1_048_576

/**
 * What one author may put into a space. Of its batches, in order of (lamport, id), those count that fit. Every
 * replica has to reckon with the same.
 */
export interface AuthorQuota {
  readonly batches: number
  /** Of the batches as they travel. */
  readonly bytes: number
  /** Entries made. */
  readonly entries: number
}

export const AUTHOR_QUOTA: AuthorQuota = { batches: 200_000, bytes: 512 * MIB, entries: 500_000 }

/** How much is kept of what does not count, of one author and of all, so that what comes after it finds it. */
export interface VoidLimits {
  readonly batchesPerAuthor: number
  readonly bytesPerAuthor: number
  readonly batches: number
  readonly bytes: number
}

export const VOID_LIMITS: VoidLimits = {
  batchesPerAuthor: 1_000,
  bytesPerAuthor: 16 * MIB,
  batches: 10_000,
  bytes: 64 * MIB,
}

/** How much may wait for what comes before it, of one author and of all. */
export interface OrphanLimits {
  readonly batchesPerAuthor: number
  readonly bytesPerAuthor: number
  readonly batches: number
  readonly bytes: number
}

export const ORPHAN_LIMITS: OrphanLimits = {
  batchesPerAuthor: 1_000,
  bytesPerAuthor: 16 * MIB,
  batches: 4_000,
  bytes: 64 * MIB,
}

/** KiB of the database that are kept in memory, by who writes and by who reads. */
export const WRITER_CACHE_KIB = 32_768
export const READER_CACHE_KIB = 32_768
/** Entries in one answer of a listing, a search or a history. */
export const MAX_PAGE = 1_000
/** UTF-16 units of one query. */
export const MAX_QUERY_LENGTH = 1_024
/** Terms of one query. */
export const MAX_QUERY_TERMS = 32
/** Entries that are ranked: of more that match, those added last. */
export const MAX_RANKED = 500
/** Decoded batches that are kept while entries are folded anew. */
export const MAX_DECODED = 64
/** Devices of members of one space that are remembered with where they can be reached; the one not met longest goes. */
export const MAX_MET_DEVICES = 4_096
/** Addresses of one of them. */
export const MAX_MET_ADDRESSES = 8
