/** Takes the blocks of one root into the store. */

export interface Accepted {
  /** False: the bytes are not the block. Nothing of them was kept. */
  readonly verified: boolean
  /** The buffer, for reuse. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface BlockSink {
  /** The bytes that block `block` has as it travels; undefined where only its hash tells. */
  lengthOf: (block: number) => number | undefined
  /**
   * Verifies a block and puts it where it belongs. The buffer is moved and comes back. Rejects when the disk or
   * the content itself is at fault, not the peer.
   */
  accept: (block: number, bytes: Uint8Array<ArrayBuffer>) => Promise<Accepted>
}
