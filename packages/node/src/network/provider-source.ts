/** Where those who can serve a root are heard of: each way of finding them is one source, and all are asked at once. */

import type { SourceName } from '../events.ts'

export type { SourceName } from '../events.ts'

/** A device that may have what is looked for. */
export interface Candidate {
  readonly peerId: string
  /** Multiaddrs, each with the peer id, that the rules of the preset allow; none: the peer is to be looked up by its id. */
  readonly addresses: readonly string[]
}

export interface ProviderSource {
  readonly name: SourceName
  /**
   * Devices that may have the content with this provider key, as they are heard of. Ends when the source knows no more for
   * now, and when the signal aborts. Does not throw: a source that fails knows nobody.
   *
   * @param digest 32 bytes, as `providerDigest` makes it
   */
  find: (digest: Uint8Array, signal: AbortSignal) => AsyncIterable<Candidate>
  /** Whether it is in touch with anybody whom it could ask. @defaultValue it is */
  isReady?: () => boolean
}
