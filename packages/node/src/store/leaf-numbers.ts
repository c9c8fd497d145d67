/** Numbers of public leaves by their CID; worked out when the first is asked for, which few peers do. */
import type { CID } from 'multiformats/cid'
import { digestsEqual } from '../content/cid.ts'
import type { PublicLeaves } from '../content/unixfs/leaves.ts'

export class LeafNumbers {
  readonly #leaves: PublicLeaves
  #numbers: ReadonlyMap<string, number> | undefined

  constructor(leaves: PublicLeaves) {
    this.#leaves = leaves
  }

  of(cid: CID): number | undefined {
    const leaves = this.#leaves
    if (this.#numbers === undefined) {
      const numbers = new Map<string, number>()
      for (let i = 0; i < leaves.count; i++) numbers.set(textOf(leaves.digestOf(i)), i)
      this.#numbers = numbers
    }
    const number = this.#numbers.get(textOf(cid.multihash.digest))
    const isSame = number !== undefined && digestsEqual(leaves.cidOf(number).bytes, cid.bytes)
    return isSame ? number : undefined
  }
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64')
}
