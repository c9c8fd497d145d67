/**
 * What the presets of the network differ in. Only this: whatever a preset does is done by the same code with other
 * values, so that each can be tried against an imitation of the network that it is for.
 */
import type { NetworkPreset } from '../options.ts'

export interface PresetConfig {
  /** The DHT to belong to; undefined: none. */
  readonly dht:
    | {
        readonly protocol: string
        /** `server`: answers others at once. `reachable`: as soon as others can reach this node, else only asks. */
        readonly mode: 'server' | 'reachable'
        /** How often what is shared is announced again, in milliseconds. */
        readonly reprovideMs: number
      }
    | undefined
  /** Devices through which the DHT is joined, when the user names none. */
  readonly bootstrap: readonly string[]
  readonly mdns: boolean
  /** Ask others whether they reach this node, and the router to let them. */
  readonly seeksReachability: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

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
    dht: { protocol: '/ipfs/kad/1.0.0', mode: 'reachable', reprovideMs: 20 * HOUR_MS },
    bootstrap: IPFS_BOOTSTRAP,
    mdns: true,
    seeksReachability: true,
  },
  lan: { dht: undefined, bootstrap: [], mdns: true, seeksReachability: false },
  private: {
    dht: { protocol: '/shoal/kad/1.0.0', mode: 'server', reprovideMs: 30 * MINUTE_MS },
    bootstrap: [],
    mdns: false,
    seeksReachability: false,
  },
}
