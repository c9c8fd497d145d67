/** Addresses as links carry them, binary, and as people write them. */
import { multiaddr } from '@multiformats/multiaddr'

/** The binary form of an address. */
export function encodeAddress(address: string): Uint8Array {
  return multiaddr(address).bytes
}

/** The text of a binary address from a link or a peer, or undefined when it is none. */
export function decodeAddress(untrusted: Uint8Array): string | undefined {
  try {
    return multiaddr(untrusted).toString()
  } catch {
    return undefined
  }
}
