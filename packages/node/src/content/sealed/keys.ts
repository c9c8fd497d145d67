/** Keys of sealed format 1, derived from the share key that a link carries. */
import { hkdfSync } from 'node:crypto'
import type { Part } from './format.ts'

const SALT = 'shoal/sealed/1'
const KEY_BYTES = 32

/** Bytes of a share key. One share key belongs to one finished sealing pass. */
export const SHARE_KEY_BYTES = 32

export type PartKeys = Readonly<Record<Part, Uint8Array>>

function derive(shareKey: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', shareKey, SALT, info, KEY_BYTES))
}

/** The AES-256 keys of the two parts. HKDF-SHA-256, RFC 5869. */
export function partKeys(shareKey: Uint8Array): PartKeys {
  return { data: derive(shareKey, 'data'), manifest: derive(shareKey, 'manifest') }
}

/** What the root carries so that a wrong key is known before anything is opened: 32 bytes. */
export function commitment(shareKey: Uint8Array): Uint8Array {
  return derive(shareKey, 'commit')
}
