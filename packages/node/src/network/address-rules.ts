/** Which addresses a preset of the network offers to others and dials. Pure. */
import { isIPv4, isIPv6 } from 'node:net'
import type { NetworkPreset } from '../options.ts'

export type AddressRange =
  | 'loopback'
  | 'link-local'
  | 'unspecified'
  | 'multicast'
  | 'private'
  | 'public'
  | 'name'

/** The range that the host part of a multiaddr (`/ip4/...`, `/ip6/...`, `/dns...`) lies in. */
export function rangeOf(multiaddr: string): AddressRange {
  const [, protocol = '', host = ''] = multiaddr.split('/')
  if (protocol === 'ip4' && isIPv4(host)) return rangeOfIPv4(host)
  if (protocol === 'ip6' && isIPv6(host)) return rangeOfIPv6(host.toLowerCase())
  return 'name'
}

function rangeOfIPv4(host: string): AddressRange {
  const [a = 0, b = 0] = host.split('.').map(Number)
  if (a === 0) return 'unspecified'
  if (a === 127) return 'loopback'
  if (a === 169 && b === 254) return 'link-local'
  if (a >= 224) return 'multicast'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'public'
}

function rangeOfIPv6(host: string): AddressRange {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(host)
  if (mapped !== null) return rangeOfIPv4(mapped[1] as string)
  if (host === '::') return 'unspecified'
  if (host === '::1') return 'loopback'
  if (/^fe[89ab]/.test(host)) return 'link-local'
  if (host.startsWith('ff')) return 'multicast'
  return /^f[cd]/.test(host) ? 'private' : 'public'
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
