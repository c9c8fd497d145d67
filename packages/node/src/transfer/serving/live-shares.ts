/** The shares that are served now: what each is made of, who asked for it, and whether its files still hold it. */
import type { WarningEvent } from '../../events.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import type { ContentSource } from '../../store/content-source.ts'
import { sameVersion, type Disk } from '../../store/disk.ts'
import type { MadeShare } from '../../store/share-maker.ts'
import { filesOfBlock, sourceOf } from '../../store/share-plan.ts'
import { escapeForDisplay } from '../../util/display.ts'

/** One caller for whom a share is served. */
export interface ShareHolder {
  readonly onEvent: (event: WarningEvent) => void
  /** The share is removed: serving ends, whoever asked for it. */
  readonly onRemoved: () => void
}

export interface LiveShareInit {
  readonly id: string
  readonly made: MadeShare
  readonly workers: BlockWorkers
  readonly disk: Disk
  /** Keeps over restarts whether the share is stale. */
  readonly setStale: (isStale: boolean) => Promise<void>
}

export class LiveShare {
  readonly id: string
  readonly source: ContentSource
  readonly holders = new Set<ShareHolder>()
  readonly #init: LiveShareInit
  #made: MadeShare
  /** Blocks that were not what was promised when a peer asked for them last. */
  readonly #bad = new Set<number>()
  #isStale = false
  #noted: Promise<void> = Promise.resolve()

  constructor(init: LiveShareInit) {
    this.#init = init
    this.id = init.id
    this.#made = init.made
    this.source = sourceOf(init.made.plan, init.workers, (block, outcome) => {
      if (outcome === 'bytes') this.#onGood(block)
      else this.#onBad(block, outcome)
    })
  }

  /** Not all of it is what was promised, as far as was found out. */
  get isStale(): boolean {
    return this.#isStale
  }

  get made(): MadeShare {
    return this.#made
  }

  /** The files hold what was promised, under the facts that they have now. */
  goOn(made: MadeShare): void {
    this.#made = made
    this.#bad.clear()
    this.#isStale = false
  }

  /** Resolves when what was found out last is kept. */
  get noted(): Promise<void> {
    return this.#noted
  }

  /** The same path was shared again and holds something else now: this share stays what it was. */
  outdated(): void {
    const { name } = this.#made
    this.#becomeStale(
      `${escapeForDisplay(name)} was changed and shared again under a new link: what its old link gives stays as it was`,
    )
  }

  #onGood(block: number): void {
    if (!this.#bad.delete(block) || this.#bad.size > 0) return
    this.#isStale = false
    this.#note(false)
  }

  #onBad(block: number, outcome: 'changed' | 'gone'): void {
    this.#bad.add(block)
    if (this.#isStale) return
    void this.#findFile(block).then((file) => {
      if (this.#bad.size === 0) return
      const what = escapeForDisplay(file ?? `a part of ${this.#made.name}`)
      const became = outcome === 'gone' ? 'cannot be read any more' : 'changed since it was shared'
      this.#becomeStale(`${what} ${became}: who has the link gets the rest, but not this; share it again`)
    })
  }

  #becomeStale(message: string): void {
    if (this.#isStale) return
    this.#isStale = true
    for (const { onEvent } of this.holders) onEvent({ type: 'warning', code: 'WARN_SHARE_STALE', message })
    this.#note(true)
  }

  #note(isStale: boolean): void {
    // Where it cannot be kept, the next start finds it out again; serving goes on.
    this.#noted = this.#noted.then(() => this.#init.setStale(isStale)).catch(() => {})
  }

  /** Which file of a bad block it was: the only one, or the only one that is another version now. */
  async #findFile(block: number): Promise<string | undefined> {
    const { plan, entries, name } = this.#made
    const byPath = new Map(entries.map((entry) => [entry.path, entry]))
    const files = filesOfBlock(plan, block).map((file) => byPath.get(file.path) ?? file)
    const nameOf = (path: string): string => (path === '' ? name : path)
    if (files.length === 1) return nameOf((files[0] as (typeof files)[0]).path)
    const changed: string[] = []
    for (const file of files) {
      const now = await this.#init.disk.facts(file.source).catch(() => undefined)
      if (now === undefined || !sameVersion(now, file.facts)) changed.push(nameOf(file.path))
    }
    return changed.length === 1 ? changed[0] : undefined
  }
}
