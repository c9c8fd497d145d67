/** What this node serves, whole shares and what running fetches have, found by the digest of the provider key. */
import { providerDigest } from '../../content/cid.ts'
import type { ContentSource } from '../../store/content-source.ts'

export interface ShareRegistryInit {
  /** Told of each root that is served from now on, and no longer: the digest of its provider key. */
  readonly onServed?: (digest: Uint8Array) => void
  readonly onGone?: (digest: Uint8Array) => void
}

export class ShareRegistry {
  readonly #init: ShareRegistryInit
  /** The same content may be here several times: one source is served, the others stand behind it. */
  readonly #byDigest = new Map<string, ContentSource[]>()
  readonly #listeners = new Set<() => void>()

  constructor(init: ShareRegistryInit = {}) {
    this.#init = init
  }

  add(source: ContentSource): void {
    const digest = providerDigest(source.root)
    const sources = this.#byDigest.get(textOf(digest))
    if (sources === undefined) {
      this.#byDigest.set(textOf(digest), [source])
      this.#init.onServed?.(digest)
    } else {
      sources.push(source)
    }
    for (const listener of this.#listeners) listener()
  }

  /** Forgets one source. True when no other of its root is left. */
  remove(source: ContentSource): boolean {
    const digest = providerDigest(source.root)
    const key = textOf(digest)
    const left = (this.#byDigest.get(key) ?? []).filter((other) => other !== source)
    if (left.length > 0) this.#byDigest.set(key, left)
    else if (this.#byDigest.delete(key)) this.#init.onGone?.(digest)
    for (const listener of this.#listeners) listener()
    return left.length === 0
  }

  /** What is served of a root: the newest that has everything, else the newest that has a part. */
  find(digest: Uint8Array): ContentSource | undefined {
    return this.findWhole(digest) ?? this.#byDigest.get(textOf(digest))?.at(-1)
  }

  /** A share with every block: what this node need not fetch from anybody. */
  findWhole(digest: Uint8Array): ContentSource | undefined {
    return this.#byDigest.get(textOf(digest))?.findLast(({ held }) => held === undefined)
  }

  /** Roots that are served, whole or in part. */
  get size(): number {
    return this.#byDigest.size
  }

  /** Calls back when what is served is another. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64')
}
