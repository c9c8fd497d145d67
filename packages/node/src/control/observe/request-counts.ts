/** Requests to the control API, by what was asked and how it was answered. */

/** What no route of ours was meant by. */
const NO_ROUTE = 'none'

export interface RequestCount {
  readonly method: string
  /** As the route says it, with its parameters by name; never what was really asked for. */
  readonly route: string
  readonly status: number
  count: number
}

export class RequestCounts {
  /** No more than there are routes times kinds of answers. */
  readonly #counts = new Map<string, RequestCount>()

  /** @param route undefined where no route of ours was meant */
  answered(method: string, route: string | undefined, status: number): void {
    // A client may choose a method of its own.
    const known = route === undefined ? { method: NO_ROUTE, route: NO_ROUTE } : { method, route }
    const key = `${known.method} ${known.route} ${status}`
    const entry = this.#counts.get(key) ?? { ...known, status, count: 0 }
    entry.count++
    this.#counts.set(key, entry)
  }

  get all(): readonly RequestCount[] {
    return [...this.#counts.values()]
  }
}
