/** The subnet of an address: IPv4 /24, IPv6 /48. Addresses in one subnet are cheap to have together. */
import { isIPv4, isIPv6 } from 'node:net'

/** The subnet that the host part of a multiaddr lies in, or undefined for a name or anything else. */
export function subnetOf(multiaddr: string): string | undefined {
  const [, protocol = '', host = ''] = multiaddr.split('/')
  if (protocol === 'ip4' && isIPv4(host)) return `${host.split('.').slice(0, 3).join('.')}.0/24`
  if (protocol !== 'ip6' || !isIPv6(host)) return undefined
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)
  if (mapped !== null) return subnetOf(`/ip4/${mapped[1] as string}`)
  return `${groupsOf(host).slice(0, 3).join(':')}::/48`
}

function groupsOf(host: string): string[] {
  const [left = '', right] = host.toLowerCase().split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...tail].map((group) =>
    Number.parseInt(group, 16).toString(16),
  )
}
