/** What a fetch tells of its files: how many are whole, which are on their way, and each that is whole to who wants to know. */
import type { FileEvent } from '../events.ts'
import type { Entry } from '../content/entry.ts'
import type { Fates } from '../store/fate.ts'
import type { Clock } from '../util/seams.ts'
import type { FetchPlan } from './plan/fetch-plan.ts'
import { FetchedFiles } from './fetched-files.ts'
import { FileTeller } from './file-teller.ts'

export interface FileReportInit {
  readonly plan: Pick<FetchPlan, 'name' | 'entries' | 'blocks'>
  readonly fates: Fates
  readonly clock: Clock
  /** The next is told when what it returns resolves. It does not throw. */
  readonly onFile: ((event: FileEvent) => void | Promise<void>) | undefined
  readonly signal: AbortSignal
}

export class FileReport {
  readonly files: FetchedFiles
  readonly #teller: FileTeller | undefined

  constructor({ plan, fates, clock, onFile, signal }: FileReportInit) {
    const { name, entries, blocks } = plan
    if (onFile !== undefined) {
      const tell = (entry: number): void | Promise<void> => {
        const { path, size } = entries[entry] as Entry
        return onFile({ type: 'file', path: path === '' ? name : path, bytes: size })
      }
      this.#teller = new FileTeller({ entries: entries.length, tell, signal })
    }
    const onWhole = (entry: number): void => this.#teller?.add(entry)
    this.files = new FetchedFiles({ entries, blocks, fates, clock, onWhole })
  }

  /** All that was to be compared is: what is kept is as it should be. */
  readonly clear = (): void => {
    if (this.#teller !== undefined) for (const entry of this.files.whole()) this.#teller.add(entry)
  }

  /** Resolves when all that are whole were told. */
  async end(): Promise<void> {
    await this.#teller?.end()
  }
}
