/** The routing table of kad-dht 16, as far as it is used here. Its type declarations leave out what its objects have. */
import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'

export interface TablePeer {
  /** Its place in the table's space, 32 bytes. */
  readonly kadId: Uint8Array
  readonly peerId: PeerId
}

export interface Bucket {
  readonly left?: Bucket
  readonly right?: Bucket
}

export interface Buckets {
  readonly root: Bucket
  /** Asked before a peer is added: does it answer? */
  verify: (peer: TablePeer, options?: object) => Promise<boolean>
  get: (kadId: Uint8Array) => TablePeer | undefined
}

export interface KadTable {
  readonly kb: Buckets & { toIterable: () => Iterable<TablePeer> }
  /** Adds a peer, if it answers. */
  queueRoutingTableUpdate: (peerId: PeerId) => void
  addEventListener: (type: 'peer:add' | 'peer:remove', listener: (event: CustomEvent<PeerId>) => void) => void
}

export function tableOf(kad: KadDHT): KadTable {
  return (kad as KadDHT & { routingTable: KadTable }).routingTable
}
