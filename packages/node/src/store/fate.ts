/** What becomes of each entry of a share in a fetch. */

/** Not asked for. */
export const LEFT_OUT = 0
/** Written into the staging folder, then moved into its place. */
export const WANTED = 1
/** Stands in its place already, with the same bytes as far as is known. */
export const KEPT = 2

export interface Fates {
  /** One of the three for each entry. */
  readonly of: Uint8Array
  /** Wanted files that take the place of a file with other bytes. */
  readonly replacing: Set<number>
  /** Something stands under the name of the result. */
  readonly isThere: boolean
}
