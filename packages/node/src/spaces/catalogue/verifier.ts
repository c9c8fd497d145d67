/** Whose signatures count in a catalogue: strict Ed25519, with keys kept ready and threads to verify on. */
import { verify, type KeyObject } from 'node:crypto'
import { isStrictSignature, strictKey } from '../ed25519.ts'

/** A simulation may put a keyed hash in its place. */
export interface Verifier {
  verify: (publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array) => boolean
}

/** Keys kept ready: parsing one takes as long as a fifth of a verification. */
const MAX_KEYS = 1_024

export class Ed25519Verifier implements Verifier {
  /** By the key in Latin-1; the oldest goes first. Undefined for what is no key. */
  readonly #keys = new Map<string, KeyObject | undefined>()

  verify(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
    const key = this.#ready(publicKey, signature)
    return key !== undefined && verify(null, signed, key, signature)
  }

  /** The same on a thread of the pool, so that several run at once and the caller goes on. */
  verifyAside(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const key = this.#ready(publicKey, signature)
    if (key === undefined) return Promise.resolve(false)
    return new Promise((resolve, reject) => {
      verify(null, signed, key, signature, (error, isGood) => {
        if (error === null) resolve(isGood)
        else reject(error)
      })
    })
  }

  #ready(publicKey: Uint8Array, signature: Uint8Array): KeyObject | undefined {
    return isStrictSignature(signature) ? this.#keyOf(publicKey) : undefined
  }

  #keyOf(publicKey: Uint8Array): KeyObject | undefined {
    const name = Buffer.from(publicKey).toString('latin1')
    if (this.#keys.has(name)) return this.#keys.get(name)
    const key = strictKey(publicKey)
    if (this.#keys.size >= MAX_KEYS) this.#keys.delete(this.#keys.keys().next().value as string)
    this.#keys.set(name, key)
    return key
  }
}
