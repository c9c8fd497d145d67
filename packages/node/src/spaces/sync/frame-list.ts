/** Several frames in one message: `u32be length || frame`, one after the other. */
import { ShoalError } from '../../errors.ts'

const LENGTH_BYTES = 4

/** Bytes that a frame takes. */
export function listedBytes(frame: Uint8Array): number {
  return LENGTH_BYTES + frame.byteLength
}

export function writeFrames(frames: readonly Uint8Array[]): Uint8Array {
  const parts = frames.flatMap((frame) => {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32BE(frame.byteLength)
    return [length, frame]
  })
  return new Uint8Array(Buffer.concat(parts))
}

/** Views into what came. @throws ShoalError ERR_PROTOCOL */
export function readFrames(untrusted: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(untrusted.buffer, untrusted.byteOffset, untrusted.byteLength)
  const frames: Uint8Array[] = []
  for (let at = 0; at < buffer.byteLength;) {
    const length = buffer.byteLength - at < LENGTH_BYTES ? 0 : buffer.readUInt32BE(at)
    at += LENGTH_BYTES
    if (length === 0 || at + length > buffer.byteLength)
      throw new ShoalError('ERR_PROTOCOL', 'frames of a space are cut off')
    frames.push(untrusted.subarray(at, at + length))
    at += length
  }
  return frames
}
