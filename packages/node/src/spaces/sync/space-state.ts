/** What the sync of one space remembers while the node runs. Times are monotonic milliseconds. */
import type { Seams } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import type { SyncCaller } from './handshake.ts'
import { KnownMembers } from './known-members.ts'
import { MAX_REACH_MS, REACH_MS, ROUND_MS } from './limits.ts'
import { SpaceNames, type SpaceNamesInit } from './space-names.ts'

interface Synced {
  readonly startMs: number
  readonly endMs: number
}

export interface SpaceStateInit extends Pick<SpaceNamesInit, 'discovery'> {
  readonly space: Hex
  readonly host: SyncCaller
  readonly seams: Seams
}

export class SpaceState {
  readonly space: Hex
  readonly members: KnownMembers
  readonly names: SpaceNames
  readonly #seams: Seams
  /** By peer id, the last session that ended in order. */
  readonly #synced = new Map<string, Synced>()
  #writtenMs = 0
  #takenMs = 0
  #roundMs = 0
  #reachMs = 0
  #reachPauseMs = REACH_MS
  #isReaching = false

  constructor(init: SpaceStateInit) {
    this.space = init.space
    this.#seams = init.seams
    this.members = new KnownMembers(init.space, init.host, init.seams.clock)
    this.names = new SpaceNames(init)
    this.#roundMs = this.#nowMs
  }

  get #nowMs(): number {
    return this.#seams.clock.monotonic()
  }

  /** Something changed: it was written here, or came by a session. */
  changed(isWritten: boolean): void {
    this.members.forget()
    this.names.forget()
    if (isWritten) this.#writtenMs = this.#nowMs
    else this.#takenMs = this.#nowMs
  }

  /** Forgets of devices that are not connected. */
  keep(connected: ReadonlySet<string>): void {
    for (const peerId of this.#synced.keys()) if (!connected.has(peerId)) this.#synced.delete(peerId)
  }

  /** @param startMs when the session began */
  synced(peerId: string, startMs: number): void {
    this.#synced.set(peerId, { startMs, endMs: this.#nowMs })
    this.reached()
  }

  /** Is there something that this device was not told? What came by its own session it has. */
  isDue(peerId: string): boolean {
    const { startMs, endMs } = this.#synced.get(peerId) ?? { startMs: -1, endMs: -1 }
    return startMs <= this.#writtenMs || endMs < this.#takenMs
  }

  /** Is it time for a session with a member chosen at random? Then the next is later. */
  takeRound(): boolean {
    if (this.#nowMs < this.#roundMs) return false
    const jitter = (2 / 3) * (Buffer.from(this.#seams.random.bytes(4)).readUInt32BE() / 2 ** 32)
    this.#roundMs = this.#nowMs + ROUND_MS * (2 / 3 + jitter)
    return true
  }

  /** Is it time to look for members? Then the next try is later, and one goes on until it ends. */
  takeReach(): boolean {
    if (this.#isReaching || this.#nowMs < this.#reachMs) return false
    this.#isReaching = true
    return true
  }

  reachEnded(): void {
    this.#isReaching = false
    this.#reachMs = this.#nowMs + this.#reachPauseMs
    this.#reachPauseMs = Math.min(this.#reachPauseMs * 2, MAX_REACH_MS)
  }

  /** Somebody was reached, or may be again. */
  reached(): void {
    this.#reachPauseMs = REACH_MS
    this.#reachMs = Math.min(this.#reachMs, this.#nowMs + REACH_MS)
  }
}
