/** Blocks that come: each is verified and written once, in memory that is used again, whoever brought it. */
import type { BlockSink } from '../../store/block-sink.ts'
import { BufferPool } from './buffer-pool.ts'
import type { NeededBlocks } from './needed-blocks.ts'
import type { SwarmPeer } from './swarm-peer.ts'

export interface ArrivalsInit {
  readonly sink: BlockSink
  readonly needed: NeededBlocks
  /** Bytes of blocks at a time, asked for or being written. */
  readonly mostBytes: number
  /** A block was verified and written. */
  readonly onVerified: (peer: SwarmPeer, block: number, bytes: number) => void
  /** A block was not what it should be. */
  readonly onWrong: (peer: SwarmPeer, block: number) => void
  /** A block was of no use. */
  readonly onDuplicate: (peer: SwarmPeer) => void
}

export class Arrivals {
  readonly #init: ArrivalsInit
  readonly #pool: BufferPool
  #duplicates = 0
  #quiet: PromiseWithResolvers<void> | undefined

  constructor(init: ArrivalsInit) {
    this.#init = init
    this.#pool = new BufferPool(init.mostBytes)
  }

  /** Blocks that came and were of no use, because another peer had brought them. */
  get duplicates(): number {
    return this.#duplicates
  }

  /** Resolves when no block is being written. */
  quiet(): Promise<void> {
    if (this.#init.needed.isQuiet) return Promise.resolve()
    this.#quiet ??= Promise.withResolvers()
    return this.#quiet.promise
  }

  /** Memory for a block of `length` bytes; undefined when it was asked of the peer and has another length. */
  bufferFor(peer: SwarmPeer, block: number, length: number): Uint8Array | undefined {
    const expected = peer.asked.has(block) ? this.#init.sink.lengthOf(block) : undefined
    return expected === undefined || expected === length ? this.#pool.take(length) : undefined
  }

  /** Takes a block that came. Rejects when the disk or the content itself is at fault, not the peer. */
  async take(peer: SwarmPeer, block: number, received: Uint8Array, nowMs: number): Promise<void> {
    const { needed, sink, onDuplicate, onVerified, onWrong } = this.#init
    const { byteLength } = received
    const arrival = needed.arrive(peer, block, byteLength, nowMs)
    if (arrival.isDuplicate) {
      this.#duplicates++
      this.#pool.give(received)
      needed.settle(peer, block, arrival)
      onDuplicate(peer)
      return
    }
    let isVerified: boolean
    try {
      isVerified = await sink.accept(block, received)
      this.#pool.give(received)
    } finally {
      needed.settle(peer, block, arrival)
      if (needed.isQuiet) this.#quiet?.resolve()
    }
    if (isVerified) onVerified(peer, block, byteLength)
    else onWrong(peer, block)
  }
}
