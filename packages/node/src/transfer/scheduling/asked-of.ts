/** Who is asked for which block at this moment: one peer, or more when one takes over from the other. */
import { BlockTable } from '../wire/block-table.ts'
import type { SwarmPeer } from './swarm-peer.ts'

const NOBODY: readonly SwarmPeer[] = []

export class AskedOf {
  /** Nearly always one peer: a list is made only where there are more. */
  readonly #peers = new BlockTable<SwarmPeer | readonly SwarmPeer[]>()

  /** How many blocks are asked for. */
  get size(): number {
    return this.#peers.size
  }

  has(block: number): boolean {
    return this.#peers.has(block)
  }

  /** As it is now: what changes later is not in it. */
  peers(block: number): readonly SwarmPeer[] {
    const peers = this.#peers.get(block)
    if (peers === undefined) return NOBODY
    return isOne(peers) ? [peers] : peers
  }

  add(block: number, peer: SwarmPeer): void {
    this.#peers.set(block, this.#peers.has(block) ? [...this.peers(block), peer] : peer)
  }

  remove(block: number, peer: SwarmPeer): void {
    const peers = this.#peers.get(block)
    if (peers === undefined || (isOne(peers) && peers !== peer)) return
    const others = isOne(peers) ? NOBODY : peers.filter((other) => other !== peer)
    if (others.length === 0) this.#peers.delete(block)
    else this.#peers.set(block, others)
  }
}

function isOne(peers: SwarmPeer | readonly SwarmPeer[]): peers is SwarmPeer {
  return !Array.isArray(peers)
}
