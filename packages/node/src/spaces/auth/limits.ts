/**
 * Limits of the auth log of one space. Each bounds something that a member, or who holds an invite, could otherwise
 * make grow without end; together they keep a resolution below a second and 200 MB.
 *
 * Those of the codec hold for every operation and are the same everywhere, since what they refuse is refused by all.
 * Those of the log are this device's own: a log that is full refuses operations which another may have taken. A
 * reserve of each is kept for founders, so that whoever fills a log can still be removed.
 */

/** Bytes of one operation with its signature, except one about the key of an epoch. */
export const MAX_OPERATION_BYTES = 8_192
/** Bytes of what one operation about the key of an epoch says: the key sealed to 1,000 devices has 118 kB. */
export const MAX_NOTICE_BYTES = 122_880
/** Bytes of one operation about the key of an epoch. */
export const MAX_NOTICE_OPERATION_BYTES = 131_072
/** Ids in `prev`: an author that knows more heads joins the rest with its next operation. */
export const MAX_HEADS = 64
/** Ids in `after`, the data that still counts of who is removed. */
export const MAX_PINNED_HEADS = 64
/** UTF-8 bytes of the name of a space. */
export const MAX_SPACE_NAME_BYTES = 255
/** Founders in a genesis. */
export const MAX_GENESIS_FOUNDERS = 8
/** Uses that one invite may allow. */
export const MAX_INVITE_USES = 10_000

/** What one log holds. */
export interface LogLimits {
  /** Operations. */
  readonly operations: number
  /** Ids in `prev` of all operations together: what every walk over the log costs. */
  readonly links: number
  /** Operations above each other. */
  readonly depth: number
  /** Keys that were ever admitted, whether they still are members or not. */
  readonly members: number
  /** Invites, whether they still can be used or not. */
  readonly invites: number
  /**
   * Operations that give or take power or invites, times operations: bits of the table that tells which stand before
   * which.
   */
  readonly tableBits: number
  /** The same for those that take power or an invite away: removals, changes of role, leaves, revocations. */
  readonly cutBits: number
  /** For all keys together, its operations times those that give or take its power: each pair is compared. */
  readonly pairs: number
  /** Operations of one author that is not a founder. */
  readonly perAuthor: number
  /** Bytes of all that is said about keys of epochs: it is kept in memory. */
  readonly noticeBytes: number
  /** Operations whose predecessors are missing. */
  readonly orphans: number
  /** Bytes of those. */
  readonly orphanBytes: number
}

export const LOG_LIMITS: LogLimits = {
  operations: 114_688,
  links: 1_048_576,
  depth: 114_688,
  members: 16_384,
  invites: 16_384,
  tableBits: 640_000_000,
  cutBits: 240_000_000,
  pairs: 2_000_000,
  perAuthor: 65_536,
  noticeBytes: 67_108_864,
  orphans: 1_000,
  orphanBytes: 16_777_216,
}

/** What others than founders may fill of each limit of a log. */
export const SHARE_FOR_ALL = 7 / 8

/**
 * Rounds in which what depends on each other is worked out. Beyond them everything still in dispute is decided
 * against whoever claims power, alike everywhere.
 */
export const MAX_ROUNDS = 64
/** Rounds that there always are. */
export const LEAST_ROUNDS = 4
/** Comparisons in all rounds together, more or less. */
export const MOST_WORK = 20_000_000
/** Disputed operations that are sorted into circles; of more, all removals apply. */
export const MAX_DISPUTED = 1_024
