/** What all operations of a node share that ask peers: who lied, who failed, and who tells whom of others. */
import type { Channel } from '../../network/channel.ts'
import { BarredPeers } from '../../network/barred-peers.ts'
import type { Host } from '../../network/host.ts'
import type { Disk } from '../../store/disk.ts'
import type { Seams } from '../../util/seams.ts'
import { BarredError } from './barred-error.ts'
import { PeerExchange } from './peer-exchange.ts'
import { PeerRecords } from './peer-record.ts'
import type { Session } from '../wire/session.ts'

export interface NodeSwarms {
  readonly barred: BarredPeers
  readonly exchange: PeerExchange
  readonly records: PeerRecords
  /** Takes a session that a peer opened into the exchange. */
  readonly onOpen: (session: Session) => void
  /** Hands a stream that a peer opened on, or ends that of one who lied. */
  readonly admit: (channel: Channel, accept: (channel: Channel) => void) => void
}

export interface NodeSwarmsInit {
  readonly file: string
  readonly disk: Disk
  readonly seams: Seams
  readonly peerId: string
  /** Has the host once it is started. */
  readonly parts: { readonly host?: Host }
}

/** Reads who was barred. Does not reject. */
export async function loadSwarms({ file, disk, seams, peerId, parts }: NodeSwarmsInit): Promise<NodeSwarms> {
  const barred = new BarredPeers({ file, disk, clock: seams.clock })
  await barred.load()
  const addressesOf = async (id: string): Promise<readonly string[]> =>
    (await parts.host?.addressesOf(id)) ?? []
  const exchange = new PeerExchange({ seams, peerId, addressesOf, barred })
  return {
    barred,
    exchange,
    onOpen: (session) => exchange.join(session),
    records: new PeerRecords(seams.clock),
    admit: (channel, accept) => {
      if (barred.isBarred(channel.remoteName)) channel.abort(new BarredError())
      else accept(channel)
    },
  }
}
