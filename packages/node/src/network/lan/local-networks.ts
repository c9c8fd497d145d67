/** The networks that this machine is on, and what lies on them. Pure. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { NetworkPreset } from '../../options.ts'
import { rangeOf } from '../address-rules.ts'
import { MDNS_LIMITS } from './limits.ts'

/** One address of an interface, as the system tells it. */
export interface InterfaceAddress {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6'
  /** Address and number of bits of the network, `192.168.1.7/24`. */
  readonly cidr: string | null
  /** Of IPv6: number of the interface, where the address is link-local. */
  readonly scopeid?: number
}

/** The machine's interfaces by name, of the shape of `os.networkInterfaces`. */
export type NamedInterfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>

/** A network that other devices are reached on directly, through one interface and by one family of addresses. */
export interface LocalNetwork {
  /** What stands after `%` in a link-local address of this interface: its name, on Windows its number. */
  readonly zone: string
  readonly family: 4 | 6
  /** Our own address on it, that packets are sent from; of IPv6 the first, while they leave from the link-local one. */
  readonly address: string
  /** Does this IP address, without zone, lie on it? */
  readonly contains: (ip: string) => boolean
  /** Different when anything about the network changed. */
  readonly key: string
}

const FULL_BITS = { IPv4: 32, IPv6: 128 } as const

/**
 * Networks of private and IPv4 link-local addresses, and in `private` the loopback. A network of public addresses is not
 * local: its other devices are strangers. An interface without room for a second device, as of many tunnels, has no network.
 */
export function localNetworks(preset: NetworkPreset, interfaces: NamedInterfaces): LocalNetwork[] {
  const networks: LocalNetwork[] = []
  for (const [interfaceName, addresses = []] of Object.entries(interfaces)) {
    for (const family of ['IPv4', 'IPv6'] as const) {
      const own = addresses.filter((it) => it.family === family && isLocal(preset, it))
      const [first] = own
      if (first === undefined) continue
      networks.push({
        zone: zoneOf(interfaceName, addresses),
        family: family === 'IPv4' ? 4 : 6,
        address: first.address,
        contains: contains(family, own),
        key: [interfaceName, ...own.map(({ cidr }) => cidr)].join(' '),
      })
      if (networks.length === MDNS_LIMITS.maxInterfaces) return networks
    }
  }
  return networks
}

/** Does the IP address lie on one of our own networks? */
export function isOnLocalNetwork(networks: readonly LocalNetwork[], ip: string): boolean {
  return networks.some((network) => network.contains(ip))
}

/** The host of a multiaddr that begins with `/ip4/` or `/ip6/`; undefined for others. */
export function hostOf(multiaddr: string): string | undefined {
  const [, protocol, host = ''] = multiaddr.split('/')
  if (protocol === 'ip4') return isIPv4(host) ? host : undefined
  return protocol === 'ip6' && isIPv6(host) && !host.includes('%') ? host : undefined
}

function zoneOf(interfaceName: string, addresses: readonly InterfaceAddress[]): string {
  const number = addresses.find(({ scopeid = 0 }) => scopeid > 0)?.scopeid
  return process.platform === 'win32' && number !== undefined ? String(number) : interfaceName
}

function isLocal(preset: NetworkPreset, { address, family, cidr }: InterfaceAddress): boolean {
  const range = rangeOf(`/${family === 'IPv4' ? 'ip4' : 'ip6'}/${address}`)
  if (bitsOf(cidr) >= FULL_BITS[family]) return false
  if (range === 'loopback') return preset === 'private' && family === 'IPv4'
  // A link-local address of IPv6 needs a zone to be dialled, which the TCP transport of libp2p drops.
  return range === 'private' || (range === 'link-local' && family === 'IPv4')
}

function bitsOf(cidr: string | null): number {
  const bits = Number(cidr?.split('/')[1])
  return Number.isInteger(bits) ? bits : Number.POSITIVE_INFINITY
}

function contains(family: 'IPv4' | 'IPv6', own: readonly InterfaceAddress[]): (ip: string) => boolean {
  const type = family === 'IPv4' ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  for (const { address, cidr } of own) list.addSubnet(address, bitsOf(cidr), type)
  const isOfFamily = family === 'IPv4' ? isIPv4 : isIPv6
  return (ip) => isOfFamily(ip) && !ip.includes('%') && list.check(ip, type)
}
