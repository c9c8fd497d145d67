/** A queue in lanes: the next comes from the lane that least was taken of, so that who puts in most does not go first. */

interface Lane<T> {
  readonly waiting: T[]
  taken: number
}

export class FairQueue<T> {
  readonly #lanes = new Map<string, Lane<T>>()
  readonly #most: (lane: string) => number

  /** @param most how many are taken of a lane, asked each time */
  constructor(most: (lane: string) => number) {
    this.#most = most
  }

  put(name: string, item: T): void {
    const lane = this.#lanes.get(name)
    if (lane === undefined) this.#lanes.set(name, { waiting: [item], taken: 0 })
    else lane.waiting.push(item)
  }

  /** @param isWanted asked for each before it is taken; what is not wanted is dropped and does not count */
  take(isWanted: (item: T, lane: string) => boolean): T | undefined {
    for (;;) {
      let least: [string, Lane<T>] | undefined
      for (const [name, lane] of this.#lanes) {
        if (lane.waiting.length === 0 || lane.taken >= this.#most(name)) continue
        if (least === undefined || lane.taken < least[1].taken) least = [name, lane]
      }
      if (least === undefined) return undefined
      const [name, lane] = least
      const item = lane.waiting.shift() as T
      if (!isWanted(item, name)) continue
      lane.taken++
      return item
    }
  }
}
