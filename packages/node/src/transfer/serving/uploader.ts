/**
 * The serving half of a session: says what is here, answers `get` in the order it came and `want` in that of `SendOrder`, a
 * few blocks read ahead, never more in memory than the limits name.
 */
import type { CID } from 'multiformats/cid'
import { ShoalError } from '../../errors.ts'
import type { BlockAnswer, ContentSource } from '../../store/content-source.ts'
import type { Timers } from '../../util/seams.ts'
import { Announcer } from './announcer.ts'
import { MAX_BLOCKS } from '../constants.ts'
import type { Contender } from './contender.ts'
import type { FairBudget } from './fair-budget.ts'
import { SEND_ORDER, type TransferLimits } from '../limits.ts'
import type { Message } from '../wire/messages.ts'
import type { SendOrder } from './send-order.ts'
import type { Session } from '../wire/session.ts'
import type { PayloadSlot, SessionHandler } from '../wire/session-handler.ts'

/** What was asked: a block by number or a node by CID. */
export type Ask = number | CID

export interface UploaderInit {
  readonly session: Session
  /** What is served of the root now; undefined: nothing. Another may take its place while the session is open. */
  readonly source: () => ContentSource | undefined
  readonly limits: TransferLimits
  readonly timers: Timers
  readonly budget: FairBudget
  /** Who of those that ask for the root is sent a block first. */
  readonly order: SendOrder
  /** Is whatever is asked answered with `busy` now? */
  readonly isShed: () => boolean
  /** Told of each payload that was handed to the channel, in bytes. */
  readonly onSent?: (bytes: number, ask: Ask) => void
}

interface Reading {
  readonly ask: Ask
  readonly answer: Promise<BlockAnswer>
}

const MISSING = { outcome: 'missing' } as const

export class Uploader implements SessionHandler {
  readonly #init: UploaderInit
  readonly #announcer: Announcer
  readonly #contender: Contender
  #queue: Ask[] = []
  #gets = 0
  #wants = 0
  /** Refusals since the peer took the last of them. */
  #untaken = 0
  /** Refusals since this time, in milliseconds as the session has it. */
  #hasty = 0
  #hastySinceMs = 0
  #running = false
  #isEnded = false

  constructor(init: UploaderInit) {
    this.#init = init
    this.#announcer = new Announcer(init)
    this.#contender = init.order.enter()
  }

  /** The peer asked for something that it has not got yet. */
  get isServing(): boolean {
    return this.#running
  }

  /** Tells the peer what is here: when the session is open, and when what is served is another source. */
  announce(): void {
    if (!this.#isEnded) this.#announcer.announce(this.#init.source())
  }

  payloadFor(): PayloadSlot | undefined {
    return undefined
  }

  onMessage(message: Message): void {
    if (message.t === 'want') this.#onWant(message.i)
    else if (message.t === 'get') this.#onGet(message.c)
    else if (message.t === 'cancel') this.#onCancel(message.i)
    else if (message.t === 'have' && 'i' in message) this.#init.order.has(this.#contender, message.i)
  }

  onEnd(): void {
    this.#queue = []
    this.#announcer.stop()
    this.#isEnded = true
    this.#init.order.leave(this.#contender)
  }

  #onWant(numbers: readonly number[]): void {
    const { source, limits, isShed } = this.#init
    const shed = isShed()
    const total = source()?.total ?? MAX_BLOCKS
    for (const i of numbers) {
      if (i >= total) throw new ShoalError('ERR_PROTOCOL', 'a peer asked for a block that does not exist')
      if (shed || this.#wants >= limits.maxWantsPerPeer) {
        this.#refuse({ t: 'no', i, why: 'busy', retryMs: this.#retryMs(shed) })
      } else {
        this.#wants++
        this.#queue.push(i)
      }
    }
    this.#run()
  }

  #onGet(cids: readonly CID[]): void {
    const { limits, isShed } = this.#init
    const shed = isShed()
    for (const c of cids) {
      if (shed || this.#gets >= limits.maxGetsPerPeer) {
        this.#refuse({ t: 'no', c, why: 'busy', retryMs: this.#retryMs(shed) })
      } else {
        this.#gets++
        this.#queue.push(c)
      }
    }
    this.#run()
  }

  #retryMs(shed: boolean): number {
    const { busyRetryMs, shedRetryMs } = this.#init.limits
    return shed ? shedRetryMs : busyRetryMs
  }

  /** Who asks on and takes no answer would have them all kept here; who takes them keeps us busy with nothing else. */
  #refuse(refusal: Message): void {
    const { session, limits } = this.#init
    if (session.lastReceivedMs - this.#hastySinceMs >= limits.busyRetryMs) {
      this.#hasty = 0
      this.#hastySinceMs = session.lastReceivedMs
    }
    if (++this.#hasty > limits.maxHastyAsks) {
      throw new ShoalError('ERR_PROTOCOL', 'a peer asks on although it was told to wait')
    }
    if (session.send(refusal)) return
    if (++this.#untaken > limits.maxUntakenRefusals) {
      throw new ShoalError('ERR_PROTOCOL', 'a peer asks on and takes no answer')
    }
    if (this.#untaken > 1) return
    const taken = (): void => void (this.#untaken = 0)
    session.drained().then(taken, taken)
  }

  #onCancel(numbers: readonly number[]): void {
    const cancelled = new Set(numbers)
    const kept = this.#queue.filter((ask) => typeof ask !== 'number' || !cancelled.has(ask))
    this.#wants -= this.#queue.length - kept.length
    this.#queue = kept
    this.#contender.wake?.()
  }

  #run(): void {
    if (this.#running) return
    this.#running = true
    this.#serve()
      .catch((error: unknown) => this.#init.session.fail(error as Error))
      .finally(() => {
        this.#running = false
        // What was asked since the loop looked last would wait for the next question.
        if (this.#queue.length > 0) this.#run()
      })
  }

  async #serve(): Promise<void> {
    const { budget, limits, order, session } = this.#init
    const peer = session.remoteName
    const reading: Reading[] = []
    try {
      while (!this.#isEnded && (this.#queue.length > 0 || reading.length > 0)) {
        while (this.#queue.length > 0 && reading.length < limits.readAheadBlocks) {
          // Waiting while holding memory could wait for ever: send what is read first.
          if (reading.length > 0 && (this.#hasToWait() || !budget.tryAcquire(peer))) break
          if (reading.length === 0) {
            await order.turn(
              this.#contender,
              () => this.#nextBlock(),
              () => session.send({ t: 'have', i: [] }),
            )
            await budget.acquire(peer)
          }
          const ask = this.#take()
          if (ask === undefined) {
            budget.release(peer, 0)
            break
          }
          const answer = this.#read(ask)
          // The loop may end before it looks at this one.
          answer.catch(() => {})
          reading.push({ ask, answer })
        }
        const next = reading.shift()
        if (next === undefined) continue
        let sent = 0
        try {
          sent = await this.#deliver(next.ask, await next.answer)
        } finally {
          budget.release(peer, sent)
          if (typeof next.ask === 'number') order.ended(this.#contender, next.ask)
        }
      }
    } finally {
      this.#contender.withdraws()
      const release = (): void => budget.release(peer, 0)
      for (const left of reading) left.answer.then(release, release)
    }
  }

  /** The place in the queue of what is answered next: nodes, which nobody can go on without, wait for nothing. */
  #best(): number {
    if (this.#init.order.isAlone) return 0
    const blocks: number[] = []
    for (const ask of this.#queue) {
      if (typeof ask !== 'number' || blocks.length === SEND_ORDER.mostCompared) break
      blocks.push(ask)
    }
    return this.#init.order.best(blocks)
  }

  /** The block that is sent next, if it is one and somebody waits for it. */
  #nextBlock(): number | undefined {
    const ask = this.#isEnded ? undefined : this.#queue[this.#best()]
    return typeof ask === 'number' ? ask : undefined
  }

  #hasToWait(): boolean {
    const block = this.#nextBlock()
    return block !== undefined && this.#init.order.heldUntil(this.#contender, block) !== undefined
  }

  #take(): Ask | undefined {
    if (this.#queue.length === 0) return undefined
    const [ask] = this.#queue.splice(this.#best(), 1)
    if (typeof ask === 'number') this.#init.order.began(this.#contender, ask)
    return ask
  }

  async #read(ask: Ask): Promise<BlockAnswer> {
    const source = this.#init.source()
    if (source === undefined) return MISSING
    return await (typeof ask === 'number' ? source.readBlock(ask) : source.readNode(ask))
  }

  /** Returns how many bytes of payload were sent. */
  async #deliver(ask: Ask, answer: BlockAnswer): Promise<number> {
    const { session, onSent } = this.#init
    const isBlock = typeof ask === 'number'
    if (isBlock) this.#wants--
    else this.#gets--
    if (this.#isEnded) return 0
    if (answer.outcome !== 'bytes') {
      const why = answer.outcome
      session.send(isBlock ? { t: 'no', i: ask, why } : { t: 'no', c: ask, why })
      return 0
    }
    const n = answer.bytes.byteLength
    const header: Message = isBlock ? { t: 'block', i: ask, n } : { t: 'cid', c: ask, n }
    const hasRoom = session.send(header, answer.bytes)
    onSent?.(n, ask)
    if (!hasRoom && !this.#isEnded) await session.drained()
    return n
  }
}
