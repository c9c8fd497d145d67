/** Who provides a key, as the distributed hash table knows it. */
import { setMaxListeners } from 'node:events'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { cidOf, RAW } from '../../content/cid.ts'
import { delay, type Timers } from '../../util/seams.ts'
import type { Candidate, ProviderSource } from '../provider-source.ts'
import { CandidateQueue } from './candidate-queue.ts'
import { SEARCH_LIMITS, WIDE_LIMITS } from './limits.ts'

export interface DhtSourceInit {
  /** The table, once the host was made. */
  readonly kad: () => Pick<KadDHT, 'findProviders' | 'findPeer'> | undefined
  /** Resolves once a peer of the table is known, and rejects when the signal aborts. */
  readonly whenPeers: (signal: AbortSignal) => Promise<void>
  readonly ownPeerId: () => string | undefined
  /** Is any peer of the table known? */
  readonly hasPeers: () => boolean
  /** May this multiaddr be used, said by a stranger? */
  readonly mayUse: (multiaddr: string) => boolean
  readonly timers: Timers
  /** Asks beside the table's own search. Does not reject. @defaultValue nobody */
  readonly wide?: (
    target: Uint8Array,
    signal: AbortSignal,
    onProviders: (providers: readonly PeerInfo[], lane: string) => void,
  ) => Promise<void>
}

export class DhtSource implements ProviderSource {
  readonly name = 'dht'
  readonly #init: DhtSourceInit

  constructor(init: DhtSourceInit) {
    this.#init = init
  }

  isReady(): boolean {
    return this.#init.hasPeers()
  }

  async *find(digest: Uint8Array, signal: AbortSignal): AsyncGenerator<Candidate> {
    const left = new AbortController()
    const ended = AbortSignal.any([signal, left.signal])
    setMaxListeners(0, ended)
    const found = new CandidateQueue()
    let wake = Promise.withResolvers<void>()
    let isDone = false
    const tell = (candidate: Candidate, lane?: string): void => {
      found.put(candidate, lane)
      wake.resolve()
    }
    const search = this.#search(digest, ended, tell)
    const wide = this.#searchWide(digest, search, ended, tell).finally(() => {
      found.settle()
      wake.resolve()
    })
    const all = Promise.all([search, wide]).finally(() => {
      isDone = true
      wake.resolve()
    })
    try {
      for (;;) {
        for (let next = found.take(); next !== undefined; next = found.take()) yield next
        if (isDone || signal.aborted) return
        await wake.promise
        wake = Promise.withResolvers()
      }
    } finally {
      left.abort()
      await all
    }
  }

  /**
   * The addresses of a device that is known by its id alone, none when nobody knows it. Does not throw.
   *
   * @returns multiaddrs, each with the peer id, that the rules of the preset allow
   */
  async findAddresses(peerId: string, signal: AbortSignal): Promise<string[]> {
    const limit = new AbortController()
    const timeout = this.#init.timers.set(() => limit.abort(), SEARCH_LIMITS.lookupTimeoutMs)
    const ended = AbortSignal.any([signal, limit.signal])
    setMaxListeners(0, ended)
    try {
      await this.#init.whenPeers(ended)
      // What is known locally was not enough, else nobody would ask.
      const events = this.#init.kad()?.findPeer(peerIdFromString(peerId), { signal: ended, useCache: false })
      for await (const event of events ?? []) {
        if (event.name !== 'FINAL_PEER') continue
        const { addresses } = this.#candidate(event.peer)
        if (addresses.length > 0) return [...addresses]
      }
    } catch {
      // Nobody knows it, or time is up.
    } finally {
      this.#init.timers.clear(timeout)
    }
    return []
  }

  /** After a head start for the table's own search, which most often is enough. */
  async #searchWide(
    digest: Uint8Array,
    search: Promise<void>,
    signal: AbortSignal,
    tell: (candidate: Candidate, lane: string) => void,
  ): Promise<void> {
    const { wide, whenPeers, timers, ownPeerId } = this.#init
    if (wide === undefined) return
    const over = new AbortController()
    try {
      await whenPeers(signal)
      await Promise.race([
        search,
        delay(timers, WIDE_LIMITS.headStartMs, AbortSignal.any([signal, over.signal])),
      ])
      over.abort()
      await wide(cidOf(RAW, digest).multihash.bytes, signal, (providers, lane) => {
        for (const provider of providers.slice(0, WIDE_LIMITS.maxNamed)) {
          const candidate = this.#candidate(provider)
          // Who is known by its id alone is looked up by the table's own search.
          if (candidate.peerId !== ownPeerId() && candidate.addresses.length > 0) tell(candidate, lane)
        }
      })
    } catch {
      // Nobody to ask, or no time left.
    } finally {
      over.abort()
    }
  }

  async #search(
    digest: Uint8Array,
    signal: AbortSignal,
    tell: (candidate: Candidate) => void,
  ): Promise<void> {
    const seen = new Set<string>()
    const lookups = new Set<Promise<void>>()
    try {
      await this.#init.whenPeers(signal)
      const events = this.#init.kad()?.findProviders(cidOf(RAW, digest), { signal })
      for await (const event of events ?? []) {
        if (event.name !== 'PROVIDER') continue
        for (const provider of event.providers) {
          if (seen.size >= SEARCH_LIMITS.maxCandidates) return
          const candidate = this.#candidate(provider)
          if (seen.has(candidate.peerId) || candidate.peerId === this.#init.ownPeerId()) continue
          seen.add(candidate.peerId)
          if (candidate.addresses.length > 0) tell(candidate)
          else await this.#lookUp(candidate.peerId, signal, tell, lookups)
        }
      }
    } catch {
      // A table that cannot be asked knows nobody.
    } finally {
      await Promise.all(lookups)
    }
  }

  async #lookUp(
    peerId: string,
    signal: AbortSignal,
    tell: (candidate: Candidate) => void,
    lookups: Set<Promise<void>>,
  ): Promise<void> {
    while (lookups.size >= SEARCH_LIMITS.maxLookups) await Promise.race(lookups)
    const lookup = this.findAddresses(peerId, signal).then((addresses) => {
      lookups.delete(lookup)
      if (addresses.length > 0) tell({ peerId, addresses })
    })
    lookups.add(lookup)
  }

  #candidate(untrusted: PeerInfo): Candidate {
    const addresses = untrusted.multiaddrs
      .map((address) => address.toString())
      .filter((address) => this.#init.mayUse(address))
      .slice(0, SEARCH_LIMITS.maxAddresses)
      .map((address) => withPeerId(address, untrusted.id))
    return { peerId: untrusted.id.toString(), addresses }
  }
}

function withPeerId(address: string, peerId: PeerId): string {
  const suffix = `/p2p/${peerId.toString()}`
  return address.endsWith(suffix) ? address : `${address}${suffix}`
}
