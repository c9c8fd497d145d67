/**
 * May this node be among the k closest to a key? Judged by the routing table alone, so by the first 32 bits of ids: it
 * knows a sample of the network, and who is well beyond even that sample has no business with the record.
 */
import { sha256 } from '../../content/cid.ts'

export interface TablePeers {
  /** Places of the peers in the table, each 32 bytes. */
  kadIds: () => Iterable<Uint8Array>
  /** Calls back when the table changed. */
  onChange: (callback: () => void) => void
}

export class Closeness {
  readonly #self: number
  readonly #table: TablePeers
  readonly #k: number
  #places: Uint32Array | undefined

  /** @param ownMultihash the peer id as a multihash */
  constructor(ownMultihash: Uint8Array, table: TablePeers, k: number) {
    this.#self = placeOf(sha256(ownMultihash))
    this.#table = table
    this.#k = k
    table.onChange(() => void (this.#places = undefined))
  }

  isClose(multihash: Uint8Array): boolean {
    this.#places ??= Uint32Array.from([...this.#table.kadIds()].map(placeOf))
    if (this.#places.length < this.#k) return true
    const key = placeOf(sha256(multihash))
    const own = (this.#self ^ key) >>> 0
    let closer = 0
    for (const place of this.#places) {
      if ((place ^ key) >>> 0 < own && ++closer >= this.#k) return false
    }
    return true
  }
}

function placeOf(kadId: Uint8Array): number {
  return new DataView(kadId.buffer, kadId.byteOffset).getUint32(0)
}
