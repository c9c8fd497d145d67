/**
 * Blocks that may be in memory at once, shared fairly by all who are served: when there are not enough, devices take
 * turns by bytes, and over how many sessions one asks does not matter. Start-time fair queueing (Goyal, Vin, Cheng, 1996).
 */
import { MAX_BLOCK_BYTES } from '../../content/limits.ts'

export interface FairBudgetInit {
  /** Blocks for all together; each up to 1 MiB. */
  readonly blocks: number
  /** Blocks for one device over all its sessions. */
  readonly blocksPerPeer: number
  /** Blocks that are read ahead for one device over all its sessions. */
  readonly readAheadBlocks: number
}

interface Peer {
  held: number
  /** Where it stands in the order of turns: it moves on by every byte that it gets. */
  bytes: number
  readonly waiting: (() => void)[]
}

export class FairBudget {
  readonly #init: FairBudgetInit
  /** Devices that hold or wait for blocks: no more than there are sessions. */
  readonly #peers = new Map<string, Peer>()
  #free: number
  /** Where the device stood whose turn it was last. Who did not ask meanwhile saved up nothing. */
  #bytes = 0

  constructor(init: FairBudgetInit) {
    this.#init = init
    this.#free = init.blocks
  }

  /** Resolves when a session that holds none may read a block; pair each with one `release`. */
  acquire(name: string): Promise<void> {
    const peer = this.#peerOf(name)
    if (peer.waiting.length === 0) peer.bytes = Math.max(peer.bytes, this.#bytes)
    return new Promise((resolve) => {
      peer.waiting.push(resolve)
      this.#serve()
    })
  }

  /** Takes one more to be read ahead, if nobody has to wait for that. */
  tryAcquire(name: string): boolean {
    const peer = this.#peerOf(name)
    if (this.#free === 0 || peer.held >= this.#init.readAheadBlocks) {
      this.#forgetIdle(name, peer)
      return false
    }
    this.#take(peer)
    return true
  }

  /** @param bytes that the device got of it */
  release(name: string, bytes: number): void {
    const peer = this.#peerOf(name)
    peer.held--
    peer.bytes += bytes - MAX_BLOCK_BYTES
    this.#free++
    this.#serve()
    this.#forgetIdle(name, peer)
  }

  #serve(): void {
    while (this.#free > 0) {
      let next: Peer | undefined
      for (const peer of this.#peers.values()) {
        if (peer.waiting.length === 0 || peer.held >= this.#init.blocksPerPeer) continue
        if (next === undefined || peer.bytes < next.bytes) next = peer
      }
      const resolve = next?.waiting.shift()
      if (next === undefined || resolve === undefined) return
      this.#take(next)
      resolve()
    }
  }

  #take(peer: Peer): void {
    this.#free--
    peer.held++
    this.#bytes = Math.max(this.#bytes, peer.bytes)
    // At once, for what is read now counts before it is sent; what it has fewer is given back.
    peer.bytes += MAX_BLOCK_BYTES
  }

  #peerOf(name: string): Peer {
    let peer = this.#peers.get(name)
    if (peer === undefined) {
      peer = { held: 0, bytes: this.#bytes, waiting: [] }
      this.#peers.set(name, peer)
    }
    return peer
  }

  #forgetIdle(name: string, peer: Peer): void {
    if (peer.held === 0 && peer.waiting.length === 0) this.#peers.delete(name)
  }
}
