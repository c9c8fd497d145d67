/**
 * Tells one peer which blocks are here: all, or those that are and then those that come, several at a time. A peer that
 * takes nothing is told of all at once when it does, so that what it was not told of needs no memory.
 */
import type { ContentSource, HeldBlocks } from '../../store/content-source.ts'
import type { TimerHandle, Timers } from '../../util/seams.ts'
import { MAX_NUMBERS, MAX_PAYLOAD_BYTES } from '../constants.ts'
import type { TransferLimits } from '../limits.ts'
import type { Session } from '../wire/session.ts'

/** Blocks that one message with bits tells of. */
const BITS_PER_MESSAGE = MAX_PAYLOAD_BYTES * 8

export interface AnnouncerInit {
  readonly session: Session
  readonly limits: Pick<TransferLimits, 'maxNewsBlocks' | 'newsDelayMs'>
  readonly timers: Timers
}

export class Announcer {
  readonly #init: AnnouncerInit
  #source: ContentSource | undefined
  #unsubscribe: (() => void) | undefined
  /** Blocks that came and were not told of. */
  #news: number[] = []
  #timer: TimerHandle | undefined
  /** The peer takes nothing at the moment. */
  #isBlocked = false
  /** There was more to tell meanwhile than is kept. */
  #hasMissedNews = false
  #isStopped = false

  constructor(init: AnnouncerInit) {
    this.#init = init
  }

  announce(source: ContentSource | undefined): void {
    if (source === this.#source) return
    this.#forget()
    this.#source = source
    if (source === undefined) return
    const { held } = source
    if (held === undefined) {
      this.#init.session.send({ t: 'have', total: source.total, all: true })
    } else if (!this.#isStopped) {
      this.#unsubscribe = held.onMore((blocks) => this.#hear(blocks))
      this.#tellAll(source, held)
    }
  }

  /** The peer needs to know no more: it has everything itself, or is gone. */
  stop(): void {
    this.#isStopped = true
    this.#forget()
  }

  #forget(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#news = []
    this.#hasMissedNews = false
    this.#clearTimer()
  }

  #hear(blocks: readonly number[]): void {
    const { limits, timers } = this.#init
    if (this.#isBlocked && this.#news.length + blocks.length > limits.maxNewsBlocks) {
      this.#hasMissedNews = true
      this.#news = []
    }
    if (this.#hasMissedNews) return
    this.#news.push(...blocks)
    if (this.#isBlocked) return
    if (this.#news.length >= limits.maxNewsBlocks) this.#tell()
    else this.#timer ??= timers.set(() => this.#tell(), limits.newsDelayMs)
  }

  #tell(): void {
    this.#clearTimer()
    const news = this.#news
    this.#news = []
    for (let at = 0; at < news.length; at += MAX_NUMBERS) {
      this.#send(this.#init.session.send({ t: 'have', i: news.slice(at, at + MAX_NUMBERS) }))
    }
  }

  /** Bits from the first block that is here to the last. */
  #tellAll({ total }: ContentSource, held: HeldBlocks): void {
    for (let from = 0; from < total; from += BITS_PER_MESSAGE) {
      const until = Math.min(total, from + BITS_PER_MESSAGE)
      let first = from
      while (first < until && !held.has(first)) first++
      if (first === until) continue
      let last = until - 1
      while (!held.has(last)) last--
      const bits = new Uint8Array(Math.floor((last - first) / 8) + 1)
      for (let block = first; block <= last; block++) {
        const at = block - first
        if (held.has(block)) bits[at >>> 3] = (bits[at >>> 3] as number) | (0x80 >>> (at & 7))
      }
      this.#send(this.#init.session.send({ t: 'have', from: first, n: bits.byteLength }, bits))
    }
  }

  #send(hasRoom: boolean): void {
    if (hasRoom || this.#isBlocked) return
    this.#isBlocked = true
    this.#init.session.drained().then(
      () => this.#unblocked(),
      () => this.stop(),
    )
  }

  #unblocked(): void {
    this.#isBlocked = false
    const source = this.#source
    if (this.#hasMissedNews && source?.held !== undefined) {
      this.#hasMissedNews = false
      this.#tellAll(source, source.held)
    } else if (this.#news.length > 0) {
      this.#tell()
    }
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#init.timers.clear(this.#timer)
    this.#timer = undefined
  }
}
