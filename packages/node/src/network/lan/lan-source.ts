/**
 * Finds who has a content on the local network: every device that is known there, or heard of while the search lasts, is
 * asked by who-has. Searches that run at once share their questions.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { CandidateStream } from '../candidate-stream.ts'
import type { Candidate, ProviderSource } from '../provider-source.ts'
import { LAN_SEARCH_TIMES, MAX_ABSENT, WHO_HAS_LIMITS } from './limits.ts'

export interface LanSourceInit {
  readonly seams: Seams
  /** Devices known on the local network now. */
  readonly devices: () => readonly Candidate[]
  /** Calls back when one is new or has a new address. */
  readonly onDevice: (listener: () => void) => () => void
  /** Asks all devices on the network to tell of themselves. */
  readonly query: () => void
  /** Which of the digests the device serves. Rejects when it does not answer. */
  readonly ask: (
    device: Candidate,
    digests: readonly Uint8Array[],
    signal: AbortSignal,
  ) => Promise<readonly boolean[]>
  /** A device answered. */
  readonly onAnswer: (peerId: string) => void
}

interface Search {
  readonly digest: Uint8Array
  readonly stream: CandidateStream
  /** When a device is to be asked again, monotonic milliseconds; infinite while it is asked and when it has it. */
  readonly dueMs: Map<string, number>
  /** Addresses under which a device was given out. */
  readonly found: Map<string, string>
}

export class LanSource implements ProviderSource {
  readonly name = 'lan'
  readonly #init: LanSourceInit
  readonly #searches = new Set<Search>()
  readonly #asked = new Set<string>()
  readonly #stopping = new AbortController()
  readonly #forget: () => void
  #timer: { readonly handle: TimerHandle; readonly atMs: number } | undefined

  constructor(init: LanSourceInit) {
    this.#init = init
    this.#forget = init.onDevice(() => {
      if (this.#searches.size > 0) this.#askIn(0)
    })
  }

  find(digest: Uint8Array, signal: AbortSignal): AsyncIterable<Candidate> {
    const onAbort = (): void => stream.end()
    const stream = new CandidateStream(() => {
      signal.removeEventListener('abort', onAbort)
      this.#searches.delete(search)
    })
    const search: Search = { digest: digest.slice(), stream, dueMs: new Map(), found: new Map() }
    if (signal.aborted || this.#stopping.signal.aborted) {
      stream.end()
      return stream
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#searches.add(search)
    this.#init.query()
    this.#askIn(LAN_SEARCH_TIMES.batchMs)
    return stream
  }

  /** Ends all searches. */
  stop(): void {
    this.#stopping.abort()
    this.#forget()
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer.handle)
    for (const search of this.#searches) search.stream.end()
  }

  #askIn(delayMs: number): void {
    const { timers, clock } = this.#init.seams
    const atMs = clock.monotonic() + delayMs
    if (this.#stopping.signal.aborted) return
    if (this.#timer !== undefined) {
      // What comes sooner looks at everything.
      if (this.#timer.atMs <= atMs) return
      timers.clear(this.#timer.handle)
    }
    this.#timer = { handle: timers.set(() => this.#askDue(), delayMs), atMs }
  }

  /** Asks all devices that are due, as many as may be asked at once; comes again when the next is. */
  #askDue(): void {
    this.#timer = undefined
    if (this.#searches.size === 0) return
    const nowMs = this.#init.seams.clock.monotonic()
    let nextMs = Number.POSITIVE_INFINITY
    const devices = this.#init.devices()
    for (const search of this.#searches) forgetAbsent(search, devices)
    for (const device of devices) {
      if (this.#asked.has(device.peerId)) continue
      const due: Search[] = []
      for (const search of this.#searches) {
        this.#tellAgain(search, device)
        const dueMs = search.dueMs.get(device.peerId) ?? nowMs
        if (dueMs <= nowMs) due.push(search)
        else nextMs = Math.min(nextMs, dueMs)
      }
      if (due.length === 0) continue
      // Each answer comes back here, so what does not fit now is not forgotten.
      if (this.#asked.size >= WHO_HAS_LIMITS.maxParallel) return
      void this.#ask(device, due.slice(0, WHO_HAS_LIMITS.maxDigests))
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#askIn(nextMs - nowMs)
  }

  async #ask(device: Candidate, searches: readonly Search[]): Promise<void> {
    const { seams, ask, onAnswer } = this.#init
    const { peerId } = device
    const nextIn = (search: Search, delayMs: number): void =>
      void search.dueMs.set(peerId, seams.clock.monotonic() + delayMs)
    this.#asked.add(peerId)
    try {
      const digests = searches.map(({ digest }) => digest)
      const served = await ask(device, digests, this.#stopping.signal)
      onAnswer(peerId)
      for (const [index, search] of searches.entries()) {
        if (served[index] === true) this.#found(search, device)
        nextIn(search, served[index] === true ? Number.POSITIVE_INFINITY : LAN_SEARCH_TIMES.askAgainMs)
      }
    } catch {
      for (const search of searches) nextIn(search, LAN_SEARCH_TIMES.retryMs)
    }
    this.#asked.delete(peerId)
    this.#askIn(0)
  }

  #found(search: Search, device: Candidate): void {
    search.found.set(device.peerId, device.addresses.join())
    search.stream.push(device)
  }

  /** A device that has it and got another address is told of again. */
  #tellAgain(search: Search, device: Candidate): void {
    const before = search.found.get(device.peerId)
    if (before !== undefined && before !== device.addresses.join()) this.#found(search, device)
  }
}

/** A search may last for days, and devices that come and go leave nothing behind. */
function forgetAbsent({ dueMs, found }: Search, devices: readonly Candidate[]): void {
  if (dueMs.size <= MAX_ABSENT + devices.length) return
  const present = new Set(devices.map(({ peerId }) => peerId))
  for (const peerId of dueMs.keys()) {
    if (present.has(peerId)) continue
    dueMs.delete(peerId)
    found.delete(peerId)
  }
}
