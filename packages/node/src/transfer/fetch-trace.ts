/** One fetch over time, for who wants to see where it went. Nobody has to: without one nothing is noted. */
import type { FoundBy } from '../events.ts'
import type { Host } from '../network/host.ts'

export interface FetchTrace {
  /** Nobody is connected, and somebody is looked for. */
  readonly asking: (sources: readonly FoundBy[]) => void
  readonly connected: (source: FoundBy) => void
  /** It is known what comes. */
  readonly planned: (facts: { readonly bytes: number; readonly files: number }) => void
  /** Every block is here; what is left is to make it durable and to give it its name. */
  readonly verified: () => void
  /** Dials that are noted. */
  readonly dials: (dial: Host['dial']) => Host['dial']
  readonly done: (facts: { readonly bytesFetched: number; readonly bytesReused: number }) => void
  readonly failed: (error: unknown) => void
}

/** Undefined where nobody traces. */
export type TraceFetch = (root: string) => Promise<FetchTrace> | undefined
