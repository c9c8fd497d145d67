/** The fetches that run in a node, for who wants to look at them. */
import type { SourcesEvent } from '../../events.ts'
import type { RunningFetch } from './running-fetch.ts'

export class RunningFetches {
  readonly #fetches = new Set<RunningFetch>()

  /** Returns how to take it out again. */
  add(fetch: RunningFetch): () => void {
    this.#fetches.add(fetch)
    return () => this.#fetches.delete(fetch)
  }

  /** Who gives each what it brings, in the order in which they began. @param root only those of this one */
  sources(root?: string): SourcesEvent[] {
    const fetches = [...this.#fetches].filter((fetch) => root === undefined || fetch.root === root)
    return fetches.map((fetch) => fetch.sources())
  }
}
