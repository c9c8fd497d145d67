/**
 * Decides who is asked for which block: of each peer as much as keeps it busy, and of all together no more than there
 * is memory for. This wires the parts and passes on what happens: `asker.ts` asks one peer, the picker says for which
 * block, `room.ts` for how much; `needed-blocks.ts` knows where each block stands, `arrivals.ts` takes those that come;
 * `stealing.ts`, `slow-peers.ts` and `stuck-peers.ts` are about peers that give little or nothing.
 */
import { ShoalError } from '../../errors.ts'
import type { TimerHandle } from '../../util/seams.ts'
import { Arrivals } from './arrivals.ts'
import { Asker } from './asker.ts'
import type { BlockPicker } from './block-picker.ts'
import { InOrderPicker } from './in-order-picker.ts'
import type { NoReason } from '../wire/messages.ts'
import { NeededBlocks } from './needed-blocks.ts'
import { RarestPicker } from './rarest-picker.ts'
import type { BlockHandler } from '../wire/requester.ts'
import { Room } from './room.ts'
import type { SchedulerFacts, SchedulerInit } from './scheduler-init.ts'
import { SlowPeers } from './slow-peers.ts'
import { StuckPeers } from './stuck-peers.ts'
import { SwarmPeer, type BlockProvider } from './swarm-peer.ts'

/** How often slow peers are looked for, in milliseconds. */
const TICK_MS = 100

export class Scheduler {
  readonly #init: SchedulerInit
  readonly #peers = new Set<SwarmPeer>()
  readonly #picker: BlockPicker
  readonly #room: Room
  readonly #needed: NeededBlocks
  readonly #arrivals: Arrivals
  readonly #asker: Asker
  readonly #slowPeers: SlowPeers
  readonly #stuckPeers: StuckPeers
  readonly #done = Promise.withResolvers<void>()
  #finished = false
  #wanting: PromiseWithResolvers<void> | undefined
  #tickTimer: TimerHandle | undefined

  constructor(init: SchedulerInit) {
    this.#init = init
    const { allowance, limits, sink } = init
    const picker = pickerFor(init)
    const room = new Room(limits, allowance, () => this.#askAll())
    const needed = new NeededBlocks(picker, room)
    this.#picker = picker
    this.#room = room
    this.#needed = needed
    this.#arrivals = new Arrivals({
      sink,
      needed,
      mostBytes: limits.swarmWindowBytes,
      onVerified: (peer, block, bytes) => this.#onVerified(peer, block, bytes),
      onWrong: (peer, block) => this.#onWrong(peer, block),
      onDuplicate: (peer) => this.#ask(peer),
    })
    const { duplicatesPerMille } = limits
    this.#asker = new Asker({ peers: this.#peers, picker, needed, room, sink, duplicatesPerMille })
    this.#slowPeers = new SlowPeers(needed, picker, limits)
    this.#stuckPeers = new StuckPeers(limits)
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
    return this.#arrivals.duplicates
  }

  /** How it stands at this moment. */
  facts(): SchedulerFacts {
    return { isStuck: this.#isStuck, peers: [...this.#peers] }
  }

  /** Resolves when no block is being written. */
  settled(): Promise<void> {
    return this.#arrivals.quiet()
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
        this.#onBegin(peer, block)
        return this.#arrivals.bufferFor(peer, block, length)
      },
      onBlock: (block, bytes) => {
        this.#arrivals
          .take(peer, block, bytes, this.#nowMs)
          .catch((error: unknown) => this.fail(error as Error))
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
        this.#exchange()
        this.#ask(peer)
      },
      onEnd: (error) => this.#onPeerEnd(peer, error),
    }
  }

  #onBegin(peer: SwarmPeer, block: number): void {
    if (this.#needed.peers(block).length < 2) {
      this.#needed.begin(peer, block)
      return
    }
    const nowMs = this.#nowMs
    // Once taken back, nothing tells any more that it was late.
    const late = this.#needed.peers(block).filter((other) => other !== peer && other.isLate(nowMs))
    for (const other of this.#needed.begin(peer, block)) {
      if (late.includes(other)) this.#slowPeers.bench(other, nowMs)
    }
  }

  #onVerified(peer: SwarmPeer, block: number, bytes: number): void {
    if (this.#finished) return
    peer.gave(bytes)
    this.#asker.verified()
    this.#picker.drop(block)
    const others = this.#needed.peers(block)
    for (const other of others) {
      const nowMs = this.#nowMs
      if (other.isLate(nowMs)) this.#slowPeers.bench(other, nowMs)
      this.#needed.withdraw(other, [block])
    }
    this.#init.onVerified?.(block, bytes)
    this.#checkDone()
    if (this.#finished) return
    for (const other of others) this.#ask(other)
    // Where all may owe no more, each place that is free would be a question of its own.
    if (!this.#room.isCrowded || peer.owedBlocks === 0) this.#ask(peer)
    else if (this.#room.isHalfFree) this.#askAll()
  }

  #onWrong(peer: SwarmPeer, block: number): void {
    if (this.#finished) return
    this.#needed.free(block)
    this.#init.onLiar?.(peer.provider.session.remoteName)
    peer.provider.session.fail(new ShoalError('ERR_CONTENT_INVALID', 'the other device sent wrong data'))
    this.#askAll()
  }

  #onNo(peer: SwarmPeer, block: number, why: NoReason, retryMs: number): void {
    if (!peer.asked.has(block) || this.#finished) return
    if (why === 'busy') this.#slowPeers.rest(peer, retryMs, this.#nowMs)
    else peer.refuse(block, why)
    this.#needed.release(peer, block)
    this.#askAll()
    this.#checkStuck()
  }

  #onPeerEnd(peer: SwarmPeer, error: Error | undefined): void {
    if (!this.#peers.delete(peer)) return
    this.#picker.leave(peer)
    // What already arrived is still being written; only the rest is asked for again.
    for (const block of peer.asked.numbers()) this.#needed.release(peer, block)
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
    this.#room.beginRound()
    for (const peer of this.#peers) this.#ask(peer, isTick)
  }

  #ask(peer: SwarmPeer, isTick = false): void {
    // The clock costs more than all else that is decided here.
    if (this.#finished || this.#room.isBusy(peer)) return
    this.#asker.ask(peer, this.#nowMs, isTick)
  }

  #tick(): void {
    this.#tickTimer = undefined
    if (this.#finished || this.#peers.size === 0) return
    const nowMs = this.#nowMs
    if (this.#peers.size > 1) for (const peer of this.#peers) this.#slowPeers.reconsider(peer, nowMs)
    if (this.#room.isCrowded) this.#slowPeers.makeRoom(this.#peers, nowMs)
    this.#askAll(true)
    this.#checkStuck()
    if (!this.#finished) this.#tickTimer = this.#init.seams.timers.set(() => this.#tick(), TICK_MS)
  }

  #exchange(): void {
    if (this.#finished || this.#peers.size === 1) return
    for (const peer of this.#peers) if (this.#slowPeers.exchange(peer)) this.#ask(peer)
  }

  get #isStuck(): boolean {
    const isIdle = !this.#finished && this.#room.isUnused && !this.#room.isWaiting
    return isIdle && this.#peers.size > 0 && this.#picker.hasAskable
  }

  #checkStuck(): void {
    this.#stuckPeers.check(this.#isStuck, this.#peers, this.#nowMs)
  }

  #checkDone(): void {
    if (this.#finished || !this.#needed.areWritten) return
    this.#done.resolve()
    this.#finish()
  }

  #finish(): void {
    this.#finished = true
    this.#needed.close()
    this.#wanting?.resolve()
    this.#room.stop()
    if (this.#tickTimer !== undefined) this.#init.seams.timers.clear(this.#tickTimer)
    for (const peer of this.#peers) {
      if (peer.asked.size > 0) this.#needed.withdraw(peer, peer.asked.numbers())
      peer.left.resolve(undefined)
    }
  }
}

function pickerFor({ needed, order, total, mayAsk, seams }: SchedulerInit): BlockPicker {
  return order === 'rarest'
    ? new RarestPicker(needed, seams.random, total)
    : new InOrderPicker(needed, mayAsk ?? (() => true))
}
