/** Virtual time for many nodes: a heap of events, so that a million of them are no burden, and seams bound to it. */
import { setImmediate } from 'node:timers/promises'
import type { Seams, TimerHandle } from '../../../src/util/seams.ts'
import { seededFloats } from '../../helpers/simulation.ts'

interface Event {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

export class VirtualTime {
  readonly float: () => number
  readonly #heap: Event[] = []
  #order = 0
  #nowMs = 0
  #turns = 0

  constructor(seed: number) {
    this.float = seededFloats(seed)
  }

  get nowMs(): number {
    return this.#nowMs
  }

  readonly seams: Seams = {
    clock: { now: () => this.#nowMs, monotonic: () => this.#nowMs },
    timers: {
      set: (callback, delayMs) => this.at(this.#nowMs + Math.max(0, delayMs), callback),
      clear: (handle) => void ((handle as Event).run = undefined),
    },
    random: { bytes: (length) => Uint8Array.from({ length }, () => Math.floor(this.float() * 256)) },
  }

  /** Between two figures so that each magnitude is as likely as any other. */
  logUniform(from: number, to: number): number {
    return from * (to / from) ** this.float()
  }

  at(atMs: number, run: () => void): TimerHandle {
    const event: Event = { atMs, order: this.#order++, run }
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(event, heap[parent] as Event)) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
    return event
  }

  /**
   * Runs until `isOver`, which is asked after each event. Promises settle between events: one turn of the real loop
   * drains the microtasks.
   */
  async run(isOver: () => boolean, mostMs: number): Promise<void> {
    let sinceTurn = 0
    let turn = this.#turns
    while (!isOver()) {
      if (turn !== this.#turns || ++sinceTurn > 1_000) {
        sinceTurn = 0
        turn = this.#turns
        await setImmediate()
        continue
      }
      const event = this.#next()
      if (event === undefined) throw new Error(`the simulated world stands still at ${this.#nowMs} ms`)
      if (event.run === undefined) continue
      if (event.atMs > mostMs) throw new Error(`not done after ${mostMs} simulated ms`)
      this.#nowMs = event.atMs
      event.run()
    }
  }

  /** To be called by what starts promises: they settle before the next event. */
  needsTurn(): void {
    this.#turns++
  }

  #next(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, heap[child] as Event)) child++
      if (!isBefore(heap[child] as Event, last)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
