/**
 * The block that the fewest peers have, among equals at random, so that peers that fetch the same get different blocks
 * and can give them to each other. Where it makes no difference the block after the last one: disks read in order.
 */
import type { Random } from '../../util/seams.ts'
import type { BlockPicker, PickerPeer } from './block-picker.ts'
import { RandomNumbers } from './random-numbers.ts'
import { RarityBuckets } from './rarity-buckets.ts'

/** Numbers taken from what is needed at a time: each takes a look at the files in a block. */
const PULL_BLOCKS = 8_192
/** Blocks of one rarity that are tried for a peer before all are. */
const PROBES = 256
/** Blocks remembered for a peer that had nothing else. */
const MAX_HINTS = 256

interface PickState {
  /** The block after the last one, and how many had that one. */
  next: number
  count: number
  /** All free blocks were looked at: the peer has none of them, save perhaps the hints. */
  isDry: boolean
  hints: number[]
}

export class RarestPicker implements BlockPicker {
  readonly #fresh: Iterator<number>
  readonly #buckets: RarityBuckets
  readonly #random: RandomNumbers
  readonly #peers = new Map<PickerPeer, PickState>()
  #isFreshLeft = true

  /** @param total number of blocks, where it is known */
  constructor(needed: Iterable<number>, random: Random, total?: number) {
    this.#fresh = needed[Symbol.iterator]()
    this.#buckets = new RarityBuckets(total)
    this.#random = new RandomNumbers(random)
  }

  get isEmpty(): boolean {
    if (this.#buckets.size === 0) this.#pull()
    return this.#buckets.size === 0
  }

  get hasAskable(): boolean {
    return !this.isEmpty
  }

  enter(peer: PickerPeer): void {
    this.#peers.set(peer, { next: -1, count: 0, isDry: false, hints: [] })
    for (const block of peer.named()) this.#buckets.changeCount(block, 1)
  }

  leave(peer: PickerPeer): void {
    if (!this.#peers.delete(peer)) return
    for (const block of peer.named()) this.#buckets.changeCount(block, -1)
  }

  added(peer: PickerPeer, block: number): void {
    this.#buckets.changeCount(block, 1)
    const state = this.#peers.get(peer)
    if (state?.isDry === true && this.#buckets.isFree(block)) hint(state, block)
  }

  addedAll(peer: PickerPeer): void {
    const state = this.#peers.get(peer)
    if (state !== undefined) state.isDry = false
  }

  take(peer: PickerPeer): number | undefined {
    const state = this.#peers.get(peer)
    if (state === undefined) return undefined
    if (this.#pull()) for (const each of this.#peers.values()) each.isDry = false
    const block = state.isDry ? this.#hinted(peer, state) : (this.#inRun(peer, state) ?? this.#rarest(peer))
    if (block === undefined) {
      state.isDry = true
      return undefined
    }
    this.#buckets.take(block)
    state.next = block + 1
    state.count = this.#buckets.countOf(block)
    return block
  }

  give(block: number, unasked?: PickerPeer): void {
    this.#buckets.put(block)
    for (const [peer, state] of this.#peers) {
      if (peer === unasked) state.next = block
      if (state.isDry && peer.canGive(block)) hint(state, block)
    }
  }

  claim(block: number): boolean {
    if (!this.#buckets.isFree(block)) return false
    this.#buckets.take(block)
    return true
  }

  /** A block may have spread since it was asked for; of those who have everything, what is rarer is best asked. */
  hasBetter(peer: PickerPeer, block: number): boolean {
    return peer.hasAll && this.#buckets.hasRarer(block)
  }

  drop(block: number): void {
    this.#buckets.drop(block)
  }

  #inRun(peer: PickerPeer, { next, count }: PickState): number | undefined {
    const buckets = this.#buckets
    return buckets.isFree(next) && buckets.countOf(next) <= count && peer.canGive(next) ? next : undefined
  }

  #rarest(peer: PickerPeer): number | undefined {
    // What a peer has that has not everything, one peer has at least.
    const first = peer.hasAll ? 0 : 1
    return this.#probe(peer, first, PROBES) ?? this.#probe(peer, first, Number.POSITIVE_INFINITY)
  }

  #probe(peer: PickerPeer, first: number, most: number): number | undefined {
    for (const { start, end } of this.#buckets.bounds(first)) {
      const size = end - start
      const offset = this.#random.below(size)
      for (let k = 0; k < Math.min(size, most); k++) {
        const block = this.#buckets.at(start + ((offset + k) % size))
        if (peer.canGive(block)) return block
      }
    }
    return undefined
  }

  #hinted(peer: PickerPeer, state: PickState): number | undefined {
    for (;;) {
      const block = state.hints.pop()
      if (block === undefined || (this.#buckets.isFree(block) && peer.canGive(block))) return block
    }
  }

  /** True when there are more free blocks than before. */
  #pull(): boolean {
    if (!this.#isFreshLeft) return false
    for (let k = 0; k < PULL_BLOCKS; k++) {
      const next = this.#fresh.next()
      if (next.done === true) {
        this.#isFreshLeft = false
        return k > 0
      }
      let count = 0
      for (const peer of this.#peers.keys()) if (peer.hasNamed(next.value)) count++
      this.#buckets.add(next.value, count)
    }
    return true
  }
}

function hint(state: PickState, block: number): void {
  if (state.hints.length < MAX_HINTS) {
    state.hints.push(block)
  } else {
    state.isDry = false
    state.hints = []
  }
}
