/** The peers in the routing table by their ids, and a way to wait for the first. */

export class KnownPeers {
  readonly #ids = new Set<string>()
  #first = Promise.withResolvers<void>()

  get size(): number {
    return this.#ids.size
  }

  has(peerId: string): boolean {
    return this.#ids.has(peerId)
  }

  /** @returns whether it is the first */
  add(peerId: string): boolean {
    this.#ids.add(peerId)
    this.#first.resolve()
    return this.#ids.size === 1
  }

  delete(peerId: string): void {
    this.#ids.delete(peerId)
    if (this.#ids.size === 0) this.#first = Promise.withResolvers()
  }

  /** Resolves once there is one. Rejects with the signal's reason. */
  async whenAny(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([this.#first.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
