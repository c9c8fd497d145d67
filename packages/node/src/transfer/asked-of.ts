/** Who is asked for which block at this moment: one peer, or more when one takes over from the other. */
import type { SwarmPeer } from './swarm-peer.ts'

const NOBODY: readonly SwarmPeer[] = []

export class AskedOf {
  readonly #peers = new Map<number, SwarmPeer[]>()

  /** How many blocks are asked for. */
  get size(): number {
    return this.#peers.size
  }

  has(block: number): boolean {
    return this.#peers.has(block)
  }

  peers(block: number): readonly SwarmPeer[] {
    return this.#peers.get(block) ?? NOBODY
  }

  add(block: number, peer: SwarmPeer): void {
    const peers = this.#peers.get(block)
    if (peers === undefined) this.#peers.set(block, [peer])
    else peers.push(peer)
  }

  remove(block: number, peer: SwarmPeer): void {
    const peers = (this.#peers.get(block) ?? NOBODY).filter((other) => other !== peer)
    if (peers.length === 0) this.#peers.delete(block)
    else this.#peers.set(block, peers)
  }
}
