/** The shares that this node serves, found by the digest of their provider key. */
import type { CID } from 'multiformats/cid'
import { providerDigest } from '../content/cid.ts'
import type { ContentSource } from '../store/content-source.ts'

export class ShareRegistry {
  /** The same public content may be shared from several places: the newest is served, the others stand behind it. */
  readonly #byDigest = new Map<string, ContentSource[]>()

  add(source: ContentSource): void {
    const key = keyOf(source.root)
    const sources = this.#byDigest.get(key)
    if (sources === undefined) this.#byDigest.set(key, [source])
    else sources.push(source)
  }

  /** Forgets one source. True when no other of its root is left. */
  remove(source: ContentSource): boolean {
    const key = keyOf(source.root)
    const left = (this.#byDigest.get(key) ?? []).filter((other) => other !== source)
    if (left.length > 0) this.#byDigest.set(key, left)
    else this.#byDigest.delete(key)
    return left.length === 0
  }

  find(digest: Uint8Array): ContentSource | undefined {
    return this.#byDigest.get(textOf(digest))?.at(-1)
  }
}

function keyOf(root: CID): string {
  return textOf(providerDigest(root))
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64')
}
