/**
 * What the catalogue asks of the auth log, and all it knows of it.
 *
 * A verdict is a function of the batch and of the auth operations that are known, so two replicas that know the same
 * judge alike. It may change when more becomes known: a removal pins the batches of the removed author that still
 * count. Whoever it may have changed for is named by `takeChanged`.
 */

/** What is judged of a batch. */
export interface JudgedBatch {
  /** 32 bytes. */
  readonly id: Uint8Array
  /** Ed25519 public key, 32 bytes. */
  readonly author: Uint8Array
  /** Ids of auth operations, each 32 bytes: what the author knew of the members when it wrote this. */
  readonly authHeads: readonly Uint8Array[]
  /** Ids of batches, each 32 bytes. */
  readonly parents: readonly Uint8Array[]
}

/**
 * `ok`: it counts. `wait`: auth operations that it names are not here yet. Refused: its author may not write, or it
 * lies outside of what a removal left to its author.
 */
export type AuthVerdict = 'ok' | 'wait' | { readonly refused: string }

export interface CatalogueAuth {
  judge: (batch: JudgedBatch) => AuthVerdict
  /**
   * Authors about whose batches `judge` may say something else than before, since this was last asked; `all` when
   * it cannot tell. An author for whom `wait` may have ended is among them.
   */
  takeChanged: () => readonly Uint8Array[] | 'all'
  /**
   * Names what is known of the auth log: with the same name `judge` says the same. Kept beside the verdicts, so that
   * after a stop between the two logs all are judged again.
   */
  revision: () => string
}
