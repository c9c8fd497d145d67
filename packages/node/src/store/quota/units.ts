/** The sums of the ledger: what each thing under the home takes or was promised, and all of them. No clock, no disk. */

export interface Unit {
  /** Bytes on the disk. */
  present: number
  /** Bytes that those who write may still write, or have. */
  granted: number
  /** Bytes that it was promised in all. */
  promised: number
  /** How many write now. */
  writers: number
  /** Grows with each who begins or ends to write, and when it is removed. */
  turn: number
  /** What is on the disk was counted while somebody wrote: some of `granted` may be in `present` too. */
  isUnsure: boolean
}

const NOTHING: Readonly<Unit> = {
  present: 0,
  granted: 0,
  promised: 0,
  writers: 0,
  turn: 0,
  isUnsure: false,
}

export class Units {
  readonly #units = new Map<string, Unit>()
  #total = 0
  #present = 0

  /** Bytes that are taken or promised. */
  get total(): number {
    return this.#total
  }

  /** Bytes on the disk. */
  get present(): number {
    return this.#present
  }

  get(name: string): Readonly<Unit> {
    return this.#units.get(name) ?? NOTHING
  }

  /** Those that somebody writes to now. */
  written(): string[] {
    return [...this.#units].filter(([, { writers }]) => writers > 0).map(([name]) => name)
  }

  /** What a unit adds to the total. */
  weightOf(name: string): number {
    return weight(this.get(name))
  }

  /** By how much the total would grow. */
  growth(name: string, change: Partial<Pick<Unit, 'granted' | 'promised'>>): number {
    const unit = this.get(name)
    return weight({ ...unit, ...change }) - weight(unit)
  }

  change(name: string, change: Partial<Unit>): void {
    const before = this.get(name)
    const unit = { ...before, ...change }
    this.#total += weight(unit) - weight(before)
    this.#present += unit.present - before.present
    if (unit.writers === 0 && weight(unit) === 0) this.#units.delete(name)
    else this.#units.set(name, unit)
  }
}

/** What was promised is not taken twice when it comes. */
function weight({ present, granted, promised }: Unit): number {
  return Math.max(promised, present + granted)
}
