/**
 * Decides who is asked for which block: of each peer as much as keeps it busy, and of all together no more than there
 * is memory for. What was asked counts until it is verified and written, so that a slow disk slows the network and not
 * the memory. Which block is next is for the picker, what is taken over from slow peers for `stealing.ts`.
 */
import { ShoalError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../content/limits.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { Seams, TimerHandle } from '../util/seams.ts'
import type { Allowance } from './allowance.ts'
import { AskedOf } from './asked-of.ts'
import type { BlockPicker } from './block-picker.ts'
import { BufferPool } from './buffer-pool.ts'
import { InOrderPicker } from './in-order-picker.ts'
import type { TransferLimits } from './limits.ts'
import type { NoReason } from './messages.ts'
import { RarestPicker } from './rarest-picker.ts'
import type { BlockHandler } from './requester.ts'
import { Stealing } from './stealing.ts'
import { SwarmPeer, type BlockProvider } from './swarm-peer.ts'

/** How often slow peers are looked for, in milliseconds. */
const TICK_MS = 100
/** What takes longer to come may be exchanged for something better, in milliseconds. */
const STALE_MS = 500
/** How long a peer that was late for the first time is left alone, in milliseconds. */
const MIN_BENCH_MS = 2_000
/** Where room is short, it is not for peers that take so many times as long as most, and longer than this. */
const SLOW_FACTOR = 4
const SLOW_MS = 1_000
/** Between two questions to a peer that is busy, however soon it wants the next, in milliseconds. */
const MIN_BUSY_MS = 100

export interface SchedulerInit {
  readonly sink: BlockSink
  /** Numbers of the blocks that are needed, ascending. */
  readonly needed: Iterable<number>
  /**
   * `given`: in their order, for who needs the first ones first, and taken from `needed` as late as possible. `rarest`:
   * those that the fewest peers have, so that all who fetch the same can give to each other.
   *
   * @defaultValue 'given'
   */
  readonly order?: 'given' | 'rarest'
  /** Number of blocks of the root, by the verified plan. @defaultValue it is not known */
  readonly total?: number
  readonly limits: TransferLimits
  readonly seams: Seams
  /**
   * Whether a block may be asked for yet, and then all before it; when more may, `askMore` is to be called. For the
   * order `given`.
   *
   * @defaultValue every one
   */
  readonly mayAsk?: (block: number) => boolean
  /** Bounds how fast is asked. @defaultValue nothing does */
  readonly allowance?: Allowance
  /** Told of each block that was verified and written: its number and its bytes as it travelled. */
  readonly onVerified?: (block: number, bytes: number) => void
  /** Told how many peers are asked, when that changes before the end. */
  readonly onPeers?: (connected: number) => void
  /** Told of a peer that sent a wrong block; its session has been ended. */
  readonly onLiar?: (peer: string) => void
}

export class Scheduler {
  readonly #init: SchedulerInit
  readonly #pool: BufferPool
  readonly #picker: BlockPicker
  readonly #peers = new Set<SwarmPeer>()
  readonly #askedOf = new AskedOf()
  readonly #stealing = new Stealing((block) => this.#askedOf.peers(block))
  readonly #done = Promise.withResolvers<void>()
  /** Blocks that are being verified and written. */
  readonly #writing = new Set<number>()
  /** What all peers together owe, or gave and is not written. */
  #owedBlocks = 0
  #owedBytes = 0
  /** A peer was not asked because all together owe enough. */
  #isCrowded = false
  #verifiedBlocks = 0
  #duplicateBlocks = 0
  /** How many of the blocks that were taken over are expected to come twice. */
  #risked = 0
  #finished = false
  #idle: PromiseWithResolvers<void> | undefined
  #wanting: PromiseWithResolvers<void> | undefined
  #tickTimer: TimerHandle | undefined
  #stopWaiting: (() => void) | undefined
  #stuckSinceMs: number | undefined

  constructor(init: SchedulerInit) {
    this.#init = init
    const { limits, needed, seams } = init
    this.#pool = new BufferPool(Math.ceil(limits.swarmWindowBytes / MAX_BLOCK_BYTES))
    this.#picker =
      init.order === 'rarest'
        ? new RarestPicker(needed, seams.random)
        : new InOrderPicker(needed, init.mayAsk ?? (() => true))
    this.#done.promise.catch(() => {})
    // What is needed may be nothing.
    this.#checkDone()
  }

  /** Resolves when every needed block is in the sink; rejects on a failure that no other peer can mend. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  get isFinished(): boolean {
    return this.#finished
  }

  /** Blocks that came and were of no use, because another peer had brought them. */
  get duplicateBlocks(): number {
    return this.#duplicateBlocks
  }

  /** Resolves when no block is being written. */
  settled(): Promise<void> {
    if (this.#writing.size === 0) return Promise.resolve()
    this.#idle ??= Promise.withResolvers()
    return this.#idle.promise
  }

  /** Resolves when a provider is of use: there is something to ask for, or it is over. */
  wanting(): Promise<void> {
    if (this.#isWanting()) return Promise.resolve()
    this.#wanting ??= Promise.withResolvers()
    return this.#wanting.promise
  }

  /** To be called when `mayAsk` allows more than it did. */
  askMore(): void {
    this.#askAll()
  }

  /**
   * Starts asking an open session. Resolves when it ended or nothing is left to ask. It is ended with ERR_CONTENT_GONE
   * when all peers have everything and refused what is missing, or nobody comes who has it; with ERR_NO_PROVIDER when
   * it has nothing of what is missing for too long.
   */
  addPeer(provider: BlockProvider): Promise<Error | undefined> {
    const peer = new SwarmPeer(provider, this.#nowMs)
    if (this.#finished) return Promise.resolve(undefined)
    if (this.#init.total !== undefined) provider.limitTo(this.#init.total)
    this.#peers.add(peer)
    this.#picker.enter(peer)
    provider.deliverTo(this.#handlerFor(peer))
    this.#ask(peer)
    this.#tellPeers()
    this.#tickTimer ??= this.#init.seams.timers.set(() => this.#tick(), TICK_MS)
    return peer.left.promise
  }

  /** Ends with `error`; blocks that arrive afterwards are dropped. */
  fail(error: Error): void {
    if (this.#finished) return
    this.#done.reject(error)
    this.#finish()
  }

  get #nowMs(): number {
    return this.#init.seams.clock.monotonic()
  }

  #handlerFor(peer: SwarmPeer): BlockHandler {
    return {
      bufferFor: (block, length) => {
        const expected = peer.asked.has(block) ? this.#init.sink.lengthOf(block) : undefined
        return expected === undefined || expected === length ? this.#pool.take(length) : undefined
      },
      onBlock: (block, bytes) => {
        this.#onBlock(peer, block, bytes).catch((error: unknown) => this.fail(error as Error))
      },
      onNo: (block, why, retryMs) => this.#onNo(peer, block, why, retryMs),
      onNewBlock: (block) => {
        peer.usefulAtMs = this.#nowMs
        this.#picker.added(peer, block)
      },
      onHave: () => {
        if (peer.hasAll && !peer.wasWhole) {
          peer.wasWhole = true
          peer.usefulAtMs = this.#nowMs
          this.#picker.addedAll(peer)
        }
        this.#ask(peer)
      },
      onEnd: (error) => this.#onPeerEnd(peer, error),
    }
  }

  async #onBlock(peer: SwarmPeer, block: number, received: Uint8Array): Promise<void> {
    const nowMs = this.#nowMs
    const asked = peer.asked.get(block)
    const size = asked?.size ?? received.byteLength
    if (asked === undefined) {
      this.#owe(peer, size)
    } else {
      peer.asked.delete(block)
      this.#askedOf.remove(block, peer)
      peer.window.arrived(received.byteLength, asked.askedAtMs, nowMs)
    }
    const isOpen =
      !this.#finished &&
      !this.#writing.has(block) &&
      (asked !== undefined || this.#askedOf.has(block) || this.#picker.claim(block))
    if (!isOpen) {
      this.#duplicateBlocks++
      this.#pool.give(received)
      this.#settle(peer, size)
      this.#ask(peer)
      return
    }
    const length = received.byteLength
    this.#writing.add(block)
    let isVerified: boolean
    try {
      isVerified = await this.#init.sink.accept(block, received)
      this.#pool.give(received)
    } finally {
      this.#writing.delete(block)
      this.#settle(peer, size)
      if (this.#writing.size === 0) this.#idle?.resolve()
    }
    if (this.#finished) return
    if (isVerified) this.#onVerified(peer, block, length)
    else this.#onWrong(peer, block)
  }

  #onVerified(peer: SwarmPeer, block: number, length: number): void {
    peer.isProven = true
    peer.benchMs = 0
    this.#verifiedBlocks++
    this.#picker.drop(block)
    const others = [...this.#askedOf.peers(block)]
    for (const other of others) {
      if (other.isLate(this.#nowMs)) this.#bench(other, this.#nowMs)
      this.#withdraw(other, [block])
    }
    this.#init.onVerified?.(block, length)
    this.#checkDone()
    if (this.#finished) return
    for (const other of others) this.#ask(other)
    if (this.#isCrowded && this.#hasRoom) this.#askAll()
    else this.#ask(peer)
  }

  /** A peer that was too slow is left alone for a while, longer each time. */
  #bench(peer: SwarmPeer, nowMs: number): void {
    peer.benchMs = Math.min(Math.max(peer.benchMs * 2, MIN_BENCH_MS), this.#init.limits.maxBusyRetryMs)
    peer.pausedUntilMs = Math.max(peer.pausedUntilMs, nowMs + peer.benchMs)
  }

  #onWrong(peer: SwarmPeer, block: number): void {
    if (!this.#askedOf.has(block)) this.#picker.give(block)
    this.#init.onLiar?.(peer.provider.session.remoteName)
    peer.provider.session.fail(new ShoalError('ERR_CONTENT_INVALID', 'the other device sent wrong data'))
    this.#askAll()
  }

  #onNo(peer: SwarmPeer, block: number, why: NoReason, retryMs: number): void {
    const asked = peer.asked.get(block)
    if (asked === undefined || this.#finished) return
    const { limits } = this.#init
    if (why === 'busy') {
      const askedMs = retryMs > 0 ? retryMs : limits.busyRetryMs
      const pauseMs = Math.min(Math.max(askedMs, MIN_BUSY_MS), limits.maxBusyRetryMs)
      // The tick asks it again.
      peer.pausedUntilMs = Math.max(peer.pausedUntilMs, this.#nowMs + pauseMs)
    } else {
      peer.refuse(block, why)
    }
    this.#release(peer, block)
    this.#askAll()
    this.#checkStuck()
  }

  #onPeerEnd(peer: SwarmPeer, error: Error | undefined): void {
    if (!this.#peers.delete(peer)) return
    this.#picker.leave(peer)
    // What already arrived is still being written; only the rest is asked for again.
    for (const block of peer.asked.keys()) this.#release(peer, block)
    peer.left.resolve(error)
    this.#tellPeers()
    this.#askAll()
  }

  #tellPeers(): void {
    if (!this.#finished) this.#init.onPeers?.(this.#peers.size)
  }

  #isWanting(): boolean {
    return this.#finished || this.#picker.hasAskable
  }

  #askAll(isTick = false): void {
    if (this.#wanting !== undefined && this.#isWanting()) {
      this.#wanting.resolve()
      this.#wanting = undefined
    }
    this.#isCrowded = false
    for (const peer of this.#peers) this.#ask(peer, isTick)
  }

  #ask(peer: SwarmPeer, isTick = false): void {
    const nowMs = this.#nowMs
    if (this.#finished || nowMs < peer.pausedUntilMs || peer.provider.session.isEnded) return
    const room = this.#roomOf(peer, nowMs)
    // Asking for several at once saves frames; a window that is half full keeps the peer busy meanwhile.
    if (peer.owedBytes > room.bytes / 2 || peer.owedBlocks > room.blocks / 2) return
    const blocks: number[] = []
    while (peer.owedBlocks < room.blocks && !this.#isFull(1)) {
      const block = this.#picker.take(peer)
      if (block === undefined) {
        this.#steal(peer, room, blocks, isTick)
        break
      }
      const size = this.#init.sink.sizeOf(block)
      if (!this.#takeRoom(peer, room.bytes, size)) {
        this.#picker.give(block, peer)
        break
      }
      this.#note(peer, block, size, nowMs)
      blocks.push(block)
    }
    peer.provider.want(blocks)
  }

  /** What a peer may owe. */
  #roomOf(peer: SwarmPeer, nowMs: number): { bytes: number; blocks: number } {
    const { windowBlocks, windowBytes } = this.#init.limits
    // A liar costs one block.
    if (!peer.isProven) return { bytes: windowBytes, blocks: 1 }
    // What is asked of the only one cannot be asked of a better one.
    if (this.#peers.size === 1) return { bytes: windowBytes, blocks: windowBlocks }
    if (peer.isLate(nowMs)) return { bytes: windowBytes, blocks: 1 }
    return { bytes: Math.min(windowBytes, peer.window.bytes), blocks: windowBlocks }
  }

  get #hasRoom(): boolean {
    const { swarmWindowBlocks, swarmWindowBytes } = this.#init.limits
    return this.#owedBlocks < swarmWindowBlocks / 2 && this.#owedBytes < swarmWindowBytes / 2
  }

  /** Whether so much more may be asked; what limits the rate then has given it. */
  #takeRoom(peer: SwarmPeer, roomBytes: number, size: number): boolean {
    const { allowance } = this.#init
    if (peer.owedBlocks > 0 && peer.owedBytes + size > roomBytes) return false
    if (this.#isFull(size)) return false
    if (allowance === undefined || allowance.tryTake(size)) return true
    this.#stopWaiting ??= allowance.whenRoom(() => {
      this.#stopWaiting = undefined
      this.#askAll()
    })
    return false
  }

  /** All together owe so much that nobody is asked for more. */
  #isFull(size: number): boolean {
    if (this.#owedBlocks === 0) return false
    const { swarmWindowBlocks, swarmWindowBytes } = this.#init.limits
    const isFull = this.#owedBlocks >= swarmWindowBlocks || this.#owedBytes + size > swarmWindowBytes
    if (isFull) this.#isCrowded = true
    return isFull
  }

  /** Takes over from slower peers what is left when nothing else is. */
  #steal(thief: SwarmPeer, room: { bytes: number; blocks: number }, blocks: number[], isTick: boolean): void {
    const isEnd = !this.#picker.hasAskable
    if (!isEnd && !isTick) return
    const nowMs = this.#nowMs
    while (thief.owedBlocks < room.blocks) {
      const budget = Math.max(1, (this.#verifiedBlocks * this.#init.limits.duplicatesPerMille) / 1_000)
      const theft = this.#stealing.choose(thief, this.#peers, {
        nowMs,
        mostRisk: budget - this.#risked,
        isEnd,
      })
      // What is here and being verified is not asked for once more.
      if (
        theft === undefined ||
        this.#writing.has(theft.block) ||
        !this.#takeRoom(thief, room.bytes, theft.size)
      )
        return
      this.#risked += theft.risk
      // The one that comes next may be on its way. The others are best not sent at all.
      if (!isEnd || theft.victim.asked.keys().next().value !== theft.block) {
        this.#withdraw(theft.victim, [theft.block])
      }
      this.#note(thief, theft.block, theft.size, nowMs)
      blocks.push(theft.block)
    }
  }

  #note(peer: SwarmPeer, block: number, size: number, nowMs: number): void {
    if (peer.asked.size === 0) peer.window.began(nowMs)
    peer.asked.set(block, { size, askedAtMs: nowMs })
    this.#askedOf.add(block, peer)
    this.#owe(peer, size)
  }

  #owe(peer: SwarmPeer, size: number): void {
    peer.owedBlocks++
    peer.owedBytes += size
    this.#owedBlocks++
    this.#owedBytes += size
  }

  #settle(peer: SwarmPeer, size: number): void {
    peer.owedBlocks--
    peer.owedBytes -= size
    this.#owedBlocks--
    this.#owedBytes -= size
  }

  /** A block is no longer asked of a peer; it is free if it is asked of nobody else. */
  #release(peer: SwarmPeer, block: number): void {
    const asked = peer.asked.get(block)
    if (asked === undefined) return
    peer.asked.delete(block)
    this.#askedOf.remove(block, peer)
    this.#settle(peer, asked.size)
    if (!this.#askedOf.has(block) && !this.#writing.has(block)) this.#picker.give(block)
  }

  /** Takes back what was asked and is not needed of this peer. */
  #withdraw(peer: SwarmPeer, blocks: readonly number[]): void {
    for (const block of blocks) {
      const asked = peer.asked.get(block)
      if (asked === undefined) continue
      peer.asked.delete(block)
      this.#askedOf.remove(block, peer)
      this.#settle(peer, asked.size)
    }
    peer.provider.cancel(blocks)
  }

  #tick(): void {
    this.#tickTimer = undefined
    if (this.#finished || this.#peers.size === 0) return
    const nowMs = this.#nowMs
    if (this.#peers.size > 1) for (const peer of this.#peers) this.#reconsider(peer, nowMs)
    if (this.#isCrowded) this.#makeRoom(nowMs)
    this.#askAll(true)
    this.#checkStuck()
    if (!this.#finished) this.#tickTimer = this.#init.seams.timers.set(() => this.#tick(), TICK_MS)
  }

  /**
   * Takes back what waits too long at a peer: of one that is late everything but the block that may be on its way, of
   * one that has everything what others can give meanwhile. What comes nevertheless is taken as long as it is missing.
   */
  #reconsider(peer: SwarmPeer, nowMs: number): void {
    const { next } = peer
    if (next === undefined) return
    const isLate = peer.isLate(nowMs)
    if (!isLate && (!peer.hasAll || peer.window.timeLeft(next.size, 0, nowMs) < STALE_MS)) return
    const blocks = [...peer.asked.keys()].filter(
      (block, i) => (isLate && i > 0) || this.#picker.hasBetter(peer, block),
    )
    this.#takeBack(peer, blocks)
  }

  /** Many slow peers would owe all that may be asked for, and the others would stand idle. */
  #makeRoom(nowMs: number): void {
    const owing = [...this.#peers].flatMap((peer) => {
      const { next } = peer
      return next === undefined ? [] : [{ peer, leftMs: peer.window.timeLeft(next.size, 0, nowMs) }]
    })
    owing.sort((a, b) => a.leftMs - b.leftMs)
    const medianMs = owing[owing.length >>> 1]?.leftMs ?? 0
    for (const { peer, leftMs } of owing) {
      // Who has everything may alone have what is rare.
      if (peer.hasAll || leftMs < Math.max(SLOW_MS, SLOW_FACTOR * medianMs)) continue
      this.#bench(peer, nowMs)
      this.#takeBack(peer, [...peer.asked.keys()])
    }
  }

  /** What is asked of a peer and better asked of another. */
  #takeBack(peer: SwarmPeer, blocks: readonly number[]): void {
    this.#withdraw(peer, blocks)
    for (const block of blocks) {
      if (!this.#askedOf.has(block) && !this.#writing.has(block)) this.#picker.give(block)
    }
  }

  /** Ends the sessions of peers that are of no use, when nobody is. */
  #checkStuck(): void {
    const isStuck =
      !this.#finished &&
      this.#owedBlocks === 0 &&
      this.#stopWaiting === undefined &&
      this.#peers.size > 0 &&
      this.#picker.hasAskable
    if (!isStuck) {
      this.#stuckSinceMs = undefined
      return
    }
    const nowMs = this.#nowMs
    this.#stuckSinceMs ??= nowMs
    const { idleTimeoutMs, maxBusyRetryMs } = this.#init.limits
    const peers = [...this.#peers]
    const isGone = peers.every(
      (peer) => peer.hasAll && peer.refusal !== undefined && peer.pausedUntilMs <= nowMs,
    )
    for (const peer of peers) {
      const patienceMs = peer.pausedUntilMs > 0 ? idleTimeoutMs + maxBusyRetryMs : idleTimeoutMs
      const uselessMs = nowMs - Math.max(this.#stuckSinceMs, peer.usefulAtMs)
      if (isGone || uselessMs >= patienceMs) peer.provider.session.fail(uselessness(peer))
    }
  }

  #checkDone(): void {
    if (this.#finished || this.#writing.size > 0 || this.#askedOf.size > 0 || !this.#picker.isEmpty) return
    this.#done.resolve()
    this.#finish()
  }

  #finish(): void {
    this.#finished = true
    this.#wanting?.resolve()
    this.#stopWaiting?.()
    if (this.#tickTimer !== undefined) this.#init.seams.timers.clear(this.#tickTimer)
    for (const peer of this.#peers) {
      if (peer.asked.size > 0) this.#withdraw(peer, [...peer.asked.keys()])
      peer.left.resolve(undefined)
    }
  }
}

function uselessness({ refusal }: SwarmPeer): ShoalError {
  if (refusal === undefined) {
    return new ShoalError('ERR_NO_PROVIDER', 'the other device has nothing of what is missing')
  }
  return new ShoalError(
    'ERR_CONTENT_GONE',
    refusal === 'changed'
      ? 'a file of this share was changed after it was shared'
      : 'the other device no longer has all of this share',
  )
}
