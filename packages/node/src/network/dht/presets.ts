/** What differs between the networks, as far as the distributed hash table goes. */
import { rangeOf } from '../address-rules.ts'
import { PRIVATE_RECORDS_PER_PEER, REANNOUNCE_MS, RECORD_LIMITS } from './limits.ts'

export interface DhtSettings {
  readonly protocol: string
  /** Does this node answer others? `auto`: once libp2p thinks that it can be reached from outside. */
  readonly mode: 'server' | 'client' | 'auto'
  /** How often each key is announced again, in milliseconds. */
  readonly reannounceMs: number
  /** Records kept of one provider. */
  readonly maxRecordsPerPeer: number
  /** Multiaddrs of peers whose subnet does not count for the diversity of the routing table. */
  readonly isExempt: (multiaddr: string) => boolean
}

export const DHT_PRESETS = {
  private: {
    protocol: '/shoal/kad/1.0.0',
    mode: 'server',
    reannounceMs: REANNOUNCE_MS.private,
    maxRecordsPerPeer: PRIVATE_RECORDS_PER_PEER,
    // A network of one's own is often one subnet.
    isExempt: (multiaddr) => ['loopback', 'private', 'link-local'].includes(rangeOf(multiaddr)),
  },
  public: {
    protocol: '/ipfs/kad/1.0.0',
    mode: 'auto',
    reannounceMs: REANNOUNCE_MS.public,
    maxRecordsPerPeer: RECORD_LIMITS.maxRecordsPerPeer,
    isExempt: () => false,
  },
} as const satisfies Record<string, DhtSettings>
