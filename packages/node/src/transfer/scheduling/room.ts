/**
 * How much more may be asked for: what each peer and all together owe, against the memory that there is for it, and
 * what limits the rate. What was asked is owed until it is verified and written, so that a slow disk slows the network
 * and not the memory.
 */
import type { Allowance } from '../rates/allowance.ts'
import type { TransferLimits } from '../limits.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** What one peer may owe. */
export interface PeerRoom {
  readonly bytes: number
  readonly blocks: number
}

export class Room {
  readonly #limits: TransferLimits
  readonly #allowance: Allowance | undefined
  readonly #onRoom: () => void
  /** What all peers together owe, or gave and is not written. */
  #blocks = 0
  #bytes = 0
  #isCrowded = false
  #isStopped = false
  #stopWaiting: (() => void) | undefined

  /** @param onRoom called once the limit of the rate has room again, after it had none */
  constructor(limits: TransferLimits, allowance: Allowance | undefined, onRoom: () => void) {
    this.#limits = limits
    this.#allowance = allowance
    this.#onRoom = onRoom
  }

  /** Nobody owes anything. */
  get isUnused(): boolean {
    return this.#blocks === 0
  }

  /** A peer was not asked, since the last round began, because all together owe enough. */
  get isCrowded(): boolean {
    return this.#isCrowded
  }

  beginRound(): void {
    this.#isCrowded = false
  }

  /** There is enough for all together to ask several of them at once. */
  get isHalfFree(): boolean {
    const { swarmWindowBlocks, swarmWindowBytes } = this.#limits
    return this.#blocks < swarmWindowBlocks / 2 && this.#bytes < swarmWindowBytes / 2
  }

  /** The limit of the rate has no room, and `onRoom` will tell when it has. */
  get isWaiting(): boolean {
    return this.#stopWaiting !== undefined
  }

  /** A peer owes more than half of the most that any may owe: it is not asked for more yet, whatever it may owe itself. */
  isBusy(peer: SwarmPeer): boolean {
    const { windowBlocks, windowBytes } = this.#limits
    return peer.owedBlocks > windowBlocks / 2 || peer.owedBytes > windowBytes / 2
  }

  /** @param isOnly no other peer is asked */
  of(peer: SwarmPeer, isOnly: boolean, nowMs: number): PeerRoom {
    const share = this.#share
    const windowBytes = this.#limits.windowBytes * share
    const windowBlocks = Math.max(1, this.#limits.windowBlocks * share)
    // A liar costs one block.
    if (!peer.isProven) return { bytes: windowBytes, blocks: 1 }
    // What is asked of the only one cannot be asked of a better one.
    if (isOnly) return { bytes: windowBytes, blocks: windowBlocks }
    if (peer.isLate(nowMs)) return { bytes: windowBytes, blocks: 1 }
    return { bytes: Math.min(windowBytes, peer.window.bytes), blocks: windowBlocks }
  }

  /** Whether so much more may be asked of a peer; what limits the rate then has given it. */
  take(peer: SwarmPeer, { bytes }: PeerRoom, size: number): boolean {
    if (peer.owedBlocks > 0 && peer.owedBytes + size > bytes) return false
    if (this.isFull(size)) return false
    const allowance = this.#allowance
    if (allowance === undefined || allowance.tryTake(size)) return true
    this.#stopWaiting ??= allowance.whenRoom(() => {
      this.#stopWaiting = undefined
      this.#onRoom()
    })
    return false
  }

  /** All together owe so much that nobody is asked for so many bytes more. */
  isFull(size: number): boolean {
    if (this.#blocks === 0) return false
    const { swarmWindowBlocks, swarmWindowBytes } = this.#limits
    const share = this.#share
    const isFull = this.#blocks >= swarmWindowBlocks * share || this.#bytes + size > swarmWindowBytes * share
    if (isFull) this.#isCrowded = true
    return isFull
  }

  owe(peer: SwarmPeer, size: number): void {
    peer.owedBlocks++
    peer.owedBytes += size
    if (this.#blocks++ === 0 && !this.#isStopped) this.#allowance?.owes(true)
    this.#bytes += size
  }

  settle(peer: SwarmPeer, size: number): void {
    peer.owedBlocks--
    peer.owedBytes -= size
    if (--this.#blocks === 0 && !this.#isStopped) this.#allowance?.owes(false)
    this.#bytes -= size
  }

  /** Waits no longer for the limit of the rate, and keeps nobody else back. */
  stop(): void {
    this.#stopWaiting?.()
    if (this.#blocks > 0 && !this.#isStopped) this.#allowance?.owes(false)
    this.#isStopped = true
  }

  /** What goes before this leaves it a part of the memory that it might use, and so of what comes. */
  get #share(): number {
    return this.#allowance?.share ?? 1
  }
}
