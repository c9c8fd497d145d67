/**
 * Decides who is asked for which block: today in order from whoever is connected, with a window of bytes per peer that
 * counts those not yet verified and written, so that a slow disk slows the network and not the memory.
 */
import { ShoalError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../content/limits.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { Seams } from '../util/seams.ts'
import { BufferPool } from './buffer-pool.ts'
import type { TransferLimits } from './limits.ts'
import type { NoReason } from './messages.ts'
import type { BlockHandler, Requester } from './requester.ts'

export interface SchedulerInit {
  readonly sink: BlockSink
  /** Numbers of the blocks that are needed, in the order in which they are best asked for. */
  readonly needed: Iterable<number>
  readonly limits: TransferLimits
  readonly seams: Seams
  /** Whether a block may be asked for yet; when more may, `askMore` is to be called. @defaultValue every one */
  readonly mayAsk?: (block: number) => boolean
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
  readonly #fresh: Iterator<number>
  /** Blocks that were asked for and not delivered: asked again before fresh ones. */
  readonly #again: number[] = []
  readonly #peers = new Map<Requester, PeerState>()
  readonly #done = Promise.withResolvers<void>()
  #freshLeft = true
  /** Blocks that arrived and are being verified and written, from whatever peer. */
  #writing = 0
  #finished = false
  #idle: PromiseWithResolvers<void> | undefined
  #wanting: PromiseWithResolvers<void> | undefined

  constructor(init: SchedulerInit) {
    this.#init = init
    this.#pool = new BufferPool(Math.ceil(init.limits.windowBytes / MAX_BLOCK_BYTES) * 2)
    this.#fresh = init.needed[Symbol.iterator]()
    this.#done.promise.catch(() => {})
    // What is needed may be nothing.
    this.#fillAgain()
    this.#checkDone()
  }

  /** Resolves when every needed block is in the sink; rejects on a failure that no other peer can mend. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  get isFinished(): boolean {
    return this.#finished
  }

  /** Resolves when no block is being written. */
  settled(): Promise<void> {
    if (this.#writing === 0) return Promise.resolve()
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

  /** Starts asking an open session. Resolves when it ended or nothing is left to ask. */
  addPeer(requester: Requester): Promise<Error | undefined> {
    const state: PeerState = { asked: new Map(), bytes: 0, blocks: 0, left: Promise.withResolvers() }
    this.#peers.set(requester, state)
    requester.deliverTo(this.#handlerFor(requester, state))
    this.#ask(requester, state)
    this.#tellPeers()
    return state.left.promise
  }

  /** Ends with `error`; blocks that arrive afterwards are dropped. */
  fail(error: Error): void {
    if (this.#finished) return
    this.#finished = true
    this.#done.reject(error)
    this.#wanting?.resolve()
    for (const state of this.#peers.values()) state.left.resolve(undefined)
  }

  #handlerFor(requester: Requester, state: PeerState): BlockHandler {
    return {
      bufferFor: (block, length) => {
        const expected = this.#init.sink.lengthOf(block)
        return expected === undefined || expected === length ? this.#pool.take(length) : undefined
      },
      onBlock: (block, bytes) => {
        const size = state.asked.get(block) ?? 0
        state.asked.delete(block)
        this.#accept(requester, state, { block, size }, bytes).catch((error: unknown) =>
          this.fail(error as Error),
        )
      },
      onNo: (block, why, retryMs) => this.#onNo(requester, state, block, why, retryMs),
      onEnd: (error) => this.#onPeerEnd(requester, state, error),
    }
  }

  async #accept(
    requester: Requester,
    state: PeerState,
    { block, size }: { block: number; size: number },
    received: Uint8Array,
  ): Promise<void> {
    const length = received.byteLength
    this.#writing++
    let verified: boolean
    try {
      verified = await this.#init.sink.accept(block, received)
      this.#pool.give(received)
    } finally {
      this.#writing--
      state.bytes -= size
      state.blocks--
      if (this.#writing === 0) this.#idle?.resolve()
    }
    if (this.#finished) return
    if (verified) {
      this.#init.onVerified?.(block, length)
      if (!requester.session.isEnded) this.#ask(requester, state)
      this.#checkDone()
      return
    }
    this.#again.push(block)
    this.#init.onLiar?.(requester.session.remoteName)
    requester.session.fail(new ShoalError('ERR_CONTENT_INVALID', 'the other device sent wrong data'))
    this.#askAll()
  }

  #onNo(requester: Requester, state: PeerState, block: number, why: NoReason, retryMs: number): void {
    state.bytes -= state.asked.get(block) ?? 0
    state.blocks--
    state.asked.delete(block)
    this.#again.push(block)
    if (why === 'busy') {
      const { limits, seams } = this.#init
      seams.timers.set(() => this.#askAll(), retryMs > 0 ? retryMs : limits.busyRetryMs)
      return
    }
    requester.session.fail(
      new ShoalError(
        'ERR_CONTENT_GONE',
        why === 'changed'
          ? 'a file of this share was changed after it was shared'
          : 'the other device no longer has all of this share',
      ),
    )
  }

  #onPeerEnd(requester: Requester, state: PeerState, error: Error | undefined): void {
    this.#peers.delete(requester)
    // What already arrived is still being written; only the rest is asked for again.
    for (const block of state.asked.keys()) this.#again.push(block)
    state.asked.clear()
    state.left.resolve(error)
    this.#tellPeers()
    this.#askAll()
  }

  #tellPeers(): void {
    if (!this.#finished) this.#init.onPeers?.(this.#peers.size)
  }

  #isWanting(): boolean {
    this.#fillAgain()
    return this.#finished || this.#again.some((block) => this.#mayAsk(block))
  }

  #mayAsk(block: number): boolean {
    return this.#init.mayAsk?.(block) ?? true
  }

  #askAll(): void {
    if (this.#wanting !== undefined && this.#isWanting()) {
      this.#wanting.resolve()
      this.#wanting = undefined
    }
    for (const [requester, state] of this.#peers) this.#ask(requester, state)
  }

  #ask(requester: Requester, state: PeerState): void {
    const { windowBlocks, windowBytes } = this.#init.limits
    // Asking for several at once saves frames; a window that is half full keeps the peer busy meanwhile.
    if (this.#finished || state.bytes > windowBytes / 2 || state.blocks > windowBlocks / 2) return
    const blocks: number[] = []
    while (state.blocks < windowBlocks) {
      const block = this.#next()
      if (block === undefined) break
      const size = this.#init.sink.sizeOf(block)
      if (state.blocks > 0 && state.bytes + size > windowBytes) {
        this.#again.unshift(block)
        break
      }
      state.bytes += size
      state.blocks++
      state.asked.set(block, size)
      blocks.push(block)
    }
    requester.want(blocks)
  }

  #next(): number | undefined {
    this.#fillAgain()
    // One that comes back may stand behind one that has to wait.
    const at = this.#again.findIndex((block) => this.#mayAsk(block))
    return at < 0 ? undefined : this.#again.splice(at, 1)[0]
  }

  #fillAgain(): void {
    if (this.#again.length > 0 || !this.#freshLeft) return
    const next = this.#fresh.next()
    if (next.done === true) this.#freshLeft = false
    else this.#again.push(next.value)
  }

  #checkDone(): void {
    this.#fillAgain()
    if (this.#finished || this.#freshLeft || this.#again.length > 0 || this.#writing > 0) return
    for (const state of this.#peers.values()) if (state.asked.size > 0) return
    this.#finished = true
    this.#done.resolve()
    this.#wanting?.resolve()
    for (const state of this.#peers.values()) state.left.resolve(undefined)
  }
}

interface PeerState {
  /** Blocks asked of this peer and not yet here, with about how many bytes they have. */
  readonly asked: Map<number, number>
  /** Blocks asked of this peer and not yet verified and written, and their bytes. */
  blocks: number
  bytes: number
  readonly left: PromiseWithResolvers<Error | undefined>
}
