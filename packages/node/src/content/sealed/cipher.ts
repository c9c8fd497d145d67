/**
 * One block of sealed format 1: AES-256-GCM, nonce and associated data from the block's number, its part and the
 * number of blocks. NIST SP 800-38D. Pieces of 16 KiB stay in the processor's cache between cipher and
 * hash, and leave little behind until the next collection (docs/adr/0007-block-work-in-worker-threads.md).
 */
import { createCipheriv, createDecipheriv, createHash, type CipherGCM } from 'node:crypto'
import { ShoalError } from '../../errors.ts'
import { TAG_BYTES, type Part } from './format.ts'

/** Largest piece given to the cipher at once, in bytes. */
export const PIECE_BYTES = 16_384

const NONCE_BYTES = 12
const LABEL = Buffer.from('shoal/sealed/1')

/** What one block is bound to. */
export interface BlockBinding {
  readonly key: Uint8Array
  readonly part: Part
  /** Number of this block. */
  readonly block: number
  /** Number of blocks in the share. */
  readonly blocks: number
}

function nonceOf(block: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeBigUInt64BE(BigInt(block), NONCE_BYTES - 8)
  return nonce
}

function associatedData(binding: BlockBinding): Uint8Array {
  const data = Buffer.alloc(LABEL.byteLength + 17)
  LABEL.copy(data)
  data.writeUInt8(binding.part === 'data' ? 0 : 1, LABEL.byteLength)
  data.writeBigUInt64BE(BigInt(binding.block), LABEL.byteLength + 1)
  data.writeBigUInt64BE(BigInt(binding.blocks), LABEL.byteLength + 9)
  return data
}

/** Seals one block piece by piece and hashes the ciphertext on the way. */
export class BlockSealer {
  readonly #cipher: CipherGCM
  readonly #hash = createHash('sha256')

  constructor(binding: BlockBinding) {
    this.#cipher = createCipheriv('aes-256-gcm', binding.key, nonceOf(binding.block))
    this.#cipher.setAAD(associatedData(binding))
  }

  /** The ciphertext of `plain`, of the same length. */
  update(plain: Uint8Array): Uint8Array {
    const sealed = this.#cipher.update(plain)
    this.#hash.update(sealed)
    return sealed
  }

  /** The tag that ends the block and the sha-256 of all of it. */
  finish(): { tag: Uint8Array; digest: Uint8Array } {
    this.#cipher.final()
    const tag = this.#cipher.getAuthTag()
    this.#hash.update(tag)
    return { tag, digest: new Uint8Array(this.#hash.digest()) }
  }
}

/**
 * Opens a block into `plain`, which must hold at least `sealed.byteLength - 16` bytes, and returns the part of it
 * that was written. Nothing of it may be used when this throws.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when the tag does not fit: altered, or sealed under another key or number
 */
export function openBlock(binding: BlockBinding, sealed: Uint8Array, plain: Uint8Array): Uint8Array {
  const length = sealed.byteLength - TAG_BYTES
  if (length < 0) throw new ShoalError('ERR_CONTENT_INVALID', `block ${binding.block} is too short`)
  const decipher = createDecipheriv('aes-256-gcm', binding.key, nonceOf(binding.block))
  decipher.setAAD(associatedData(binding))
  decipher.setAuthTag(sealed.subarray(length))
  for (let at = 0; at < length; at += PIECE_BYTES) {
    plain.set(decipher.update(sealed.subarray(at, Math.min(length, at + PIECE_BYTES))), at)
  }
  try {
    decipher.final()
  } catch (cause) {
    plain.fill(0, 0, length)
    throw new ShoalError('ERR_CONTENT_INVALID', `block ${binding.block} does not open with this key`, {
      cause,
    })
  }
  return plain.subarray(0, length)
}
