/** The names by which devices of one space find each other: announces the present one, answers to those accepted, searches by them. */
import type { Discovery } from '../../network/discovery.ts'
import type { Candidate } from '../../network/provider-source.ts'
import { withDeadline } from '../../network/deadline.ts'
import type { Seams } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import { toHex } from '../auth/action-codec.ts'
import type { SyncCaller } from './handshake.ts'
import { BELIEVE_MS, MAX_FOUND_DEVICES, SEARCH_MS } from './limits.ts'

export interface SpaceNamesInit {
  readonly space: Hex
  readonly host: SyncCaller
  readonly discovery: Pick<Discovery, 'announce' | 'withdraw' | 'sources'>
  readonly seams: Pick<Seams, 'clock' | 'timers'>
}

export class SpaceNames {
  readonly #init: SpaceNamesInit
  #accepted: readonly Uint8Array[] = []
  #announced: Uint8Array | undefined
  /** Wall clock, as names change by it. */
  #nextMs = 0

  constructor(init: SpaceNamesInit) {
    this.#init = init
  }

  /** Whether one of the names is this provider key. */
  has(digest: Uint8Array): boolean {
    return this.#accepted.some((name) => Buffer.compare(name, digest) === 0)
  }

  /** Something may be otherwise now. */
  forget(): void {
    this.#nextMs = 0
  }

  /** Brings them up with the time and the keys. Does not reject. */
  async refresh(): Promise<void> {
    const { clock } = this.#init.seams
    const nowMs = clock.now()
    // A clock that was set back would keep them for as long.
    if (nowMs < this.#nextMs && this.#nextMs - nowMs <= BELIEVE_MS) return
    this.#nextMs = nowMs + BELIEVE_MS
    const { space, host, discovery } = this.#init
    const names = await host.call('syncNames', { space }).catch(() => undefined)
    this.#accepted = names?.accepted ?? []
    this.#nextMs = Math.min(this.#nextMs, names?.changesAtMs ?? Infinity)
    const [current] = this.#accepted
    const before = this.#announced
    if (before !== undefined && current !== undefined && toHex(before) === toHex(current)) return
    if (before !== undefined) discovery.withdraw(before)
    if (current !== undefined) discovery.announce(current)
    this.#announced = current
  }

  /** Devices that go by one of the names, as they are found. Does not reject. */
  async search(signal: AbortSignal, onFound: (device: Candidate) => void): Promise<void> {
    const { discovery, seams } = this.#init
    // Devices met before are known by the space itself.
    const sources = discovery.sources.filter(({ name }) => name !== 'seen')
    const found = new Set<string>()
    const each = async (
      within: AbortSignal,
      source: (typeof sources)[number],
      name: Uint8Array,
    ): Promise<void> => {
      for await (const device of source.find(name, within)) {
        if (found.size >= MAX_FOUND_DEVICES) return
        if (found.has(device.peerId)) continue
        found.add(device.peerId)
        onFound(device)
      }
    }
    try {
      await withDeadline(seams.timers, SEARCH_MS, signal, (within) =>
        Promise.all(sources.flatMap((source) => this.#accepted.map((name) => each(within, source, name)))),
      )
    } catch {
      // Whoever was found was told of.
    }
  }
}
