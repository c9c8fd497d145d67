/**
 * A deterministic world behind the seams: virtual clock, timers, random and network. Everything that happens is a
 * numbered event in one queue, so that a run repeats bit for bit from its seed.
 */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Channel, ChannelHandler } from '../../src/network/channel.ts'
import type { Seams, TimerHandle } from '../../src/util/seams.ts'

interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** mulberry32: small, seeded, good enough for schedules. */
export function seededFloats(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A world in which nothing is settled by then is taken for one that never will be. */
const MOST_MS = 3_600_000

export class Simulation {
  readonly float: () => number
  readonly #trace = createHash('sha256')
  #events: Event[] = []
  #order = 0
  #nowMs = 0
  events = 0

  constructor(seed: number) {
    this.float = seededFloats(seed)
  }

  get nowMs(): number {
    return this.#nowMs
  }

  readonly seams: Seams = {
    clock: { now: () => 1_700_000_000_000 + this.#nowMs, monotonic: () => this.#nowMs },
    timers: {
      set: (callback, delayMs) => this.at(this.#nowMs + Math.max(0, delayMs), callback),
      clear: (handle) => {
        this.#events = this.#events.filter((event) => event !== handle)
      },
    },
    random: { bytes: (length) => Uint8Array.from({ length }, () => Math.floor(this.float() * 256)) },
  }

  /** Lets so much time pass, and everything settle. */
  pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    return this.run(new Promise<void>((resolve) => void this.at(endMs, resolve)), Math.max(endMs, MOST_MS))
  }

  /** Puts an event into the queue; events at the same time run in the order in which they were put. */
  at(atMs: number, run: () => void): TimerHandle {
    const event: Event = { atMs, order: this.#order++, run }
    const after = this.#events.findIndex((other) => other.atMs > atMs)
    if (after < 0) this.#events.push(event)
    else this.#events.splice(after, 0, event)
    return event
  }

  note(...facts: (string | number | Uint8Array)[]): void {
    for (const fact of facts) this.#trace.update(fact instanceof Uint8Array ? fact : `${fact} `)
  }

  /** Digest of everything noted so far. */
  get trace(): string {
    return this.#trace.copy().digest('hex')
  }

  /** Runs events until `until` settled. Throws when the world stands still before. */
  async run<T>(until: Promise<T>, mostMs = MOST_MS): Promise<T> {
    let isSettled = false
    const settle = (): void => void (isSettled = true)
    until.then(settle, settle)
    for (;;) {
      // All promises of the logic settle in microtasks: one turn of the real loop drains them.
      await setImmediate()
      if (isSettled) return await until
      const event = this.#events.shift()
      if (event === undefined) throw new Error(`the simulated world stands still at ${this.#nowMs} ms`)
      if (event.atMs > mostMs) throw new Error(`not done after ${mostMs} simulated ms`)
      this.#nowMs = event.atMs
      this.events++
      event.run()
    }
  }

  /** Two ends of a reliable, ordered connection with latency and bandwidth. */
  connect(a: Uint8Array, b: Uint8Array, link: LinkFacts): [SimulatedChannel, SimulatedChannel] {
    const left = new SimulatedChannel(this, a, b, link)
    const right = new SimulatedChannel(this, b, a, link)
    left.other = right
    right.other = left
    return [left, right]
  }
}

export interface LinkFacts {
  readonly latencyMs: number
  readonly bytesPerMs: number
}

/** Bytes under way above which a sender is told to wait. */
const HIGH_WATER_BYTES = 262_144
const CHUNK_BYTES = 65_536

class SimulatedChannel implements Channel {
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  readonly remoteName: string
  readonly #world: Simulation
  readonly #link: LinkFacts
  other!: SimulatedChannel
  #handler: ChannelHandler | undefined
  #early: (() => void)[] = []
  #freeAtMs = 0
  #underWay = 0
  #waiting: PromiseWithResolvers<void> | undefined
  #isClosed = false

  constructor(world: Simulation, local: Uint8Array, remote: Uint8Array, link: LinkFacts) {
    this.#world = world
    this.localId = local
    this.remoteId = remote
    this.remoteName = Buffer.from(remote).toString()
    this.#link = link
  }

  receive(handler: ChannelHandler): void {
    this.#handler = handler
    const early = this.#early
    this.#early = []
    for (const run of early) run()
  }

  send(bytes: Uint8Array): boolean {
    if (this.#isClosed) return true
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      const chunk = bytes.slice(at, at + CHUNK_BYTES)
      this.#underWay += chunk.byteLength
      this.#deliver(chunk.byteLength, () => {
        this.#underWay -= chunk.byteLength
        if (this.#underWay <= HIGH_WATER_BYTES / 2) {
          this.#waiting?.resolve()
          this.#waiting = undefined
        }
        this.#world.note(this.#world.nowMs, this.remoteName, chunk)
        this.other.#take((handler) => handler.onData(chunk))
      })
    }
    return this.#underWay < HIGH_WATER_BYTES
  }

  drained(): Promise<void> {
    if (this.#underWay < HIGH_WATER_BYTES) return Promise.resolve()
    this.#waiting ??= Promise.withResolvers()
    return this.#waiting.promise
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#deliver(0, () => this.other.#take((handler) => handler.onClose()))
  }

  abort(error: Error): void {
    this.#break(error)
    this.#world.at(this.#world.nowMs + this.#link.latencyMs, () => this.other.#break(new Error('reset')))
  }

  /** The connection breaks for both ends, as when a cable is pulled. */
  cut(): void {
    this.#break(new Error('cut'))
    this.other.#break(new Error('cut'))
  }

  #break(error: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#waiting?.reject(error)
    this.#handler?.onClose(error)
    this.#handler = undefined
  }

  #deliver(bytes: number, run: () => void): void {
    const startMs = Math.max(this.#world.nowMs, this.#freeAtMs)
    this.#freeAtMs = startMs + bytes / this.#link.bytesPerMs
    this.#world.at(this.#freeAtMs + this.#link.latencyMs, run)
  }

  #take(run: (handler: ChannelHandler) => void): void {
    if (this.#handler !== undefined) run(this.#handler)
    else if (!this.#isClosed) this.#early.push(() => this.#handler && run(this.#handler))
  }
}
