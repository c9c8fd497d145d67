/** Watches the operations of a node: counts them, and says in the log when each began and how it ended. */
import { parseLink } from '../../content/link.ts'
import { isShoalError } from '../../errors.ts'
import { faultFields, type Log, type LogFields, type LogModule, type Logs } from '../../util/log.ts'
import type { Clock } from '../../util/seams.ts'
import {
  OPERATION_KINDS,
  OperationCounts,
  type OperationKind,
  type OperationResult,
} from './operation-counts.ts'

/** Whose log has what of an operation, where it is not that of fetches. */
const MODULES: Partial<Record<OperationKind, LogModule>> = { share: 'share', scrub: 'store' }

interface Lasting {
  readonly root: string
  readonly ended: Promise<string>
}

/** What an operation is of, where that is known before it ends. */
interface About {
  readonly link?: string
  readonly root?: string
  /** Aborted when whoever began it, or the node, ended it. */
  readonly signal: AbortSignal
}

export class OperationWatch {
  readonly counts = new OperationCounts()
  readonly #logs: Logs
  readonly #clock: Clock

  constructor(logs: Logs, clock: Clock) {
    this.#logs = logs
    this.#clock = clock
  }

  /** Runs an operation. Rejects with what it rejects with. */
  async watch<T>(name: string, about: About, work: () => Promise<T>): Promise<T> {
    const end = this.#begin(name, about)
    try {
      const result = await work()
      end({ result })
      this.#untilEnd(result)
      return result
    } catch (error) {
      end({ error })
      throw error
    }
  }

  /** Says when a share or a seed ended, which goes on after it was made. */
  #untilEnd(result: unknown): void {
    const { root, ended, seed } = (result ?? {}) as Partial<Lasting> & { seed?: Pick<Lasting, 'ended'> }
    const log = this.#logs.of('share')
    void (ended ?? seed?.ended)?.then((how) => log.info('share ended', { root, how }))
  }

  /** What an operation gives out, one after the other. */
  async *each<T>(name: string, about: About, items: AsyncIterable<T>): AsyncGenerator<T> {
    const end = this.#begin(name, about)
    let outcome = {}
    try {
      yield* items
    } catch (error) {
      outcome = { error }
      throw error
    } finally {
      end(outcome)
    }
  }

  /** What it returns is to be called when the operation ended, with what it rejected with or gave. */
  #begin(name: string, about: About): (outcome: { error?: unknown; result?: unknown }) => void {
    const kind = kindOf(name)
    if (kind === undefined) return () => {}
    const log = this.#logs.of(MODULES[kind] ?? 'fetch')
    const startedMs = this.#clock.monotonic()
    this.counts.begun(kind)
    log.debug(`${kind} begins`, { operation: name, root: rootOf(about) })
    return (outcome) => {
      const result = resultOf(outcome.error, 'error' in outcome, about.signal)
      this.counts.ended(kind, result)
      const seconds = (this.#clock.monotonic() - startedMs) / 1_000
      const root = (outcome.result as { root?: string } | undefined)?.root ?? rootOf(about)
      tell(log, kind, result, { operation: name, root, seconds, ...fault(outcome) })
    }
  }
}

function tell(log: Log, kind: OperationKind, result: OperationResult, fields: LogFields): void {
  if (result === 'done') log.info(`${kind} done`, fields)
  else if (result === 'stopped') log.info(`${kind} stopped`, fields)
  else log.warn(`${kind} failed`, fields)
}

function fault(outcome: { error?: unknown }): LogFields {
  return 'error' in outcome ? faultFields(outcome.error) : {}
}

function kindOf(name: string): OperationKind | undefined {
  if (name === 'shareInput' || name === 'serve') return 'share'
  return OPERATION_KINDS.find((kind) => kind === name)
}

function resultOf(error: unknown, hasFailed: boolean, signal: AbortSignal): OperationResult {
  if (!hasFailed) return 'done'
  return signal.aborted || isShoalError(error, 'ERR_NODE_STOPPED') ? 'stopped' : 'failed'
}

/** The root alone: the rest of a link is a secret. */
function rootOf({ link, root }: About): string | undefined {
  if (root !== undefined || link === undefined) return root
  try {
    return parseLink(link).root.toString()
  } catch {
    return undefined
  }
}
