/** IP addresses as bytes, and the range that each lies in. Pure. */
import { isIPv4, isIPv6 } from 'node:net'

/** `reserved`: documentation, benchmarks, retired or unassigned space, where no peer can be. */
export type IpRange =
  | 'loopback'
  | 'link-local'
  | 'unspecified'
  | 'multicast'
  | 'private'
  | 'public'
  | 'reserved'

type Rule = readonly [prefix: string, length: number, range: IpRange]

/** IANA special-purpose registry; the first that matches decides. */
const IPV4_RULES: readonly Rule[] = [
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  // 240/4 holds no host either; the broadcast address is in it.
  ['224.0.0.0', 3, 'multicast'],
]

const IPV6_RULES: readonly Rule[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['3fff::', 20, 'reserved'],
  ['2000::', 3, 'public'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['ff00::', 8, 'multicast'],
]

/** IPv6 prefixes behind which an IPv4 address stands, and at which byte: mapped, translated, 6to4, compatible. */
const EMBEDDED_IPV4: readonly (readonly [prefix: string, length: number, at: number])[] = [
  ['::ffff:0:0', 96, 12],
  ['64:ff9b::', 96, 12],
  ['2002::', 16, 2],
  ['::', 96, 12],
]

/** 4 or 16 bytes, or undefined for what is no IP address. */
export function ipBytes(host: string): Uint8Array | undefined {
  if (isIPv4(host)) return Uint8Array.from(host.split('.').map(Number))
  if (!isIPv6(host) || host.includes('%')) return undefined
  const groups = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)]
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
          return [a * 256 + b, c * 256 + d]
        })
  const [head = '', tail = ''] = host.split('::')
  const before = groups(head)
  const after = groups(tail)
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** Do the first `length` bits of both agree? False for addresses of two families. */
export function isWithin(ip: Uint8Array, network: Uint8Array, length: number): boolean {
  if (ip.byteLength !== network.byteLength) return false
  for (let at = 0, left = length; left > 0; at++, left -= 8) {
    const shift = Math.max(0, 8 - left)
    if ((ip[at] as number) >> shift !== (network[at] as number) >> shift) return false
  }
  return true
}

/** The IPv4 address that an IPv6 one stands for; else the address itself. */
export function embeddedIp(ip: Uint8Array): Uint8Array {
  if (ip.byteLength === 4 || isWithin(ip, bytes('::'), 127)) return ip
  const found = EMBEDDED_IPV4.find(([prefix, length]) => isWithin(ip, bytes(prefix), length))
  return found === undefined ? ip : ip.subarray(found[2], found[2] + 4)
}

/** Whoever hides a local IPv4 address inside an IPv6 one still means the local one. */
export function rangeOfIp(ip: Uint8Array): IpRange {
  const real = embeddedIp(ip)
  const rules = real.byteLength === 4 ? IPV4_RULES : IPV6_RULES
  const found = rules.find(([prefix, length]) => isWithin(real, bytes(prefix), length))
  if (found !== undefined) return found[2]
  return real.byteLength === 4 ? 'public' : 'reserved'
}

const parsed = new Map<string, Uint8Array>()

/** The rules above as bytes, each parsed once. */
function bytes(prefix: string): Uint8Array {
  let known = parsed.get(prefix)
  if (known === undefined) {
    known = ipBytes(prefix) as Uint8Array
    parsed.set(prefix, known)
  }
  return known
}
