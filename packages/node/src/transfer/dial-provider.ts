/** Opens a channel to who has what a link names: this node itself, the addresses in the link, peers that are given. */
import type { CID } from 'multiformats/cid'
import type { Link } from '../content/link.ts'
import { ShoalError } from '../errors.ts'
import { mayDialFromLink } from '../network/address-rules.ts'
import type { Channel } from '../network/channel.ts'
import { decodeAddress } from '../network/multiaddrs.ts'
import type { NetworkPreset } from '../options.ts'

export interface ProviderDial {
  readonly network: NetworkPreset
  /** Multiaddrs with peer ids that are asked for everything, besides those in the link. */
  readonly peers: readonly string[]
  /** A channel to this node itself, if it shares the root. */
  readonly dialSelf: (root: CID) => Channel | undefined
  readonly dial: (addresses: readonly string[], signal?: AbortSignal) => Promise<Channel>
}

/** @throws ShoalError ERR_NO_PROVIDER when nobody answers; what `dial` throws */
export function dialProvider(
  { network, peers, dial, dialSelf }: ProviderDial,
  link: Link,
  morePeers: readonly string[],
  signal: AbortSignal,
): Promise<Channel> {
  const own = dialSelf(link.root)
  if (own !== undefined) return Promise.resolve(own)
  const { peerId, addresses = [] } = link.hints
  const fromLink = addresses
    .map(decodeAddress)
    .filter((address) => address !== undefined)
    .filter((address) => mayDialFromLink(network, address))
    .map((address) =>
      peerId === undefined || address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`,
    )
  // One dial is for one peer: the addresses in the link, then each peer that the options name.
  const others = [...peers, ...morePeers].map((peer) => [peer])
  const candidates = [fromLink, ...others].filter((list) => list.length > 0)
  if (candidates.length === 0) {
    return Promise.reject(
      new ShoalError('ERR_NO_PROVIDER', 'this link names no address that can be reached from this network'),
    )
  }
  return firstOf(candidates.map((list) => () => dial(list, signal)))
}

/** The first of several dials that works; the error of the first when none does. */
async function firstOf(dials: readonly (() => Promise<Channel>)[]): Promise<Channel> {
  let failure: unknown
  for (const dial of dials) {
    try {
      return await dial()
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}
