/** What the ledger counts and lets go, whatever layer it is of. */

export interface CountedUnit {
  readonly unit: string
  /** Bytes on the disk. */
  readonly present: number
  /** Bytes that it was promised in all; 0: nothing was. */
  readonly promised: number
}

/** Some of what lies under the home, as the disk has it. */
export interface CountedPart {
  /** @throws ShoalError ERR_DISK, ERR_PERMISSION */
  count: () => Promise<readonly CountedUnit[]>
  /** Bytes on the disk of one unit; undefined: it is none of this part. Throws as `count`. */
  measure: (unit: string) => Promise<number | undefined>
}

/** Something that may go. */
export interface Evictable {
  readonly unit: string
  /** Removes it and tells the ledger. False: it is in use after all. */
  readonly evict: () => Promise<boolean>
}

/** Who knows what may go: what goes first comes first. */
export interface Evictor {
  evictable: () => AsyncIterable<Evictable>
}

export interface LedgerParts {
  readonly counted: readonly CountedPart[]
  /** What the first of them has goes before what the others have. */
  readonly evictors: readonly Evictor[]
}

/** How much of the disk Shoal uses, and may. Files of the user do not count, shared or not. */
export interface StorageStatus {
  /** Most bytes that may lie under the home; 0 = no limit. */
  readonly quota: number
  /** Bytes of content that lie there. */
  readonly used: number
  /** Bytes that are being written, or that uploads which have begun said would come. */
  readonly reserved: number
  /** Bytes of what would be removed if room were needed. */
  readonly evictable: number
  /** Bytes that fit without removing anything; null without a limit. */
  readonly free: number | null
}
