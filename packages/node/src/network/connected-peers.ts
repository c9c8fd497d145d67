/** Who is connected now, one row for each peer however many connections there are to it. */
import type { Connection, PeerId } from '@libp2p/interface'
import type { PeerEvent } from '../events.ts'
import type { HostLibp2p } from '../options.ts'
import { isDirect } from './direct.ts'

/**
 * Shoal devices first, then those that have not told yet, and of each kind whoever is connected longest.
 *
 * @param nowMs wall clock, as libp2p notes when a connection was opened
 */
export async function connectedPeers(
  libp2p: Pick<HostLibp2p, 'getConnections' | 'peerStore'>,
  protocol: string,
  nowMs: number,
): Promise<PeerEvent[]> {
  const best = new Map<string, Connection>()
  for (const connection of libp2p.getConnections()) {
    if (connection.status !== 'open') continue
    const id = connection.remotePeer.toString()
    const other = best.get(id)
    if (other === undefined || isBetter(connection, other)) best.set(id, connection)
  }
  const peers = await Promise.all(
    Array.from(best, async ([id, connection]): Promise<PeerEvent> => {
      const openedMs = connection.timeline.open ?? nowMs
      return {
        type: 'peer',
        id,
        name: null,
        direct: isDirect(connection),
        address: connection.remoteAddr.toString(),
        inbound: connection.direction === 'inbound',
        // The wall clock may have been set back since.
        seconds: Math.max(0, Math.round((nowMs - openedMs) / 1_000)),
        shoal: await speaks(libp2p, connection.remotePeer, protocol),
      }
    }),
  )
  return peers.toSorted((a, b) => rank(a) - rank(b) || b.seconds - a.seconds || (a.id < b.id ? -1 : 1))
}

/** Content takes a direct connection where there is one. */
function isBetter(one: Connection, other: Connection): boolean {
  if (isDirect(one) !== isDirect(other)) return isDirect(one)
  return (one.timeline.open ?? 0) < (other.timeline.open ?? 0)
}

/** As it told when it introduced itself; null: it did not yet. */
async function speaks(
  { peerStore }: Pick<HostLibp2p, 'peerStore'>,
  peerId: PeerId,
  protocol: string,
): Promise<boolean | null> {
  try {
    const { protocols } = await peerStore.get(peerId)
    return protocols.length === 0 ? null : protocols.includes(protocol)
  } catch {
    return null
  }
}

function rank({ shoal }: PeerEvent): number {
  return shoal === true ? 0 : shoal === null ? 1 : 2
}
