/**
 * The fetching half of a session: asks one peer for nodes and blocks and matches what comes back. Only what was
 * asked for gets memory; whether it is right is the caller's business.
 */
import type { CID } from 'multiformats/cid'
import { ShoalError } from '../../errors.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { acceptCid, digestsEqual, sha256 } from '../../content/cid.ts'
import { Availability } from './availability.ts'
import { BlockTable } from './block-table.ts'
import { MAX_CIDS, MAX_NUMBERS } from '../constants.ts'
import type { TransferLimits } from '../limits.ts'
import type { Message, NoReason } from './messages.ts'
import type { Session } from './session.ts'
import type { PayloadSlot, SessionHandler } from './session-handler.ts'

/** How often the peer's silence is measured, as a part of the idle time-out. */
const IDLE_CHECKS = 4

/** Answers to cancelled questions that may still come, per session; above it nothing is cancelled. */
const MAX_LATE = 4_096

export interface BlockHandler {
  /** A buffer for a block of `length` bytes; undefined when a block of that length cannot be block `block`. */
  bufferFor: (block: number, length: number) => Uint8Array | undefined
  /** A block that was asked for, perhaps cancelled since. */
  onBlock: (block: number, bytes: Uint8Array) => void
  onNo: (block: number, why: NoReason, retryMs: number) => void
  /** The peer has this block now, and had not said so. */
  onNewBlock?: (block: number) => void
  /** The peer said what it has; after `onNewBlock` for each block that it named. */
  onHave?: () => void
  /** Called once; whatever is outstanding will not come. */
  onEnd: (error: Error | undefined) => void
}

/** The peer has what was asked for and no room to send it now. */
export class BusyError extends ShoalError {
  /** When the peer asks to be asked again, in milliseconds; undefined when it did not say. */
  readonly retryMs: number | undefined

  constructor(retryMs: number | undefined) {
    super('ERR_NO_PROVIDER', 'the other device is busy')
    this.retryMs = retryMs
  }
}

interface PendingNode {
  readonly cid: CID
  readonly answer: Promise<Uint8Array>
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

export interface RequesterInit {
  readonly session: Session
  readonly seams: Seams
  readonly limits: TransferLimits
}

export class Requester implements SessionHandler {
  readonly session: Session
  /** What the peer says it has. */
  readonly availability = new Availability()
  /** Nodes and blocks that were asked for and came, right or wrong. */
  answers = 0
  /** Bytes of blocks that came and were right, counted by whoever verifies them. */
  verifiedBytes = 0
  readonly #seams: Seams
  readonly #limits: TransferLimits
  readonly #nodes = new Map<string, PendingNode>()
  readonly #wanted = new BlockTable<true>()
  /** How many answers to cancelled questions may still come, by block. */
  readonly #late = new Map<number, number>()
  #lateCount = 0
  #blocks: BlockHandler | undefined
  #idleTimer: TimerHandle | undefined
  #idleSinceMs = 0
  #endError: Error | undefined
  #ended = false

  constructor(init: RequesterInit) {
    this.session = init.session
    this.#seams = init.seams
    this.#limits = init.limits
  }

  /** Blocks asked for and neither got nor refused. */
  get outstanding(): number {
    return this.#wanted.size
  }

  /** Sets who gets the blocks. Must stand before the first `want`. */
  deliverTo(handler: BlockHandler): void {
    this.#blocks = handler
    if (this.#ended) handler.onEnd(this.#endError)
  }

  /**
   * Gets nodes by CID, each verified against it. One that is under way is not asked for again.
   *
   * @throws BusyError; ShoalError ERR_CONTENT_GONE when the peer has one of them no longer, ERR_CONTENT_INVALID when
   *   it lies
   */
  async getNodes(cids: readonly CID[]): Promise<Uint8Array[]> {
    const results: Promise<Uint8Array>[] = []
    for (let at = 0; at < cids.length; at += MAX_CIDS) {
      const batch = cids.slice(at, at + MAX_CIDS)
      const fresh: CID[] = []
      const answers = batch.map((cid) => {
        const pending = this.#nodes.get(acceptCid(cid).toString())
        if (pending === undefined) fresh.push(cid)
        return pending?.answer ?? this.#expectNode(cid)
      })
      if (fresh.length > 0) this.session.send({ t: 'get', c: fresh })
      results.push(...answers)
      await Promise.all(answers)
    }
    return await Promise.all(results)
  }

  want(blocks: readonly number[]): void {
    if (this.#ended || blocks.length === 0) return
    for (const block of blocks) this.#wanted.set(block, true)
    this.#watch()
    this.session.send({ t: 'want', i: blocks })
  }

  /** Takes back what was asked. What is on its way comes nevertheless. */
  cancel(blocks: readonly number[]): void {
    if (this.#ended) return
    const cancelled = blocks.filter((block) => this.#wanted.has(block)).slice(0, MAX_LATE - this.#lateCount)
    for (const block of cancelled) {
      this.#wanted.delete(block)
      this.#late.set(block, (this.#late.get(block) ?? 0) + 1)
    }
    this.#lateCount += cancelled.length
    this.#progress()
    for (let at = 0; at < cancelled.length; at += MAX_NUMBERS) {
      this.session.send({ t: 'cancel', i: cancelled.slice(at, at + MAX_NUMBERS) })
    }
  }

  /** To be called once the number of blocks is known. Ends the session of a peer that says it has others. */
  limitTo(total: number): void {
    try {
      this.availability.limitTo(total)
    } catch (error) {
      this.session.fail(error as Error)
    }
  }

  payloadFor(message: Message): PayloadSlot | undefined {
    if (message.t === 'cid') return this.#slotForNode(message.c, message.n)
    if (message.t === 'have' && 'n' in message) return this.#slotForBits(message.from, message.n)
    if (message.t !== 'block' || !this.#isDue(message.i)) return undefined
    const block = message.i
    const buffer = this.#blocks?.bufferFor(block, message.n)
    // A wrong block like any other: the same peer would send it again.
    if (buffer === undefined) throw new ShoalError('ERR_CONTENT_INVALID', 'the other device sent wrong data')
    return {
      buffer,
      deliver: (bytes) => {
        this.answers++
        this.#answered(block)
        this.#blocks?.onBlock(block, bytes)
      },
    }
  }

  onMessage(message: Message): void {
    if (message.t === 'have') this.#onHave(message)
    if (message.t !== 'no') return
    if (message.i !== undefined) {
      if (!this.#isDue(message.i)) throw new ShoalError('ERR_PROTOCOL', 'a peer refused what nobody asked')
      const wasWanted = this.#answered(message.i)
      if (wasWanted) this.#blocks?.onNo(message.i, message.why, message.retryMs ?? 0)
    } else if (message.c !== undefined) {
      this.#refuseNode(message.c, message.why, message.retryMs)
    }
  }

  onEnd(error: Error | undefined): void {
    this.#ended = true
    this.#endError = error
    this.#stopWatch()
    const reason = error ?? new ShoalError('ERR_PROTOCOL', 'the other device ended the session')
    for (const node of this.#nodes.values()) node.reject(reason)
    this.#nodes.clear()
    this.#wanted.clear()
    this.#late.clear()
    this.#blocks?.onEnd(error)
  }

  #isDue(block: number): boolean {
    return this.#wanted.has(block) || this.#late.has(block)
  }

  /** One answer came: to what is wanted, else to what was cancelled. True for what is wanted. */
  #answered(block: number): boolean {
    const wasWanted = this.#wanted.delete(block)
    if (!wasWanted) {
      const late = this.#late.get(block) ?? 0
      if (late > 1) this.#late.set(block, late - 1)
      else this.#late.delete(block)
      this.#lateCount--
    }
    this.#progress()
    return wasWanted
  }

  #slotForBits(from: number, length: number): PayloadSlot {
    return {
      buffer: new Uint8Array(length),
      deliver: (bits) => {
        this.availability.addBits(from, bits, (block) => this.#blocks?.onNewBlock?.(block))
        this.#blocks?.onHave?.()
      },
    }
  }

  #onHave(message: Extract<Message, { t: 'have' }>): void {
    if ('all' in message) this.availability.addAll(message.total)
    else if ('i' in message)
      this.availability.addBlocks(message.i, (block) => this.#blocks?.onNewBlock?.(block))
    this.#blocks?.onHave?.()
  }

  #expectNode(cid: CID): Promise<Uint8Array> {
    if (this.#ended) {
      return Promise.reject(
        this.#endError ?? new ShoalError('ERR_PROTOCOL', 'the other device ended the session'),
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    this.#nodes.set(cid.toString(), { cid, answer: promise, resolve, reject })
    this.#watch()
    return promise
  }

  #slotForNode(cid: CID, length: number): PayloadSlot | undefined {
    const key = cid.toString()
    if (!this.#nodes.has(key)) return undefined
    return {
      buffer: new Uint8Array(length),
      deliver: (bytes) => {
        const node = this.#nodes.get(key)
        this.#nodes.delete(key)
        this.answers++
        this.#progress()
        if (node === undefined) return
        if (digestsEqual(sha256(bytes), node.cid.multihash.digest)) {
          node.resolve(bytes)
          return
        }
        const error = new ShoalError('ERR_CONTENT_INVALID', 'the other device sent wrong data')
        node.reject(error)
        this.session.fail(error)
      },
    }
  }

  #refuseNode(cid: CID, why: NoReason, retryMs: number | undefined): void {
    const key = cid.toString()
    const node = this.#nodes.get(key)
    if (node === undefined) throw new ShoalError('ERR_PROTOCOL', 'a peer refused what nobody asked')
    this.#nodes.delete(key)
    this.#progress()
    node.reject(
      why === 'busy'
        ? new BusyError(retryMs)
        : new ShoalError('ERR_CONTENT_GONE', 'the other device no longer has all of this share'),
    )
  }

  /** Starts measuring silence, if something is owed and it is not measured yet. */
  #watch(): void {
    if (this.#idleTimer !== undefined || this.#ended) return
    this.#idleSinceMs = this.#seams.clock.monotonic()
    const check = (): void => {
      const heard = Math.max(this.session.lastReceivedMs, this.#idleSinceMs)
      if (this.#seams.clock.monotonic() - heard >= this.#limits.idleTimeoutMs) {
        this.#idleTimer = undefined
        this.session.fail(new ShoalError('ERR_PROTOCOL', 'the other device fell silent'))
        return
      }
      this.#idleTimer = this.#seams.timers.set(check, this.#limits.idleTimeoutMs / IDLE_CHECKS)
    }
    this.#idleTimer = this.#seams.timers.set(check, this.#limits.idleTimeoutMs / IDLE_CHECKS)
  }

  #progress(): void {
    if (this.#wanted.size === 0 && this.#nodes.size === 0) this.#stopWatch()
  }

  #stopWatch(): void {
    if (this.#idleTimer !== undefined) this.#seams.timers.clear(this.#idleTimer)
    this.#idleTimer = undefined
  }
}
