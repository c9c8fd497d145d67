/** What came of asking the sources of a search: for the message when nobody was found, and for the metrics of the node. */
import type { FoundBy } from '../../events.ts'
import { BarredError } from './barred-error.ts'
import { DeclinedError } from './declined-error.ts'

interface Tally {
  /** How often it was asked for somebody. */
  asked: number
  /** Devices that it named. */
  heard: number
  /** Devices that proved that they have the content. */
  opened: number
  /** Devices that answered that they do not have it. */
  declined: number
  /** Devices that did not answer, or not in order. */
  failed: number
}

export type SourceTally = Readonly<Tally>

export class SourceReport {
  readonly #tallies = new Map<FoundBy, Tally>()
  /** Sources that named a device which is left alone because it lied. */
  readonly #barred = new Set<FoundBy>()

  constructor(asked: readonly FoundBy[]) {
    for (const name of asked) this.#of(name).asked++
  }

  heard(name: FoundBy): void {
    this.#of(name).heard++
  }

  opened(name: FoundBy): void {
    this.#of(name).opened++
  }

  failed(name: FoundBy, error: unknown): void {
    if (error instanceof DeclinedError) this.#of(name).declined++
    else this.#of(name).failed++
    if (error instanceof BarredError) this.#barred.add(name)
  }

  /** Whether nobody whom a source named may be asked, or had the content, and one of them lied before. */
  isBarred(name: FoundBy): boolean {
    return this.#barred.has(name) && this.#tallies.get(name)?.opened === 0
  }

  /** The sources that were asked, in order. */
  get tallies(): ReadonlyMap<FoundBy, SourceTally> {
    return this.#tallies
  }

  /** Takes over what another report counted. */
  add(other: SourceReport): void {
    for (const [name, { asked, heard, opened, declined, failed }] of other.tallies) {
      const tally = this.#of(name)
      tally.asked += asked
      tally.heard += heard
      tally.opened += opened
      tally.declined += declined
      tally.failed += failed
    }
    for (const name of other.#barred) this.#barred.add(name)
  }

  #of(name: FoundBy): Tally {
    let tally = this.#tallies.get(name)
    if (tally === undefined) {
      tally = { asked: 0, heard: 0, opened: 0, declined: 0, failed: 0 }
      this.#tallies.set(name, tally)
    }
    return tally
  }
}
