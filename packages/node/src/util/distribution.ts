/** How values are spread: a count for each of a few ranges, and their sum. What it costs to add one is a few comparisons. */
export class Distribution {
  /** Upper ends of the ranges, ascending; what is above all of them has a range of its own. */
  readonly bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(value: number): void {
    let at = 0
    while (at < this.bounds.length && value > (this.bounds[at] as number)) at++
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#sum += value
  }

  get sum(): number {
    return this.#sum
  }

  /** How many values are not above each bound, and at last how many there are. */
  get cumulative(): readonly number[] {
    let total = 0
    return this.#counts.map((count) => (total += count))
  }
}
