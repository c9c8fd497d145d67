/** All that a node knows of finding others, and of being found: its sources, its announcements, and their state. */
import type { DiscoveryStatus } from '../events.ts'
import type { ProviderSource } from './provider-source.ts'

export interface Discovery {
  /** Asked at once for who has some content. */
  readonly sources: readonly ProviderSource[]
  /** Addresses of a device of which only the id is known; none when nobody knows them. Does not reject. */
  findPeer: (peerId: string, signal: AbortSignal) => Promise<readonly string[]>
  /** Lets others find this node by a provider key: 32 bytes, as `providerDigest` makes it. */
  announce: (digest: Uint8Array) => void
  /** Ends that. What others remember is forgotten by them after two days at most. */
  withdraw: (digest: Uint8Array) => void
  status: () => Omit<DiscoveryStatus, 'sources' | 'connected'>
}
