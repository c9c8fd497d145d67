/** The links of shares, with the hints of today. */
import type { CID } from 'multiformats/cid'
import { encodeLink } from '../content/link.ts'
import { addressesForLink } from '../network/address-rules.ts'
import { MAX_LINK_ADDRESSES } from '../network/limits.ts'
import { encodeAddress } from '../network/multiaddrs.ts'
import type { NetworkPreset } from '../options.ts'

export interface LinkHost {
  readonly network: NetworkPreset
  readonly peerId: string
  /** Multiaddrs of this node, each with its peer id. */
  readonly addresses: () => string[]
}

export interface LinkContent {
  readonly root: CID
  /** The share key; absent when public. */
  readonly key?: Uint8Array
  readonly name: string
  /** Sum of file sizes. */
  readonly bytes: number
}

/** Where this node is found now, as links and invitations say it: binary multiaddrs, the best first. */
export function whereFound({ network, peerId, addresses }: LinkHost): {
  readonly peerId: string
  readonly addresses: readonly Uint8Array[]
} {
  const best = addressesForLink(network, addresses()).slice(0, MAX_LINK_ADDRESSES)
  return { peerId, addresses: best.map((address) => encodeAddress(address.replace(`/p2p/${peerId}`, ''))) }
}

/** Makes links with the hints of this moment, which are worked out once: a home may have 100,000 links to tell. */
export function linksOf(host: LinkHost): (content: LinkContent) => string {
  const { peerId, addresses } = whereFound(host)
  return ({ root, key, name, bytes }) =>
    encodeLink({
      root,
      ...(key === undefined ? {} : { key }),
      hints: { name, size: bytes, peerId, addresses },
    })
}
