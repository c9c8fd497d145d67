/**
 * The operations of a catalogue as values.
 *
 * An operation is named by its batch and its place in it (`OperationId`). An entry is named by the `put` that made it, a
 * content of an entry and a tag by the operation that gave it. What an operation replaces or takes away it names
 * one by one (`replaced`): what it does not name it did not see, and so that stays. This is an observed-remove set,
 * M. Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011.
 */

/** Bytes of an `OperationId`: 32 of the batch, 1 of the place. */
export const OPERATION_ID_BYTES = 33

/** An operation: of another batch by its id, 33 bytes; of the same batch, before this one, by its place. */
export type OperationRef = Uint8Array | number

/** What an entry holds: files of a share, or a part of them. */
export interface EntryContent {
  /** CID of the share, 36 bytes. */
  readonly root: Uint8Array
  /** Where in the share it lies; empty for the whole. */
  readonly inner: string
  /** The share's key, wrapped by the key of an epoch; empty for a public share. */
  readonly wrappedKey: Uint8Array
  /** Which epoch; empty for a public share. */
  readonly epoch: Uint8Array
  /** Bytes of the content, as its author says. */
  readonly bytes: number
  /** Media type (`image/png`), or empty. */
  readonly type: string
  /** When the file was last changed, milliseconds since 1970, as its author says. For display only. */
  readonly modifiedMs: number
}

/** Numbers on the wire: they never change their meaning. */
export const OPERATION_NUMBERS = {
  put: 0,
  edit: 1,
  restore: 2,
  delete: 3,
  move: 4,
  tag: 5,
  untag: 6,
  note: 7,
  title: 8,
} as const

export type OperationKind = keyof typeof OPERATION_NUMBERS

export type Operation =
  /** A new entry. */
  | { readonly kind: 'put'; readonly path: string; readonly content: EntryContent }
  /**
   * Another content of an entry, in place of those that it names. `path` is where the author saw the entry, and
   * stands only where no `put` and no `move` of it counts any more.
   */
  | {
      readonly kind: 'edit' | 'restore'
      readonly entry: OperationRef
      readonly replaced: readonly OperationRef[]
      readonly path: string
      readonly content: EntryContent
    }
  /** Takes away the contents that it names: an entry without any is gone. */
  | {
      readonly kind: 'delete' | 'untag'
      readonly entry: OperationRef
      readonly replaced: readonly OperationRef[]
    }
  | { readonly kind: 'move'; readonly entry: OperationRef; readonly path: string }
  | {
      readonly kind: 'tag'
      readonly entry: OperationRef
      readonly tag: string
      readonly replaced: readonly OperationRef[]
    }
  | { readonly kind: 'note'; readonly entry: OperationRef; readonly text: string }
  /** The title of an entry, or of the space. */
  | { readonly kind: 'title'; readonly entry: OperationRef | undefined; readonly text: string }
  /** Of a later version: it is kept and passed on, and has no effect here. */
  | { readonly kind: 'unknown' }
