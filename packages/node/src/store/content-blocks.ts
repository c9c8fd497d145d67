/** The blocks of one root that hold content, whichever the format: where their bytes belong and how they are verified. */
import type { BlockBinding } from '../content/sealed/cipher.ts'

/** A run of bytes of one file in one block. */
export interface BlockPiece {
  /** Index of the file in the entries of the share. */
  readonly entry: number
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
}

/** What a worker needs to verify a block. */
export interface BlockCheck {
  /** sha2-256 of the block as it travels. */
  readonly expected: Uint8Array
  /** How a sealed block is opened. */
  readonly binding?: BlockBinding
  /** A leaf of public content: its codec and the bytes of the file in it. */
  readonly leaf?: { readonly codec: number; readonly length: number }
}

export interface ContentBlocks {
  /** Blocks 0 to `count`, exclusive, hold all content. */
  readonly count: number
  /** In the order in which their bytes stand in the block; padding follows. */
  piecesOf: (block: number) => BlockPiece[]
  /** The blocks that hold the bytes of a file, by its index in the entries. */
  blocksOf: (entry: number) => { readonly first: number; readonly count: number }
  checkOf: (block: number) => BlockCheck
  /** Plaintext bytes of a block that can be put together again from the files; undefined for one that cannot. */
  plainLengthOf: (block: number) => number | undefined
  /** The bytes that a block has as it travels; undefined where only its hash tells. */
  lengthOf: (block: number) => number | undefined
  /** About how many bytes that will be. */
  sizeOf: (block: number) => number
}
