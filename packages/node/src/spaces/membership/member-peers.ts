/**
 * Where members are: by author key the peer id and addresses that it has told of itself, signed, or that a connection has
 * proved; and who of them serves a content, asked before anybody else is.
 */
import { p2pSuffix, withoutSuffix } from '../../content/link-hints.ts'
import { ShoalError } from '../../errors.ts'
import { peerIdFromPublicKey, publicKeyFromPeerId } from '../../identity/peer-id.ts'
import { decodeAddress, encodeAddress } from '../../network/multiaddrs.ts'
import type { Hex } from '../auth/action.ts'
import { MAX_ADDRESS_BYTES, MAX_ADDRESSES, MAX_FREE_CLASS, TAG_BYTES } from './limits.ts'
import type { SpaceMembership } from './space-membership.ts'
import type { BeaconContent } from './statement.ts'

export interface MemberPeer {
  readonly member: Hex
  readonly peerId: string
  /** Multiaddrs with the peer id. */
  readonly addresses: readonly string[]
}

export class MemberPeers {
  readonly #membership: Pick<SpaceMembership, 'presence' | 'of'>
  /** What connections proved, and an earlier run remembered. */
  readonly #proven = new Map<Hex, MemberPeer>()

  constructor(membership: Pick<SpaceMembership, 'presence' | 'of'>) {
    this.#membership = membership
  }

  /** A connection has proved to be this member's; without addresses where the member made it. */
  prove(member: Hex, peerId: string, addresses: readonly string[]): void {
    const before = this.#proven.get(member)
    const known = before?.peerId === peerId ? before.addresses : []
    const all = [...new Set([...addresses, ...known])].slice(0, MAX_ADDRESSES)
    this.#proven.set(member, { member, peerId, addresses: all })
  }

  /** Forgets those who are no members any more. */
  setMembers(members: ReadonlySet<Hex>): void {
    for (const member of this.#proven.keys()) if (!members.has(member)) this.#proven.delete(member)
  }

  /** Where to look for a member; undefined when nothing is known. */
  of(member: Hex): MemberPeer | undefined {
    return this.#peerOf(member, this.#membership.of(member)?.content)
  }

  /**
   * Members that are there and may serve a content, the likeliest first: those that name it, those that serve everything, the rest.
   *
   * @param digest provider key of the content, 32 bytes
   */
  providers(digest: Uint8Array): MemberPeer[] {
    const tag = digest.subarray(0, TAG_BYTES)
    const rank = (content: BeaconContent | undefined): number => {
      if (content?.tags.some((known) => Buffer.compare(known, tag) === 0) === true) return 0
      return content?.servesAll === true ? 1 : 2
    }
    return this.#membership
      .presence()
      .filter(({ state }) => state === 'online')
      .toSorted((a, b) => rank(a.content) - rank(b.content))
      .map(({ member, content }) => this.#peerOf(member, content))
      .filter((peer) => peer !== undefined)
  }

  /** What it says of itself is newer than what a connection proved, unless it is of another peer. */
  #peerOf(member: Hex, content: BeaconContent | undefined): MemberPeer | undefined {
    const proven = this.#proven.get(member)
    if (content === undefined) return proven
    const peerId = peerIdFromPublicKey(content.peerKey)
    const said = content.addresses
      .map(decodeAddress)
      .filter((address) => address !== undefined && !address.includes('/p2p/'))
      .map((address) => `${address}/p2p/${peerId}`)
    const known = proven?.peerId === peerId ? proven.addresses : []
    return { member, peerId, addresses: [...new Set([...known, ...said])].slice(0, MAX_ADDRESSES * 2) }
  }
}

/**
 * What a beacon says of where this node is. Addresses are text, with the peer id or without; those that do not fit are left out.
 *
 * @throws ShoalError ERR_OPTIONS_INVALID for a peer id that is none
 */
export function whereabouts(
  peerId: string,
  addresses: readonly string[],
): Pick<BeaconContent, 'peerKey' | 'addresses'> {
  const peerKey = publicKeyFromPeerId(peerId)
  if (peerKey === undefined) throw new ShoalError('ERR_OPTIONS_INVALID', 'a member has an Ed25519 key')
  const suffix = p2pSuffix(peerKey)
  const short = addresses
    .map((address) => withoutSuffix(encodeAddress(address), suffix))
    .filter(({ byteLength }) => byteLength > 0 && byteLength <= MAX_ADDRESS_BYTES)
  return { peerKey, addresses: short.slice(0, MAX_ADDRESSES) }
}

/** Class of free space as beacons tell it: 0 is less than 1 GiB, k at least 4^(k-1) GiB. */
export function freeClass(freeBytes: number): number {
  const gib = freeBytes / 2 ** 30
  return gib < 1 ? 0 : Math.min(MAX_FREE_CLASS, 1 + Math.floor(Math.log2(gib) / 2))
}
