/**
 * What the presets of the network differ in. Only this: whatever a preset does is done by the same code with other
 * values, so that each can be tried against an imitation of the network that it is for. Those of the DHT are
 * `DHT_PRESETS` in dht/dht.ts.
 */
import type { NetworkPreset } from '../options.ts'

export interface PresetConfig {
  /** Devices through which the DHT is joined, when the user names none. */
  readonly bootstrap: readonly string[]
  readonly mdns: boolean
  /** Ask others whether they reach this node, and the router to let them. */
  readonly seeksReachability: boolean
}

/** Of the public IPFS DHT, docs.ipfs.tech/concepts/public-utilities. */
const IPFS_BOOTSTRAP: readonly string[] = [
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt',
  '/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ',
]

export const PRESETS: Readonly<Record<NetworkPreset, PresetConfig>> = {
  public: {
    bootstrap: IPFS_BOOTSTRAP,
    mdns: true,
    seeksReachability: true,
  },
  lan: { bootstrap: [], mdns: true, seeksReachability: false },
  private: {
    bootstrap: [],
    mdns: false,
    seeksReachability: false,
  },
}
