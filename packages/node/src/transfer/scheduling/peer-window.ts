/**
 * How much is asked of one peer at a time: about what is under way on the path to it (bandwidth times delay), as its
 * answers show, so that it is never idle and what is asked of it could not have come sooner from somebody else.
 */

/** How many round trips are asked for: below two, a rate that was measured too low would never be found out. */
const ROUND_TRIPS = 2
/** Asked for beyond that, so that a short stop of ours does not leave the peer idle, in milliseconds. */
const SLACK_MS = 50
/** No more is asked than comes in this time, in milliseconds; one block at least. */
const MOST_AHEAD_MS = 10_000
/** The rate is measured over at least this time, in milliseconds, or these bytes. */
const SAMPLE_MS = 20
const SAMPLE_BYTES = 1_048_576
/** Weight of a new sample of the rate. */
const SAMPLE_WEIGHT = 0.3
/** A peer that has given nothing yet is late after this, in milliseconds. */
const FIRST_LATE_MS = 3_000
/** One that takes this many times as long as it did is late, but not before the time below, in milliseconds. */
const LATE_FACTOR = 3
const LEAST_LATE_MS = 500

export class PeerWindow {
  /** Bytes per millisecond; undefined before the first block. */
  #rate: number | undefined
  /** The shortest time from question to answer, in milliseconds. */
  #latencyMs = Number.POSITIVE_INFINITY
  #sampleBytes = 0
  #sampleMs = 0
  /** When the block that is awaited next began to be owed, or the last one came. */
  #sinceMs = 0

  /** Since when the peer has given nothing of what it owes, in monotonic milliseconds. */
  get sinceMs(): number {
    return this.#sinceMs
  }

  /** Something is asked of a peer that owed nothing. */
  began(nowMs: number): void {
    this.#sinceMs = nowMs
  }

  /** A block came that was asked for at `askedAtMs`. */
  arrived(bytes: number, askedAtMs: number, nowMs: number): void {
    this.#latencyMs = Math.min(this.#latencyMs, nowMs - askedAtMs)
    this.#sampleBytes += bytes
    this.#sampleMs += nowMs - this.#sinceMs
    this.#sinceMs = nowMs
    const isFirst = this.#rate === undefined
    if (!isFirst && this.#sampleMs < SAMPLE_MS && this.#sampleBytes < SAMPLE_BYTES) return
    const rate = this.#sampleBytes / Math.max(this.#sampleMs, 0.1)
    this.#rate = this.#rate === undefined ? rate : this.#rate + SAMPLE_WEIGHT * (rate - this.#rate)
    this.#sampleBytes = 0
    this.#sampleMs = 0
  }

  /** Bytes to have asked for at a time. */
  get bytes(): number {
    if (this.#rate === undefined) return 0
    const aheadMs = Math.min(ROUND_TRIPS * this.#latencyMs + SLACK_MS, MOST_AHEAD_MS)
    return this.#rate * aheadMs
  }

  /** Whether the peer gives its next block much later than it should. */
  isLate(bytes: number, nowMs: number): boolean {
    const waitedMs = nowMs - this.#sinceMs
    if (this.#rate === undefined) return waitedMs >= FIRST_LATE_MS
    return waitedMs >= Math.max(LEAST_LATE_MS, (LATE_FACTOR * bytes) / this.#rate)
  }

  /** In how many milliseconds something comes that is asked for now, behind `bytes` already asked for. */
  timeFor(bytes: number): number | undefined {
    return this.#rate === undefined ? undefined : this.#latencyMs + bytes / this.#rate
  }

  /**
   * In how many milliseconds something comes that was asked for.
   *
   * @param next bytes of the block that the peer gives next
   * @param more bytes from there to the end of what is meant
   */
  timeLeft(next: number, more: number, nowMs: number): number {
    const waitedMs = nowMs - this.#sinceMs
    const expectedMs = this.#rate === undefined ? 0 : next / this.#rate
    // What is overdue takes, for all that is known, as long again.
    if (waitedMs < expectedMs) return expectedMs - waitedMs + more / (this.#rate as number)
    return waitedMs + (more * waitedMs) / next
  }
}
