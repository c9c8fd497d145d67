/**
 * The serving half of a session: answers `want` and `get` in the order they came, a few blocks read ahead, never
 * more in memory than the limits name.
 */
import type { CID } from 'multiformats/cid'
import { ShoalError } from '../errors.ts'
import type { BlockAnswer, ContentSource } from '../store/content-source.ts'
import type { TransferLimits } from './limits.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { Message } from './messages.ts'
import type { PayloadSlot, Session, SessionHandler } from './session.ts'

/** What was asked: a block by number or a node by CID. */
type Ask = number | CID

export interface UploaderInit {
  readonly session: Session
  readonly source: ContentSource
  readonly limits: TransferLimits
  readonly budget: MemoryBudget
  /** Told of each payload that was handed to the channel, in bytes; `block` is absent for a node. */
  readonly onSent?: (bytes: number, block: number | undefined) => void
}

interface Reading {
  readonly ask: Ask
  readonly answer: Promise<BlockAnswer>
}

export class Uploader implements SessionHandler {
  readonly #init: UploaderInit
  #queue: Ask[] = []
  #gets = 0
  #wants = 0
  #running = false
  #ended = false

  constructor(init: UploaderInit) {
    this.#init = init
  }

  /** Tells the peer what is here. Called once, when the session is open. */
  announce(): void {
    this.#init.session.send({ t: 'have', total: this.#init.source.total, all: true })
  }

  payloadFor(): PayloadSlot | undefined {
    return undefined
  }

  onMessage(message: Message): void {
    if (message.t === 'want') this.#onWant(message.i)
    else if (message.t === 'get') this.#onGet(message.c)
    else if (message.t === 'cancel') this.#onCancel(message.i)
  }

  onEnd(): void {
    this.#ended = true
    this.#queue = []
  }

  #onWant(numbers: readonly number[]): void {
    const { session, source, limits } = this.#init
    for (const i of numbers) {
      if (i >= source.total)
        throw new ShoalError('ERR_PROTOCOL', 'a peer asked for a block that does not exist')
      if (this.#wants >= limits.maxWantsPerPeer) {
        session.send({ t: 'no', i, why: 'busy', retryMs: limits.busyRetryMs })
      } else {
        this.#wants++
        this.#queue.push(i)
      }
    }
    this.#run()
  }

  #onGet(cids: readonly CID[]): void {
    const { session, limits } = this.#init
    for (const c of cids) {
      if (this.#gets >= limits.maxGetsPerPeer) {
        session.send({ t: 'no', c, why: 'busy', retryMs: limits.busyRetryMs })
      } else {
        this.#gets++
        this.#queue.push(c)
      }
    }
    this.#run()
  }

  #onCancel(numbers: readonly number[]): void {
    const cancelled = new Set(numbers)
    const kept = this.#queue.filter((ask) => typeof ask !== 'number' || !cancelled.has(ask))
    this.#wants -= this.#queue.length - kept.length
    this.#queue = kept
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
    const { budget, limits } = this.#init
    const reading: Reading[] = []
    try {
      while (!this.#ended && (this.#queue.length > 0 || reading.length > 0)) {
        while (this.#queue.length > 0 && reading.length < limits.readAheadBlocks) {
          // Waiting for memory while holding some could wait for ever: send what is read first.
          if (reading.length > 0 && !budget.tryAcquire()) break
          if (reading.length === 0) await budget.acquire()
          const ask = this.#queue.shift()
          if (ask === undefined) {
            budget.release()
            break
          }
          const answer = this.#read(ask)
          // The loop may end before it looks at this one.
          answer.catch(() => {})
          reading.push({ ask, answer })
        }
        const next = reading.shift()
        if (next === undefined) continue
        try {
          await this.#deliver(next.ask, await next.answer)
        } finally {
          budget.release()
        }
      }
    } finally {
      for (const left of reading)
        left.answer.then(
          () => budget.release(),
          () => budget.release(),
        )
    }
  }

  #read(ask: Ask): Promise<BlockAnswer> {
    const { source } = this.#init
    return typeof ask === 'number' ? source.readBlock(ask) : source.readNode(ask)
  }

  async #deliver(ask: Ask, answer: BlockAnswer): Promise<void> {
    const { session, onSent } = this.#init
    const isBlock = typeof ask === 'number'
    if (isBlock) this.#wants--
    else this.#gets--
    if (this.#ended) return
    if (answer.outcome !== 'bytes') {
      const why = answer.outcome
      session.send(isBlock ? { t: 'no', i: ask, why } : { t: 'no', c: ask, why })
      return
    }
    const n = answer.bytes.byteLength
    const header: Message = isBlock ? { t: 'block', i: ask, n } : { t: 'cid', c: ask, n }
    const hasRoom = session.send(header, answer.bytes)
    onSent?.(n, isBlock ? ask : undefined)
    if (!hasRoom && !this.#ended) await session.drained()
  }
}
