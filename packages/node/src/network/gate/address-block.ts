/** Who is who by address: the unit that costs a stranger something, since peer ids cost nothing. Pure. */
import { embeddedIp, ipBytes, rangeOfIp } from '../ip-range.ts'

export interface AddressBlock {
  /** One customer: an IPv4 address, or an IPv6 /64. */
  readonly address: string
  /** One network: an IPv4 /24, or an IPv6 /48. */
  readonly block: string
  readonly isLoopback: boolean
}

/** All that has no IP address, such as what comes through a relay, shares one block. */
const ELSEWHERE: AddressBlock = { address: 'elsewhere', block: 'elsewhere', isLoopback: false }

export function addressBlock(host: string): AddressBlock {
  const ip = ipBytes(host)
  if (ip === undefined) return ELSEWHERE
  const real = embeddedIp(ip)
  const [addressLength, blockLength] = real.byteLength === 4 ? [4, 3] : [8, 6]
  return {
    address: real.subarray(0, addressLength).join('.'),
    block: real.subarray(0, blockLength).join('.'),
    isLoopback: rangeOfIp(real) === 'loopback',
  }
}

/** The block of a multiaddr that begins with an IP address. */
export function blockOfMultiaddr(multiaddr: string): AddressBlock {
  const [, protocol, host = ''] = multiaddr.split('/')
  if (multiaddr.includes('/p2p-circuit')) return ELSEWHERE
  return protocol === 'ip4' || protocol === 'ip6' ? addressBlock(host) : ELSEWHERE
}
