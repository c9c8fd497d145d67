/** Devices met before as a source of providers. */
import type { AddressBook } from './address-book.ts'
import type { Candidate, ProviderSource } from './provider-source.ts'

export class SeenSource implements ProviderSource {
  readonly name = 'seen'
  readonly #book: AddressBook

  constructor(book: AddressBook) {
    this.#book = book
  }

  async *find(digest: Uint8Array, signal: AbortSignal): AsyncIterableIterator<Candidate> {
    if (signal.aborted) return
    for (const { peerId, addresses } of await this.#book.candidates(digest)) {
      if (signal.aborted) return
      yield { peerId, addresses }
    }
  }
}
