/** The operations that run for clients now, each under the id that its client gave it. */

/** Request header that carries the id of an operation: a UUID of the client's making. */
export const OPERATION_HEADER = 'x-shoal-operation'

/** Ids of operations are UUIDs, RFC 9562. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export class Operations {
  readonly #running = new Map<string, AbortController>()

  /** Enters an operation; the signal aborts when its client asks it to end. Without a proper id nobody can. */
  enter(id: unknown): AbortController {
    const stop = new AbortController()
    if (typeof id === 'string' && UUID.test(id)) this.#running.set(id, stop)
    return stop
  }

  leave(id: unknown): void {
    if (typeof id === 'string') this.#running.delete(id)
  }

  /** Asks an operation to end. False when there is none of that id. */
  stop(id: string): boolean {
    const stop = this.#running.get(id)
    stop?.abort()
    return stop !== undefined
  }
}
