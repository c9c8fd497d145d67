/** Verifies a block of a sealed share that a peer sent, and opens it in memory. */
import { TAG_BYTES } from '../../content/sealed/format.ts'
import { bindingOf } from '../../store/sealing.ts'
import type { Sealed } from './sealed-root.ts'

/**
 * The plaintext, over the received bytes where those lie in shared memory; undefined when the bytes are not the block.
 *
 * @param expected digest of the block
 * @throws ShoalError ERR_CONTENT_INVALID when the block is the promised one and does not open
 */
export async function openReceived(
  { shape, keys, workers }: Sealed,
  block: number,
  received: Uint8Array,
  expected: Uint8Array,
): Promise<Uint8Array | undefined> {
  const bytes = inSharedMemory(received)
  const isVerified = await workers.open({ bytes, expected, binding: bindingOf(shape, keys, block) })
  return isVerified ? bytes.subarray(0, bytes.byteLength - TAG_BYTES) : undefined
}

/** The bytes where a worker can write as well. */
function inSharedMemory(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const { buffer } = bytes
  if (buffer instanceof SharedArrayBuffer) return new Uint8Array(buffer, bytes.byteOffset, bytes.byteLength)
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  shared.set(bytes)
  return shared
}
