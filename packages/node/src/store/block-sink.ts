/** Takes the blocks of one root into the store. */

export interface BlockSink {
  /** Is the block on this disk already, from a fetch that was interrupted? Read back and hashed, never believed. */
  holds: (block: number) => Promise<boolean>
  /** The bytes that block `block` has as it travels; undefined where only its hash tells. */
  lengthOf: (block: number) => number | undefined
  /**
   * Verifies a block and puts it where it belongs. False: the bytes are not the block, and nothing of them was
   * kept. Rejects when the disk or the content itself is at fault, not the peer. The bytes are best in shared
   * memory, which reaches a worker without a copy; they may be overwritten and are the caller's again afterwards.
   */
  accept: (block: number, bytes: Uint8Array) => Promise<boolean>
}
