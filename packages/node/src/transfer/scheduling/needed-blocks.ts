/**
 * Where each block stands that is needed: it is free, which is the picker's; asked of one peer or, when one takes over
 * from another, of more; or here and being written. What is asked or being written takes room.
 */
import { AskedOf } from './asked-of.ts'
import { BlockTable } from '../wire/block-table.ts'
import type { BlockPicker } from './block-picker.ts'
import type { Room } from './room.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** A block that came from a peer. */
export interface Arrival {
  /** Bytes that the peer owes until the block is settled. */
  readonly size: number
  /** Another peer had brought it, or nothing is needed any more. */
  readonly isDuplicate: boolean
}

export class NeededBlocks {
  readonly #picker: BlockPicker
  readonly #room: Room
  readonly #askedOf = new AskedOf()
  readonly #writing = new BlockTable<true>()
  #isClosed = false

  constructor(picker: BlockPicker, room: Room) {
    this.#picker = picker
    this.#room = room
  }

  /** Every block is written. */
  get areWritten(): boolean {
    return this.#writing.size === 0 && this.#askedOf.size === 0 && this.#picker.isEmpty
  }

  /** No block is being written. */
  get isQuiet(): boolean {
    return this.#writing.size === 0
  }

  isBeingWritten(block: number): boolean {
    return this.#writing.has(block)
  }

  /** Who is asked for a block. */
  peers(block: number): readonly SwarmPeer[] {
    return this.#askedOf.peers(block)
  }

  /** A block that is not free is asked of a peer. */
  ask(peer: SwarmPeer, block: number, size: number, nowMs: number): void {
    if (peer.asked.size === 0) peer.window.began(nowMs)
    peer.asked.add({ block, size, askedAtMs: nowMs, isComing: false })
    this.#askedOf.add(block, peer)
    this.#room.owe(peer, size)
  }

  /**
   * A block begins to come: who was asked for it as well and has not begun to send it need not.
   *
   * @returns who need not
   */
  begin(peer: SwarmPeer, block: number): SwarmPeer[] {
    const asked = peer.asked.get(block)
    if (asked === undefined) return []
    asked.isComing = true
    const spared = this.#askedOf
      .peers(block)
      .filter((other) => other !== peer && other.asked.get(block)?.isComing === false)
    for (const other of spared) this.withdraw(other, [block])
    return spared
  }

  /** A block came. It is being written from now on, unless it is a duplicate; `settle` is to follow either way. */
  arrive(peer: SwarmPeer, block: number, bytes: number, nowMs: number): Arrival {
    const asked = peer.asked.remove(block)
    if (asked === undefined) {
      this.#room.owe(peer, bytes)
    } else {
      this.#askedOf.remove(block, peer)
      peer.window.arrived(bytes, asked.askedAtMs, nowMs)
    }
    const isNeeded =
      !this.#isClosed &&
      !this.#writing.has(block) &&
      (asked !== undefined || this.#askedOf.has(block) || this.#picker.claim(block))
    if (isNeeded) this.#writing.set(block, true)
    return { size: asked?.size ?? bytes, isDuplicate: !isNeeded }
  }

  /** A block that came is written, is wrong or was of no use. */
  settle(peer: SwarmPeer, block: number, { size, isDuplicate }: Arrival): void {
    if (!isDuplicate) this.#writing.delete(block)
    this.#room.settle(peer, size)
  }

  /** A block is no longer asked of a peer; it is free if it is asked of nobody else. */
  release(peer: SwarmPeer, block: number): void {
    if (this.#unask(peer, block)) this.free(block)
  }

  /** A block is free, if nobody is asked for it and it is not here. */
  free(block: number): void {
    if (!this.#askedOf.has(block) && !this.#writing.has(block)) this.#picker.give(block)
  }

  /** Takes back what was asked and is not needed of this peer. */
  withdraw(peer: SwarmPeer, blocks: readonly number[]): void {
    for (const block of blocks) this.#unask(peer, block)
    peer.provider.cancel(blocks)
  }

  /** Takes back what is asked of a peer and better asked of another. */
  takeBack(peer: SwarmPeer, blocks: readonly number[]): void {
    this.withdraw(peer, blocks)
    for (const block of blocks) this.free(block)
  }

  /** Nothing is needed any more: what comes is a duplicate. */
  close(): void {
    this.#isClosed = true
  }

  #unask(peer: SwarmPeer, block: number): boolean {
    const asked = peer.asked.remove(block)
    if (asked === undefined) return false
    this.#askedOf.remove(block, peer)
    this.#room.settle(peer, asked.size)
    return true
  }
}
