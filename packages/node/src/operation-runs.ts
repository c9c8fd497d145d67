/** The operations of a node while they run: each ends with its own signal and with the node, which waits for them when it stops. */
import type { OperationWatch } from './control/observe/operation-watch.ts'
import { ShoalError } from './errors.ts'
import { OPERATION_OPTIONS, type Operation } from './operation-options.ts'
import { checkOptions } from './util/option-kinds.ts'

/** What the options of operations have in common. */
export interface Told {
  signal?: AbortSignal
  onEvent?: (event: never) => void
}

export type Given<O> = O & { readonly signal: AbortSignal }

/** What an operation is of, where that is known before it ends. */
interface About {
  readonly link?: string
  readonly root?: string
}

export class OperationRuns {
  readonly #watch: OperationWatch
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(watch: OperationWatch) {
    this.#watch = watch
  }

  /** Aborted once the node stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /**
   * The options of an operation, once they are what they should be. It ends with the node, and when its `onEvent` throws:
   * that is called from timers and sockets too, where nobody else would catch it.
   */
  given<O extends Told>(operation: Operation, options: O, failed = new AbortController()): Given<O> {
    checkOptions<object>(options, OPERATION_OPTIONS[operation])
    const { signal, onEvent } = options
    const tell = (event: never): void => {
      try {
        onEvent?.(event)
      } catch (error) {
        failed.abort(error)
      }
    }
    const ends = [failed.signal, this.#stopping.signal, ...(signal === undefined ? [] : [signal])]
    // One of its own: a signal that lives long would keep a listener of each operation.
    return { ...options, ...(onEvent === undefined ? {} : { onEvent: tell }), signal: AbortSignal.any(ends) }
  }

  /** Runs an operation to its end. */
  async run<O extends Told, T>(
    operation: Operation,
    options: O,
    work: (given: Given<O>) => Promise<T>,
    about: About = {},
  ): Promise<T> {
    const failed = new AbortController()
    const given = this.given(operation, options, failed)
    const watched = this.#watch.watch(operation, { ...about, signal: given.signal }, () => work(given))
    const result = await this.track(watched)
    failed.signal.throwIfAborted()
    return result
  }

  /** What an operation gives out, one after the other. */
  each<O extends Told, T>(
    operation: Operation,
    options: O,
    items: (given: Given<O>) => AsyncIterable<T>,
    about: About = {},
  ): AsyncGenerator<T> {
    const given = this.given(operation, options)
    return this.#watch.each(operation, { ...about, signal: given.signal }, items(given))
  }

  /** Work that the node waits for when it stops. */
  track<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => void this.#running.delete(work)
    this.#running.add(work)
    work.then(forget, forget)
    return work
  }

  /** Ends them all, and resolves when they have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
    await Promise.allSettled(this.#running)
  }
}
