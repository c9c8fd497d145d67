/** Which addresses a preset of the network offers to others and dials. Pure. */
import type { NetworkPreset } from '../options.ts'
import { embeddedIp, ipBytes, isWithin, rangeOfIp, type IpRange } from './ip-range.ts'

export type AddressRange = Exclude<IpRange, 'reserved'> | 'name'

/**
 * `named`: by the user, in a link or in the options; by a device of the local network; or it worked before. `record`: by a
 * stranger, however it reached us.
 */
export type AddressOrigin = 'named' | 'record'

/** An address of this machine and how many leading bits all addresses of its network share. */
export interface Subnet {
  readonly address: string
  readonly prefixLength: number
}

/** `/ip4/H/tcp/N`, `/ip6/H/tcp/N` or `/dns[46]/H/tcp/N`, with or without a peer id: all that is ever dialled. */
const DIALLABLE = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/([0-9]+)(?:\/p2p\/[^/]+)?$/

/** The range that the host part of a multiaddr (`/ip4/...`, `/ip6/...`, `/dns...`) lies in. */
export function rangeOf(multiaddr: string): AddressRange {
  const [, protocol = '', host = ''] = multiaddr.split('/')
  const ip = protocol === 'ip4' || protocol === 'ip6' ? ipBytes(host) : undefined
  if (ip === undefined) return 'name'
  const range = rangeOfIp(ip)
  return range === 'reserved' ? 'public' : range
}

/** Host and port of an address that this host has a transport for, or undefined. */
export function parseDiallable(
  multiaddr: string,
): { readonly isName: boolean; readonly host: string; readonly port: number } | undefined {
  const [, protocol, host, port] = DIALLABLE.exec(multiaddr) ?? []
  if (protocol === undefined || host === undefined) return undefined
  return { isName: protocol.startsWith('dns'), host, port: Number(port) }
}

/** Addresses worth writing into a link, best first: those that another device can reach under this preset. */
export function addressesForLink(preset: NetworkPreset, addresses: readonly string[]): string[] {
  const order: readonly AddressRange[] =
    preset === 'private' ? ['public', 'name', 'private', 'loopback'] : ['public', 'name', 'private']
  return addresses
    .filter((address) => order.includes(rangeOf(address)))
    .toSorted((a, b) => order.indexOf(rangeOf(a)) - order.indexOf(rangeOf(b)))
}

/**
 * May an address that stands in a link be dialled? Whatever its range, but loopback only in `private` and nothing
 * beyond the local network in `lan`.
 */
export function mayDialFromLink(preset: NetworkPreset, address: string): boolean {
  const range = rangeOf(address)
  if (range === 'unspecified' || range === 'multicast') return false
  if (range === 'loopback') return preset === 'private'
  return preset !== 'lan' || range === 'private' || range === 'link-local'
}

/**
 * May an address be dialled that a stranger named: a record of the DHT, peer exchange, identify? A stranger must not
 * be able to point us at this machine or at what stands beside it.
 *
 * - `public`: public addresses and names, and private ones of a network that this machine is in. What a name
 *   resolves to is judged again when it is dialled.
 * - `lan`: private and link-local ones of a network that this machine is in.
 * - `private`: everything that can be a host.
 *
 * An address of this machine itself is never dialled but in `private`, where many nodes share one machine.
 */
export function mayDialFromRecord(
  preset: NetworkPreset,
  address: string,
  ownSubnets: readonly Subnet[],
): boolean {
  const target = parseDiallable(address)
  if (target === undefined || target.port === 0) return false
  return target.isName ? preset !== 'lan' : mayReach(preset, target.host, ownSubnets)
}

/**
 * May an address be remembered and passed on that a stranger named? As above, whatever its transport is: others may
 * speak it. A `/dnsaddr` is none: to resolve it is a dial already.
 */
export function mayKeepFromRecord(
  preset: NetworkPreset,
  address: string,
  ownSubnets: readonly Subnet[],
): boolean {
  const [, protocol, host = ''] = address.split('/')
  if (protocol === 'ip4' || protocol === 'ip6') return mayReach(preset, host, ownSubnets)
  return /^dns[46]?$/.test(protocol ?? '') && preset !== 'lan'
}

function mayReach(preset: NetworkPreset, host: string, ownSubnets: readonly Subnet[]): boolean {
  const ip = ipBytes(host)
  if (ip === undefined) return false
  const range = rangeOfIp(ip)
  if (range === 'unspecified' || range === 'multicast') return false
  if (preset === 'private') return true
  const own = ownSubnets.flatMap(({ address, prefixLength }) => {
    const bytes = ipBytes(address)
    return bytes === undefined ? [] : [{ ip: bytes, prefixLength }]
  })
  const real = embeddedIp(ip)
  if (own.some((subnet) => isWithin(real, subnet.ip, subnet.ip.byteLength * 8))) return false
  if (preset === 'public' && range === 'public') return true
  if (range !== 'private' && !(preset === 'lan' && range === 'link-local')) return false
  // Not of `real`: no honest record hides a private address in an IPv6 one.
  return own.some((subnet) => isWithin(ip, subnet.ip, subnet.prefixLength))
}
