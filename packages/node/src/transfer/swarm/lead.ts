/** Leads: ways to reach somebody who may have what a link names, and where they come from. */
import type { CID } from 'multiformats/cid'
import { providerDigest } from '../../content/cid.ts'
import type { Link } from '../../content/link.ts'
import { ShoalError } from '../../errors.ts'
import type { FoundBy } from '../../events.ts'
import { mayDialFromLink, type AddressOrigin } from '../../network/address-rules.ts'
import type { Channel } from '../../network/channel.ts'
import type { Discovery } from '../../network/discovery.ts'
import type { Host } from '../../network/host.ts'
import { decodeAddress } from '../../network/multiaddrs.ts'
import type { Candidate, ProviderSource } from '../../network/provider-source.ts'
import type { NetworkPreset } from '../../options.ts'

export interface Lead {
  /** Names the device, so that it is not tried twice at a time. */
  readonly key: string
  /** The device, where its id is known before it is dialled. */
  readonly peerId?: string
  /** Rejects with ERR_NO_PROVIDER when it does not answer. */
  readonly connect: (signal: AbortSignal) => Promise<Channel>
}

export interface LeadSource {
  readonly name: FoundBy
  /** Leads as they are heard of. Ends when it knows no more for now; then it is asked again after a pause. */
  readonly leads: (signal: AbortSignal) => AsyncIterable<Lead>
  /** Its addresses were chosen by the user or the sender: a fault in them is told, not passed over. */
  readonly isTrusted: boolean
  /** Whether it can know anybody now. @defaultValue it can */
  readonly isReady?: () => boolean
}

export interface LeadParts {
  readonly network: NetworkPreset
  /** Multiaddrs with peer ids that are asked for everything, besides those in the link. */
  readonly peers: readonly string[]
  /** The network's own ways of finding somebody, told what came of them. */
  readonly discovery: Pick<Discovery, 'sources' | 'findPeer' | 'met' | 'lacked'>
  /** A channel to this node itself, if it shares the root. */
  readonly dialSelf: (root: CID) => Channel | undefined
  /** Opens a channel to this node itself, if it has a part of the root. @defaultValue what it has in part is not asked for */
  readonly ownPart?: (root: CID) => (() => Channel) | undefined
  /** Opens a channel to one device at any of its addresses. */
  readonly dial: Host['dial']
}

/** Where to look for who has what a link names. A node that has it itself asks nobody. */
export function leadSources(
  parts: LeadParts,
  link: Link,
  morePeers: readonly string[],
  more: readonly ProviderSource[] = [],
): LeadSource[] {
  const own = parts.dialSelf(link.root)
  if (own !== undefined) return [selfSource(parts, link.root, own)]
  const part = parts.ownPart?.(link.root)
  const fromLink = linkLead(parts, link)
  const named = [...parts.peers, ...morePeers]
  const digest = providerDigest(link.root)
  return [
    // It may be over before it is asked, which is nobody's fault.
    ...(part === undefined
      ? []
      : [sourceOf('self', false, () => [{ key: 'self', connect: async () => part() }])]),
    ...(fromLink === undefined ? [] : [sourceOf('link', true, () => [fromLink])]),
    ...(named.length === 0
      ? []
      : [
          sourceOf('peer', true, () =>
            named.map((peer) => ({
              key: peer,
              ...idIn(peer),
              connect: (signal) => parts.dial([peer], signal, 'named'),
            })),
          ),
        ]),
    ...[...parts.discovery.sources, ...more].map((source) => sourceOfNetwork(parts, source, digest)),
  ]
}

function selfSource({ dialSelf }: LeadParts, root: CID, first: Channel): LeadSource {
  let fresh: Channel | undefined = first
  const connect = async (): Promise<Channel> => {
    const channel = fresh ?? dialSelf(root)
    fresh = undefined
    if (channel === undefined) throw new ShoalError('ERR_NO_PROVIDER', 'this device shares it no more')
    return channel
  }
  return sourceOf('self', true, () => [{ key: 'self', connect }])
}

function sourceOf(name: FoundBy, isTrusted: boolean, leads: () => readonly Lead[]): LeadSource {
  return {
    name,
    isTrusted,
    leads: async function* () {
      yield* leads()
    },
  }
}

function sourceOfNetwork(parts: LeadParts, source: ProviderSource, digest: Uint8Array): LeadSource {
  const origin = source.name === 'dht' || source.name === 'exchange' ? 'record' : 'named'
  const { isReady } = source
  return {
    name: source.name,
    isTrusted: false,
    leads: async function* (signal) {
      for await (const candidate of source.find(digest, signal)) yield leadOf(parts, candidate, origin)
    },
    ...(isReady === undefined ? {} : { isReady: () => isReady.call(source) }),
  }
}

/** The device that made the link: at the addresses in it, and when none of them answers where its id leads to. */
function linkLead(parts: LeadParts, link: Link): Lead | undefined {
  const { peerId, addresses = [] } = link.hints
  const usable = addresses
    .map(decodeAddress)
    .filter((address) => address !== undefined)
    .filter((address) => mayDialFromLink(parts.network, address))
    .map((address) =>
      peerId === undefined || address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`,
    )
  if (peerId !== undefined) return leadOf(parts, { peerId, addresses: usable }, 'named')
  const [first] = usable
  return first === undefined
    ? undefined
    : { key: first, ...idIn(first), connect: (signal) => parts.dial(usable, signal, 'named') }
}

function leadOf(
  { dial, discovery }: LeadParts,
  { peerId, addresses }: Candidate,
  origin: AddressOrigin,
): Lead {
  const lookUp = async (signal: AbortSignal): Promise<Channel> => {
    const known = new Set(addresses)
    const found = (await discovery.findPeer(peerId, signal)).filter((address) => !known.has(address))
    signal.throwIfAborted()
    if (found.length === 0) throw new ShoalError('ERR_NO_PROVIDER', 'no address of that device is known')
    return dial(found, signal, 'record')
  }
  const connect = async (signal: AbortSignal): Promise<Channel> => {
    if (addresses.length === 0) return lookUp(signal)
    try {
      return await dial(addresses, signal, origin)
    } catch (error) {
      signal.throwIfAborted()
      return lookUp(signal).catch(() => {
        throw error
      })
    }
  }
  return { key: peerId, peerId, connect }
}

function idIn(address: string): { peerId?: string } {
  const [, peerId] = /\/p2p\/([^/]+)$/.exec(address) ?? []
  return peerId === undefined ? {} : { peerId }
}
