/** Candidates of one search on their way to who asked: those of the table's own search, and of the wide one by subnet. */
import type { Candidate } from '../provider-source.ts'
import { FairQueue } from './fair-queue.ts'
import { WIDE_LIMITS } from './limits.ts'

/** The lane of the table's own search, which bounds itself. */
const OWN = ''

export class CandidateQueue {
  readonly #queue = new FairQueue<Candidate>((lane) => this.#mostOf(lane))
  /** The addresses that each was told with. A false record of a peer must not hide the true one. */
  readonly #told = new Map<string, Set<string>>()
  #wide = 0
  #isSettled = false

  /** @param lane the subnet that named it; none: the table's own search */
  put(candidate: Candidate, lane: string = OWN): void {
    this.#queue.put(lane, candidate)
  }

  /** To be called when the wide search has ended. */
  settle(): void {
    this.#isSettled = true
  }

  take(): Candidate | undefined {
    return this.#queue.take((candidate, lane) => {
      const told = this.#told.get(candidate.peerId) ?? new Set()
      const addresses = candidate.addresses.toSorted().join(' ')
      if (told.has(addresses) || told.size >= WIDE_LIMITS.maxVersions) return false
      this.#told.set(candidate.peerId, told.add(addresses))
      if (lane !== OWN) this.#wide++
      return true
    })
  }

  #mostOf(lane: string): number {
    if (lane !== OWN && this.#wide >= WIDE_LIMITS.maxCandidates) return 0
    if (this.#isSettled) return Infinity
    return lane === OWN ? WIDE_LIMITS.maxEarlyOwn : WIDE_LIMITS.maxEarlyPerSubnet
  }
}
