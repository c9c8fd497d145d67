/** Takes the blocks of one root into the store. */

export interface BlockSink {
  /** The bytes that block `block` has as it travels; undefined where only its hash tells. */
  lengthOf: (block: number) => number | undefined
  /** About how many bytes that will be. */
  sizeOf: (block: number) => number
  /**
   * Verifies a block and puts it where it belongs. False: the bytes are not the block, and nothing of them was
   * kept. Rejects when the disk or the content itself is at fault, not the peer. The bytes are best in shared
   * memory, which reaches a worker without a copy; they may be overwritten and are the caller's again afterwards.
   */
  accept: (block: number, bytes: Uint8Array) => Promise<boolean>
}
