/** Shares whose files lie in the home: which of them may go when there is no more room, and how they go. */
import type { WarningEvent } from '../events.ts'
import type { KeptShare } from '../store/kept-jobs.ts'
import type { Ledger } from '../store/quota/ledger.ts'
import type { Evictable, Evictor } from '../store/quota/parts.ts'
import { inputOf, uploadOf } from '../store/quota/unit.ts'
import type { ShareStore } from '../store/share-store.ts'
import { escapeForDisplay } from '../util/display.ts'
import { formatBytes } from '../util/sizes.ts'
import type { Turns } from '../util/turns.ts'
import type { ServedShares } from './served-shares.ts'
import { turnOf } from './share-turn.ts'

/** What the share service has to do with it. */
export interface SharesInUse {
  readonly served: ServedShares
  /** In which each share is made, served and removed. */
  readonly turns: Turns
  /** Shares whose files are being mended. */
  readonly leftAlone: ReadonlySet<string>
}

export interface KeptSharesInit extends SharesInUse {
  readonly store: ShareStore
  readonly ledger: Ledger
  /** Who is served of a root now. */
  readonly peersOf: (root: string) => ReadonlySet<string>
  /** Roots of shares that go on by themselves, also those that are yet to be served. */
  readonly keptUp: () => Promise<ReadonlySet<string>>
  readonly uploads: {
    /** Keeps one for who removes it; undefined: somebody uses it. */
    readonly claim: (id: string) => (() => void) | undefined
    readonly remove: (id: string) => Promise<void>
  }
  /** Told before and after shares of a root are removed. */
  readonly onEvict: (root: string, stage: 'begins' | 'done') => void
  readonly onWarning: (warning: WarningEvent) => void
}

export class KeptShares implements Evictor {
  readonly #init: KeptSharesInit

  constructor(init: KeptSharesInit) {
    this.#init = init
  }

  async *evictable(): AsyncGenerator<Evictable> {
    const keptUp = await this.#init.keptUp()
    for await (const { unit, shares } of this.#init.store.kept()) {
      if (shares.some(({ lookup }) => this.#init.turns.isTaken(turnOf(lookup)))) continue
      if (!this.#mayGo(unit, shares, keptUp)) continue
      yield { unit, evict: () => this.#evict(unit, shares) }
    }
  }

  /** It is not being read, and nobody wants it to be there but who said that it need not be. */
  #mayGo(unit: string, shares: readonly KeptShare[], keptUp: ReadonlySet<string>): boolean {
    const { served, leftAlone, peersOf, store } = this.#init
    const input = inputOf(unit)
    if (input !== undefined && store.inputs.isInUse(input)) return false
    return shares.every(({ id, root, isPinned }) => {
      if (isPinned === true || leftAlone.has(id)) return false
      const live = served.find(id)
      if (live === undefined) return isPinned === false || !keptUp.has(root)
      return isPinned === false && peersOf(root).size === 0
    })
  }

  async #evict(unit: string, shares: readonly KeptShare[]): Promise<boolean> {
    const turns = [...new Set(shares.map(({ lookup }) => turnOf(lookup)))].toSorted()
    return await this.#inTurns(turns, () => this.#evictAlone(unit, turns))
  }

  /** All of them at once: nobody else waits for a second one while it has the first. */
  async #inTurns<T>([turn, ...more]: readonly string[], work: () => Promise<T>): Promise<T> {
    if (turn === undefined) return await work()
    return await this.#init.turns.run(turn, undefined, () => this.#inTurns(more, work))
  }

  async #evictAlone(unit: string, turns: readonly string[]): Promise<boolean> {
    const { store, served, ledger, uploads, keptUp, onEvict } = this.#init
    // Since it was looked for, others may have come to need it.
    const rows = await store.ofUnit(unit)
    const known = rows.every(({ lookup }) => turns.includes(turnOf(lookup)))
    const roots = await keptUp()
    const upload = uploadOf(unit)
    const free = upload === undefined ? (): void => {} : uploads.claim(upload)
    if (free === undefined) return false
    try {
      if (rows.length === 0 || !known || !this.#mayGo(unit, rows, roots)) return false
      const bytes = ledger.presentOf(unit)
      const gone = new Set(rows.map((row) => row.root))
      for (const root of gone) onEvict(root, 'begins')
      try {
        for (const { id } of rows) await served.removed(id)
        await store.remove(rows)
        if (upload !== undefined) await uploads.remove(upload)
      } finally {
        for (const root of gone) onEvict(root, 'done')
      }
      this.#warn(rows.at(-1)?.name ?? '', bytes)
      return true
    } finally {
      free()
    }
  }

  #warn(name: string, bytes: number): void {
    const { ledger, onWarning } = this.#init
    const quota = formatBytes(ledger.quota)
    const message = `${escapeForDisplay(name)} (${formatBytes(bytes)}) was removed to make room, for Shoal may use ${quota} of this disk: its link no longer works`
    onWarning({ type: 'warning', code: 'WARN_EVICTED', message })
  }
}
