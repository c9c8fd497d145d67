/** What stands at present where the entries of a share belong, links not followed. */
import type { Entry } from '../content/entry.ts'
import type { Anchor } from './anchor.ts'
import type { BlockWorkers } from './block-workers.ts'
import { parts } from './staged-paths.ts'
import type { Surveyed } from './staging-jobs.ts'

export interface SurveyInit {
  readonly within: Anchor
  readonly entries: readonly Entry[]
  /** Path of an entry in there. */
  readonly pathOf: (entry: Entry) => string
  readonly workers: BlockWorkers
  readonly signal?: AbortSignal
}

export interface Seen {
  /** Index in the entries. */
  readonly index: number
  readonly kind: Surveyed
  /** Bytes. */
  readonly size: number
  readonly ctimeNs: bigint
}

/**
 * Looks at some entries, by their indexes, and tells of each in order.
 *
 * @throws the errors of the disk; the signal's reason on abort
 */
export async function* survey(init: SurveyInit, indexes: readonly number[]): AsyncGenerator<Seen> {
  const { within, entries, pathOf, workers, signal } = init
  for (const part of parts(indexes)) {
    signal?.throwIfAborted()
    const paths = part.map((index) => pathOf(entries[index] as Entry))
    const { kinds, sizes, ctimesNs } = await workers.survey({ within, paths })
    for (const [at, index] of part.entries()) {
      yield {
        index,
        kind: kinds[at] as Surveyed,
        size: sizes[at] as number,
        ctimeNs: ctimesNs[at] as bigint,
      }
    }
  }
}
