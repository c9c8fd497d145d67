/**
 * What devices say of themselves by multicast DNS: peer id and addresses, in the form of the libp2p specification
 * (one PTR record for the instance, texts `dnsaddr=<multiaddr>` in its TXT record) under a service name of our own.
 */
import { isIPv4 } from 'node:net'
import { publicKeyFromPeerId } from '../../identity/peer-id.ts'
import { decodePacket, encodeQuery, encodeResponse, type DnsResponse } from './dns-packet.ts'
import { MDNS_LIMITS } from './limits.ts'
import { hostOf, type LocalNetwork } from './local-networks.ts'

/** Under this name Shoal devices look for each other, and nobody else. */
export const SERVICE = '_shoal._udp.local'

const DNSADDR = 'dnsaddr='
const ANY_IPV4 = /^\/ip4\/0\.0\.0\.0\//
const ANY_ADDRESS = /^\/(ip4\/0\.0\.0\.0|ip6\/::)\//
const MAX_PORT = 65_535

/** What one packet says of one device. */
export interface Announcement {
  readonly peerId: string
  /** Multiaddrs with the peer id. */
  readonly addresses: readonly string[]
  /** How long this holds, in seconds; 0: the device says goodbye. */
  readonly ttlSeconds: number
}

export type Heard =
  | { readonly kind: 'question' }
  | { readonly kind: 'announcements'; readonly announcements: readonly Announcement[] }

export const QUESTION: Uint8Array = encodeQuery(SERVICE)

/**
 * Our addresses that others on this network can dial, as an announcement names them.
 *
 * @param addresses multiaddrs that we listen on; `0.0.0.0` stands for our address on the network
 */
export function ownAddresses(network: LocalNetwork, peerId: string, addresses: readonly string[]): string[] {
  const suffix = `/p2p/${peerId}`
  const dialable = addresses
    .map((address) => address.replace(ANY_IPV4, `/ip4/${network.address}/`))
    .map((address) => (address.endsWith(suffix) ? address : address + suffix))
    .filter((address) => {
      const parsed = parseAddress(address)
      if (parsed === undefined || !network.contains(parsed.host)) return false
      // Others take from us the address that we speak from, and of IPv6 those of the network.
      return network.family === 6 || parsed.host === network.address
    })
  return [...new Set(dialable)].slice(0, MDNS_LIMITS.maxOwnAddresses)
}

/** Does a node that listens on these multiaddrs keep away from networks on which none of them lies? */
export function keepsToItself(addresses: readonly string[]): boolean {
  return addresses.length > 0 && !addresses.some((address) => ANY_ADDRESS.test(address))
}

/** @param instance at most 63 letters and digits; says nothing */
export function encodeAnnouncement(
  instance: string,
  addresses: readonly string[],
  ttlSeconds: number,
): Uint8Array {
  const texts = addresses.map((address) => DNSADDR + address)
  return encodeResponse(SERVICE, instance, texts, ttlSeconds)
}

/**
 * What a packet that came from the IP address `source` on this network says, undefined when it is not for us. A device
 * speaks for the address that it speaks from and for no other, so that nobody can point us at a third party.
 */
export function hear(packet: Uint8Array, source: string, network: LocalNetwork): Heard | undefined {
  const from = sourceOn(network, source)
  if (from === undefined) return undefined
  const decoded = decodePacket(packet)
  if (decoded === undefined) return undefined
  if (decoded.kind === 'query') return decoded.names.includes(SERVICE) ? { kind: 'question' } : undefined
  const announcements = readAnnouncements(decoded, (host) => isAccepted(host, from, network))
  return announcements.length === 0 ? undefined : { kind: 'announcements', announcements }
}

/** The source without its zone, when it lies on this network. */
export function sourceOn(network: LocalNetwork, source: string): string | undefined {
  if (network.family === 4) return network.contains(source) ? source : undefined
  const [ip = '', zone] = source.split('%')
  if (isLinkLocalIPv6(ip)) return zone === network.zone ? ip : undefined
  return network.contains(ip) ? ip : undefined
}

function isAccepted(host: string, source: string, network: LocalNetwork): boolean {
  if (!network.contains(host)) return false
  // IPv6 is sent from the link-local address, which libp2p cannot dial; the others are told from there.
  return host === source || (!isIPv4(host) && isLinkLocalIPv6(source))
}

function isLinkLocalIPv6(ip: string): boolean {
  return /^fe[89ab]/i.test(ip)
}

function readAnnouncements(response: DnsResponse, accepts: (host: string) => boolean): Announcement[] {
  const instances = new Set<string>()
  for (const record of response.records) {
    if (record.type === 'PTR' && record.name === SERVICE) instances.add(record.target)
  }
  const devices = new Map<string, { addresses: Set<string>; ttlSeconds: number }>()
  for (const record of response.records) {
    if (record.type !== 'TXT' || !instances.has(record.name)) continue
    for (const text of record.texts) {
      const parsed = parseText(text)
      if (parsed === undefined || !accepts(parsed.host)) continue
      const device = devices.get(parsed.peerId) ?? { addresses: new Set(), ttlSeconds: record.ttlSeconds }
      devices.set(parsed.peerId, device)
      if (device.addresses.size < MDNS_LIMITS.maxAddresses) device.addresses.add(parsed.address)
    }
  }
  return Array.from(devices, ([peerId, { addresses, ttlSeconds }]) => ({
    peerId,
    addresses: [...addresses],
    ttlSeconds: Math.min(ttlSeconds, MDNS_LIMITS.maxTtlSeconds),
  }))
}

interface ParsedAddress {
  readonly address: string
  readonly host: string
  readonly peerId: string
}

function parseText(text: Uint8Array): ParsedAddress | undefined {
  if (text.byteLength > DNSADDR.length + MDNS_LIMITS.maxAddressBytes) return undefined
  const line = Buffer.from(text).toString('latin1')
  return line.startsWith(DNSADDR) ? parseAddress(line.slice(DNSADDR.length)) : undefined
}

/** `/ip4|ip6/HOST/tcp/PORT/p2p/ID` in the one way in which libp2p writes it, and nothing else. */
function parseAddress(address: string): ParsedAddress | undefined {
  const [, port = '', peerId = ''] =
    /^\/ip[46]\/[0-9a-f.:]+\/tcp\/([1-9]\d{0,4})\/p2p\/(\w+)$/.exec(address) ?? []
  const host = hostOf(address)
  if (host === undefined || Number(port) > MAX_PORT || publicKeyFromPeerId(peerId) === undefined)
    return undefined
  return { address, host, peerId }
}
