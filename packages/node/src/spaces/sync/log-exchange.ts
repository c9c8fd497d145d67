/**
 * One log of a space in one session, as one side has it: which keys lack on either side, what is still to be asked for and to be
 * given. Says what to send; what comes is handed to it. Frames go in ascending order of their keys, parents first, so that next to
 * nothing has to wait; only what is missing below them is asked for by id and sent before all else.
 *
 *     data = u8 flags, u32be bytes of keys, keys (38 bytes each), frames
 *     flags: 1 = this side has nothing more to give or ask for, 2 = it has more to ask for in its next message
 */
import { ShoalError } from '../../errors.ts'
import type { Hex } from '../auth/action.ts'
import { readFrames, writeFrames } from './frame-list.ts'
import type { SyncCaller } from './handshake.ts'
import { eachKey, KEY_BYTES } from './id-set.ts'
import {
  MAX_FOUND,
  MAX_FRAMES_BYTES,
  MAX_IDLE_TURNS,
  MAX_ROUNDS,
  MAX_USELESS_TURNS,
  MAX_WANTS_BYTES,
  PAGE_KEYS,
} from './limits.ts'
import { sortedKeys } from './reconcile.ts'
import type { SyncLog } from './space-side.ts'

const LAST = 1
const MORE_WANTS = 2
const HEAD_BYTES = 5
const PAGE_BYTES = PAGE_KEYS * KEY_BYTES

export interface ExchangeInit {
  readonly host: SyncCaller
  readonly space: Hex
  /** Who is at the other end. */
  readonly author: Hex
  readonly log: SyncLog
}

/** What one side says next. */
interface Say {
  readonly kind: 'ranges' | 'data'
  readonly body: Uint8Array
}

export class LogExchange {
  readonly log: SyncLog
  readonly #init: ExchangeInit
  #rounds = 0
  #lacking: Uint8Array[] = []
  #surplus: Uint8Array[] = []
  /** Keys to ask for and to give, once it is known which; in order. */
  #wants: Uint8Array | undefined
  #gives: Uint8Array = new Uint8Array()
  readonly #asked = new Set<string>()
  #requested = 0
  #hasHeard = false
  #theyHaveMore = false
  #idle = 0
  #useless = 0
  /** Frames that were new here. */
  taken = 0

  constructor(init: ExchangeInit) {
    this.#init = init
    this.log = init.log
  }

  /** What the side says that begins. */
  async begin(): Promise<Say> {
    const { answer } = await this.#ranges(undefined)
    return { kind: 'ranges', body: answer }
  }

  /** @throws ShoalError ERR_PROTOCOL, ERR_SPACE_ROLE */
  async onRanges(untrusted: Uint8Array): Promise<Say> {
    if (this.#wants !== undefined || ++this.#rounds > MAX_ROUNDS) throw broken('it goes on about ranges')
    const { answer, lacking, surplus } = await this.#ranges(untrusted)
    this.#lacking.push(...eachKey(lacking))
    this.#surplus.push(...eachKey(surplus))
    if (this.#lacking.length + this.#surplus.length > 4 * MAX_FOUND) throw broken('it lacks without end')
    if (answer.byteLength > 0 && this.#rounds < MAX_ROUNDS) return { kind: 'ranges', body: answer }
    this.#settle()
    return await this.#nextData()
  }

  /**
   * Undefined: both sides have nothing more to say of this log, and this one goes on to what comes after it.
   *
   * @throws ShoalError ERR_PROTOCOL for what no honest member sends, ERR_SPACE_ROLE
   */
  async onData(untrusted: Uint8Array): Promise<Say | undefined> {
    this.#settle()
    const { flags, keys, frames } = readData(untrusted)
    const isLast = (flags & LAST) !== 0
    this.#theyHaveMore = (flags & MORE_WANTS) !== 0
    if (keys.byteLength === 0 && frames.length === 0 && !isLast && ++this.#idle > MAX_IDLE_TURNS)
      throw broken('it says nothing')
    this.#requested += keys.byteLength / KEY_BYTES
    if (this.#requested > 2 * MAX_FOUND) throw broken('it asks for too much')
    if (keys.byteLength > 0) this.#gives = sortedKeys([...eachKey(this.#gives), ...eachKey(keys)])
    if (frames.length > 0) await this.#take(frames)
    this.#hasHeard = true
    if (isLast && this.#isDone()) return undefined
    return await this.#nextData()
  }

  #isDone(): boolean {
    return this.#gives.byteLength === 0 && (this.#wants?.byteLength ?? 0) === 0
  }

  /** From now on it is known what lacks. */
  #settle(): void {
    if (this.#wants !== undefined) return
    this.#wants = this.#once(sortedKeys(this.#lacking))
    this.#gives = sortedKeys(this.#surplus)
    this.#lacking = []
    this.#surplus = []
  }

  async #take(frames: readonly Uint8Array[]): Promise<void> {
    const { host, space, author, log } = this.#init
    const { isFalse, isFresh, wanted } = await host.call('syncTake', { space, author, log, frames })
    if (isFalse) throw broken('it passes on what is false')
    if (isFresh) this.taken += frames.length
    else if (++this.#useless > MAX_USELESS_TURNS) throw broken('it gives what is of no use')
    this.#wants = sortedKeys([...eachKey(this.#wants as Uint8Array), ...eachKey(this.#once(wanted))])
  }

  /** Those that were not asked for before. */
  #once(keys: Uint8Array): Uint8Array {
    const fresh = eachKey(keys).filter((key) => {
      const id = Buffer.from(key).toString('latin1', KEY_BYTES - 32)
      if (this.#asked.size >= MAX_FOUND || this.#asked.has(id)) return false
      this.#asked.add(id)
      return true
    })
    return new Uint8Array(Buffer.concat(fresh))
  }

  async #nextData(): Promise<Say> {
    const wants = (this.#wants as Uint8Array).subarray(0, MAX_WANTS_BYTES)
    this.#wants = (this.#wants as Uint8Array).subarray(wants.byteLength)
    const hasMore = this.#wants.byteLength > 0
    // Only once it is known what is asked for: all goes in one order, parents first.
    const mayGive = wants.byteLength === 0 && this.#hasHeard && !this.#theyHaveMore
    const frames = mayGive ? await this.#page() : []
    const flags = (this.#isDone() ? LAST : 0) | (hasMore ? MORE_WANTS : 0)
    return { kind: 'data', body: writeData(flags, wants, frames) }
  }

  async #page(): Promise<readonly Uint8Array[]> {
    const { host, space, author, log } = this.#init
    while (this.#gives.byteLength > 0) {
      const keys = this.#gives.slice(0, PAGE_BYTES)
      const given = { space, author, log, keys, mostBytes: MAX_FRAMES_BYTES }
      // oxlint-disable-next-line no-await-in-loop -- Nearly always the first has some.
      const { frames, used } = await host.call('syncFrames', given)
      this.#gives = this.#gives.subarray(used * KEY_BYTES)
      if (frames.length > 0) return frames
    }
    return []
  }

  async #ranges(untrusted: Uint8Array | undefined): Promise<{
    readonly answer: Uint8Array
    readonly lacking: Uint8Array
    readonly surplus: Uint8Array
  }> {
    const { host, space, author, log } = this.#init
    return await host.call('syncRanges', { space, author, log, ranges: untrusted })
  }
}

function writeData(flags: number, keys: Uint8Array, frames: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(flags, 0)
  head.writeUInt32BE(keys.byteLength, 1)
  return new Uint8Array(Buffer.concat([head, keys, writeFrames(frames)]))
}

interface Data {
  readonly flags: number
  readonly keys: Uint8Array
  readonly frames: readonly Uint8Array[]
}

function readData(untrusted: Uint8Array): Data {
  const buffer = Buffer.from(untrusted.buffer, untrusted.byteOffset, untrusted.byteLength)
  if (buffer.byteLength < HEAD_BYTES) throw broken('data are cut off')
  const flags = buffer.readUInt8(0)
  const keyBytes = buffer.readUInt32BE(1)
  if (flags > (LAST | MORE_WANTS) || keyBytes % KEY_BYTES !== 0 || HEAD_BYTES + keyBytes > buffer.byteLength)
    throw broken('data are malformed')
  return {
    flags,
    keys: untrusted.slice(HEAD_BYTES, HEAD_BYTES + keyBytes),
    frames: readFrames(untrusted.subarray(HEAD_BYTES + keyBytes)),
  }
}

function broken(what: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `a member of a space broke the protocol: ${what}`)
}
