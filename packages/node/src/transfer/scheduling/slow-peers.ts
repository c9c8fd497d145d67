/**
 * Who is left alone, and what is taken back from peers that are slow so that others can be asked for it: what is late,
 * what is better asked elsewhere, and, where all may owe no more, what stands in the way of faster ones.
 */
import type { BlockPicker } from './block-picker.ts'
import type { TransferLimits } from '../limits.ts'
import type { NeededBlocks } from './needed-blocks.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** What takes longer to come may be exchanged for something better, in milliseconds. */
const STALE_MS = 500
/** How long a peer that was late for the first time is left alone, in milliseconds. */
const MIN_BENCH_MS = 2_000
/** Where room is short, it is not for peers that take so many times as long as most, and longer than this. */
const SLOW_FACTOR = 4
const SLOW_MS = 1_000
/** Between two questions to a peer that is busy, however soon it wants the next, in milliseconds. */
const MIN_BUSY_MS = 100

export class SlowPeers {
  readonly #needed: NeededBlocks
  readonly #picker: BlockPicker
  readonly #limits: TransferLimits

  constructor(needed: NeededBlocks, picker: BlockPicker, limits: TransferLimits) {
    this.#needed = needed
    this.#picker = picker
    this.#limits = limits
  }

  /**
   * A peer said that it is busy. It is asked again when a tick finds that its time is over.
   *
   * @param retryMs when it wants to be asked again; 0: it did not say
   */
  rest(peer: SwarmPeer, retryMs: number, nowMs: number): void {
    const { busyRetryMs, maxBusyRetryMs } = this.#limits
    const askedMs = retryMs > 0 ? retryMs : busyRetryMs
    pause(peer, nowMs + Math.min(Math.max(askedMs, MIN_BUSY_MS), maxBusyRetryMs))
  }

  /** A peer that was too slow is left alone for a while, longer each time. */
  bench(peer: SwarmPeer, nowMs: number): void {
    peer.benchMs = Math.min(Math.max(peer.benchMs * 2, MIN_BENCH_MS), this.#limits.maxBusyRetryMs)
    pause(peer, nowMs + peer.benchMs)
  }

  /**
   * Takes back what waits too long at a peer: of one that is late everything but the block that may be on its way, of
   * one that has everything what others can give meanwhile. What comes nevertheless is taken as long as it is missing.
   */
  reconsider(peer: SwarmPeer, nowMs: number): void {
    const { next } = peer
    if (next === undefined) return
    const isLate = peer.isLate(nowMs)
    if (!isLate && (!peer.hasAll || peer.window.timeLeft(next.size, 0, nowMs) < STALE_MS)) return
    const blocks = peer.asked
      .numbers()
      .filter((block, i) => (isLate && i > 0) || this.#picker.hasBetter(peer, block))
    this.#needed.takeBack(peer, blocks)
  }

  /**
   * Takes back from a peer that has everything what others can give by now, while it has what only it can give, and does
   * not send it yet. Returns whether there was anything.
   */
  exchange(peer: SwarmPeer): boolean {
    if (peer.asked.size === 0 || !peer.hasAll) return false
    const blocks = [...peer.asked].flatMap(({ block, isComing }) =>
      !isComing && this.#picker.hasBetter(peer, block) ? [block] : [],
    )
    if (blocks.length > 0) this.#needed.takeBack(peer, blocks)
    return blocks.length > 0
  }

  /** Many slow peers would owe all that may be asked for, and the others would stand idle. */
  makeRoom(peers: Iterable<SwarmPeer>, nowMs: number): void {
    const owing = [...peers].flatMap((peer) => {
      const { next } = peer
      return next === undefined ? [] : [{ peer, leftMs: peer.window.timeLeft(next.size, 0, nowMs) }]
    })
    owing.sort((a, b) => a.leftMs - b.leftMs)
    const medianMs = owing[owing.length >>> 1]?.leftMs ?? 0
    for (const { peer, leftMs } of owing) {
      // Who has everything may alone have what is rare.
      if (peer.hasAll || leftMs < Math.max(SLOW_MS, SLOW_FACTOR * medianMs)) continue
      this.bench(peer, nowMs)
      this.#needed.takeBack(peer, peer.asked.numbers())
    }
  }
}

function pause(peer: SwarmPeer, untilMs: number): void {
  peer.pausedUntilMs = Math.max(peer.pausedUntilMs, untilMs)
}
