/** Peer ids and networks for the tests of the local network. */
import { sha256 } from '../../../src/content/cid.ts'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { localNetworks, type LocalNetwork } from '../../../src/network/lan/local-networks.ts'

/** A well-formed peer id, another one for each number. */
export function peerOf(number: number): string {
  return peerIdFromPublicKey(sha256(Buffer.from(`peer ${number}`)))
}

/** The network of an interface `eth0` with an address such as `192.168.1.7/24`. */
export function networkOf(cidr: string, ...more: readonly string[]): LocalNetwork {
  const [network] = localNetworks('lan', { eth0: [cidr, ...more].map(interfaceAddress) })
  if (network === undefined) throw new Error(`${cidr} is not local`)
  return network
}

export function interfaceAddress(cidr: string): { address: string; family: 'IPv4' | 'IPv6'; cidr: string } {
  const [address = ''] = cidr.split('/')
  return { address, family: address.includes(':') ? 'IPv6' : 'IPv4', cidr }
}
