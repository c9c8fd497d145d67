/**
 * The numbered log of what changes in a node. Every event tells how a thing now stands, so of each thing the last one is enough:
 * older ones are taken out (log compaction, as of Kafka), and numbers are left out with them. What is lost beside that, for
 * want of room or because the node was started anew, shows as a gap.
 */
import type { ChangeEvent, GapEvent, LoggedEvent } from '../../events.ts'
import type { Random } from '../../util/seams.ts'

const EPOCH_BYTES = 8

interface Entry {
  readonly number: number
  readonly key: string
  readonly event: LoggedEvent
  /** To see whether the next of its key says anything new. */
  readonly text: string
  /** Another of its key came, or it was forgotten. */
  isPast: boolean
}

export class EventLog {
  readonly #epoch: string
  readonly #most: number
  /** In the order of their numbers, with some that are past. */
  #entries: Entry[] = []
  /** In the same order, without those. */
  readonly #current = new Map<string, Entry>()
  #last = 0
  /** The highest number of those that were current and had to go. */
  #lost = 0
  #grown = Promise.withResolvers<void>()

  /** @param most how many things at a time it tells of; the one that changed longest ago goes first */
  constructor(random: Random, most: number) {
    this.#epoch = Buffer.from(random.bytes(EPOCH_BYTES)).toString('hex')
    this.#most = most
  }

  /** What is asked for now is true at this event or later. */
  get lastId(): string {
    return this.#idOf(this.#last)
  }

  /**
   * Tells how a thing stands now, unless that was told already.
   *
   * @param key the same for all events of one thing
   */
  append(key: string, event: LoggedEvent): void {
    const text = JSON.stringify(event)
    const before = this.#current.get(key)
    if (before?.text === text) return
    this.forget(key)
    const entry: Entry = { number: ++this.#last, key, event, text, isPast: false }
    this.#current.set(key, entry)
    this.#entries.push(entry)
    this.#keepBounds()
    this.#grown.resolve()
    this.#grown = Promise.withResolvers()
  }

  /** Tells no more of a thing: whoever comes later need not know. */
  forget(key: string): void {
    const entry = this.#current.get(key)
    if (entry === undefined) return
    entry.isPast = true
    this.#current.delete(key)
  }

  /** How a thing stands, as it was told last. */
  find(key: string): LoggedEvent | undefined {
    return this.#current.get(key)?.event
  }

  /**
   * What came after an event, and what comes, until the signal aborts.
   *
   * @param lastId of the last event that is known; undefined or of another start of the node: none is, which shows as a gap
   */
  async *after(lastId: string | undefined, signal: AbortSignal): AsyncGenerator<ChangeEvent | GapEvent> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      let known = this.#numberOf(lastId)
      while (!signal.aborted) {
        if (known === undefined || known < this.#lost) {
          known = this.#last
          yield { type: 'gap', id: this.#idOf(known) }
          continue
        }
        const entry = this.#next(known)
        if (entry === undefined) {
          // Those that were taken out count as known: they are told by later ones.
          known = this.#last
          await Promise.race([this.#grown.promise, aborted])
          continue
        }
        known = entry.number
        yield { type: 'change', id: this.#idOf(known), event: entry.event }
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #idOf(number: number): string {
    return `${this.#epoch}-${number}`
  }

  /** Undefined where the id is none of this log. */
  #numberOf(id: string | undefined): number | undefined {
    const [epoch, digits = ''] = id?.split('-') ?? []
    if (epoch !== this.#epoch || !/^\d{1,15}$/.test(digits)) return undefined
    const number = Number(digits)
    return number > this.#last ? undefined : number
  }

  #next(known: number): Entry | undefined {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle] as Entry).number <= known) low = middle + 1
      else high = middle
    }
    while (this.#entries[low]?.isPast === true) low++
    return this.#entries[low]
  }

  #keepBounds(): void {
    for (const [key, oldest] of this.#current) {
      if (this.#current.size <= this.#most) break
      this.forget(key)
      this.#lost = oldest.number
    }
    if (this.#entries.length > 2 * this.#most) this.#entries = this.#entries.filter(({ isPast }) => !isPast)
  }
}
