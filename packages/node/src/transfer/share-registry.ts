/** The shares that this node serves, found by the digest of their provider key. */
import { providerDigest } from '../content/cid.ts'
import type { ContentSource } from '../store/content-source.ts'

export interface ShareRegistryInit {
  /** Told of each root that is served from now on, and no longer: the digest of its provider key. */
  readonly onServed?: (digest: Uint8Array) => void
  readonly onGone?: (digest: Uint8Array) => void
}

export class ShareRegistry {
  readonly #init: ShareRegistryInit
  /** The same public content may be shared from several places: the newest is served, the others stand behind it. */
  readonly #byDigest = new Map<string, ContentSource[]>()

  constructor(init: ShareRegistryInit = {}) {
    this.#init = init
  }

  add(source: ContentSource): void {
    const digest = providerDigest(source.root)
    const sources = this.#byDigest.get(textOf(digest))
    if (sources !== undefined) {
      sources.push(source)
      return
    }
    this.#byDigest.set(textOf(digest), [source])
    this.#init.onServed?.(digest)
  }

  /** Forgets one source. True when no other of its root is left. */
  remove(source: ContentSource): boolean {
    const digest = providerDigest(source.root)
    const key = textOf(digest)
    const left = (this.#byDigest.get(key) ?? []).filter((other) => other !== source)
    if (left.length > 0) this.#byDigest.set(key, left)
    else if (this.#byDigest.delete(key)) this.#init.onGone?.(digest)
    return left.length === 0
  }

  find(digest: Uint8Array): ContentSource | undefined {
    return this.#byDigest.get(textOf(digest))?.at(-1)
  }
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64')
}
