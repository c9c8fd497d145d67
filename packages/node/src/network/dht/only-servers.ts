/**
 * Keeps those who are only clients of the DHT out of the routing table. kad-dht puts every peer that an answer names to the
 * test, the providers among them, and takes whoever answers a ping of libp2p; but who does not speak its protocol answers no
 * question, and is handed on to others in the place of one who does.
 */
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { KadTable } from './kad-table.ts'

/** From now on a peer is added only when it has said that it speaks the protocol. */
export function onlyServers(
  { kb }: KadTable,
  { peerStore }: Pick<KadDHTComponents, 'peerStore'>,
  protocol: string,
): void {
  const { verify } = kb
  kb.verify = async (peer, options) => {
    if (!(await verify(peer, options))) return false
    // Who has just answered is connected. If it has not said yet what it speaks, it is added when it does.
    const { protocols } = await peerStore.get(peer.peerId).catch(() => ({ protocols: [] as string[] }))
    return protocols.includes(protocol)
  }
}
