/** Sound in the plainest format: every second of it is at a place that can be computed. */

const RATE = 44_100
const HEADER_BYTES = 44
const FRAME_BYTES = 4

/** A tone of so many seconds: 16 bits, two channels, 176,400 bytes a second. */
export function wav(seconds: number): Buffer {
  const frames = seconds * RATE
  const bytes = Buffer.alloc(HEADER_BYTES + frames * FRAME_BYTES)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.byteLength - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(2, 22)
  bytes.writeUInt32LE(RATE, 24)
  bytes.writeUInt32LE(RATE * FRAME_BYTES, 28)
  bytes.writeUInt16LE(FRAME_BYTES, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(frames * FRAME_BYTES, 40)
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, frames * 2)
  for (let at = 0; at < samples.length; at++) samples[at] = ((at * 7_919) % 65_536) - 32_768
  return bytes
}
