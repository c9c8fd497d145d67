/**
 * Which key is to be announced next. Those that no record stands for (never announced, or long ago) go before those that
 * are merely to be refreshed; among each, the one used last goes first. Changing or removing a key leaves its old ticket in
 * the heaps, where it is skipped when it comes up.
 */
import { ANNOUNCE_LIMITS } from './limits.ts'
import { Heap } from './heap.ts'

export interface AnnouncedKey {
  readonly digest: Uint8Array
  usedMs: number
  /** When it was announced last, monotonic milliseconds. */
  announcedMs: number | undefined
  failures: number
  /** Raised with every change; a ticket of an earlier number is void. */
  version: number
  /** Is it due, or under way? */
  isWaiting: boolean
}

interface Ticket {
  readonly key: AnnouncedKey
  readonly version: number
  readonly usedMs: number
  readonly dueMs: number
}

const usedLast = (a: Ticket, b: Ticket): boolean => a.usedMs > b.usedMs
const dueFirst = (a: Ticket, b: Ticket): boolean => a.dueMs < b.dueMs

/** Void tickets that may stand in a heap for each key, and more for few keys, before they are dropped. */
const VOID_PER_KEY = 2
const VOID_AT_LEAST = 1_024

export class AnnounceQueue {
  readonly #keys: () => number
  readonly #urgent = new Heap<Ticket>(usedLast)
  readonly #refresh = new Heap<Ticket>(usedLast)
  readonly #later = new Heap<Ticket>(dueFirst)
  /** Refreshes that turn urgent if they are not reached until then. */
  readonly #aging = new Heap<Ticket>(dueFirst)

  /** @param keys how many keys there are */
  constructor(keys: () => number) {
    this.#keys = keys
  }

  /** Puts a key in, in place of where it was. Past moments are due now. */
  schedule(key: AnnouncedKey, dueMs: number, nowMs: number): void {
    const ticket = { key, version: ++key.version, usedMs: key.usedMs, dueMs }
    key.isWaiting = dueMs <= nowMs
    if (key.isWaiting) this.#admit(ticket, nowMs)
    else this.#push(this.#later, ticket)
  }

  /** Voids the ticket of a key. */
  remove(key: AnnouncedKey): void {
    key.version++
    key.isWaiting = false
  }

  /** The key to be announced now. */
  next(nowMs: number): AnnouncedKey | undefined {
    this.advance(nowMs)
    return (takeValid(this.#urgent) ?? takeValid(this.#refresh))?.key
  }

  /** When the next key is due that is not yet; undefined: none. */
  nextDueMs(): number | undefined {
    dropVoid(this.#later)
    return this.#later.first?.dueMs
  }

  hasDue(nowMs: number): boolean {
    this.advance(nowMs)
    dropVoid(this.#urgent)
    dropVoid(this.#refresh)
    return this.#urgent.size + this.#refresh.size > 0
  }

  /** Moves to the due what became due. */
  advance(nowMs: number): void {
    for (let ticket = this.#later.first; ticket !== undefined; ticket = this.#later.first) {
      if (isValid(ticket) && ticket.dueMs > nowMs) break
      this.#later.pop()
      if (!isValid(ticket)) continue
      ticket.key.isWaiting = true
      this.#admit(ticket, nowMs)
    }
    for (let ticket = this.#aging.first; ticket !== undefined; ticket = this.#aging.first) {
      if (isValid(ticket) && ticket.dueMs > nowMs) break
      this.#aging.pop()
      if (isValid(ticket)) this.schedule(ticket.key, nowMs, nowMs)
    }
  }

  #admit(ticket: Ticket, nowMs: number): void {
    const announcedMs = ticket.key.announcedMs
    const urgentMs = announcedMs === undefined ? nowMs : announcedMs + ANNOUNCE_LIMITS.urgentAgeMs
    if (urgentMs <= nowMs) {
      this.#push(this.#urgent, ticket)
      return
    }
    this.#push(this.#refresh, ticket)
    this.#push(this.#aging, { ...ticket, dueMs: urgentMs })
  }

  #push(heap: Heap<Ticket>, ticket: Ticket): void {
    if (heap.size > VOID_AT_LEAST + (1 + VOID_PER_KEY) * this.#keys()) heap.keep(isValid)
    heap.push(ticket)
  }
}

function isValid(ticket: Ticket): boolean {
  return ticket.version === ticket.key.version
}

function dropVoid(heap: Heap<Ticket>): void {
  while (heap.first !== undefined && !isValid(heap.first)) heap.pop()
}

function takeValid(heap: Heap<Ticket>): Ticket | undefined {
  dropVoid(heap)
  return heap.pop()
}
