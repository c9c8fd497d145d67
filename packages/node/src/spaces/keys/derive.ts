/** Everything that is derived or bound in a space, by one rule: a label, then parts of which each tells its length. */
import { hkdfSync } from 'node:crypto'

/** Bytes of every key, id and digest of a space. */
export const KEY_BYTES = 32

/** A part of what a key is bound to: bytes, text as UTF-8, or a whole number as 64 bits. */
export type BindingPart = Uint8Array | string | number

/**
 * The parts as one sequence of bytes that no other parts give: each is preceded by its length as u32be. The first is a
 * label that no other use has.
 */
export function bind(label: string, ...parts: readonly BindingPart[]): Uint8Array {
  const pieces = [label, ...parts].map(bytesOf)
  return new Uint8Array(Buffer.concat(pieces.flatMap((piece) => [lengthOf(piece), piece])))
}

/** 32 bytes: HKDF-SHA-256 (RFC 5869) of `secret`, with the label as salt and the bound parts as info. */
export function derive(secret: Uint8Array, label: string, ...parts: readonly BindingPart[]): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, label, bind(label, ...parts), KEY_BYTES))
}

function bytesOf(part: BindingPart): Uint8Array {
  if (typeof part === 'string') return Buffer.from(part)
  if (typeof part !== 'number') return part
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(part))
  return bytes
}

function lengthOf(piece: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(piece.byteLength)
  return bytes
}
