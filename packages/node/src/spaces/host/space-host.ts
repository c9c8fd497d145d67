/**
 * The spaces of a home as the main thread has them: calls to the one thread in which all of them are. It starts with the
 * first call, so that a home without spaces has none. When it dies, the calls that it had fail, and the next one starts
 * another, which opens the spaces as the last transaction left them.
 */
import { ShoalError } from '../../errors.ts'
import { WorkerPool, workerUrl } from '../../util/worker-pool.ts'
import { CHANGES, type CallName, type SpaceCall, type SpaceCalls } from './calls.ts'
import { MAX_CALLS, YOUNG_GENERATION_MIB } from './limits.ts'

/** Where the calls are made. */
export interface SpaceThread {
  run: (call: SpaceCall) => Promise<unknown>
  close: () => Promise<void>
}

/** A thread of its own: what a node takes, whose main thread has peers waiting. */
export function spaceThread(home: string): SpaceThread {
  const pool = new WorkerPool<SpaceCall, unknown>(workerUrl(import.meta.url, './space-worker'), 1, {
    data: { home },
    youngGenerationMib: YOUNG_GENERATION_MIB,
  })
  return { run: (call) => pool.run(call), close: () => pool.close() }
}

/** Told of a space that may have changed, or is new, by which call, and what that answered if it was not refused. */
type OnChanged = (space: string, call: CallName, answer: unknown) => void

export class SpaceHost {
  readonly #thread: SpaceThread
  readonly #running = new Set<Promise<unknown>>()
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly #onAny: OnChanged
  #wasUsed = false
  #closed: Promise<void> | undefined

  /** @param onAny told of changes @defaultValue nobody is */
  constructor(thread: SpaceThread, onAny: OnChanged = () => {}) {
    this.#thread = thread
    this.#onAny = onAny
  }

  /**
   * Makes one call. One that was begun is finished, also when its caller gives up.
   *
   * @throws ShoalError whatever it throws there; ERR_LIMIT when too many wait, ERR_NODE_STOPPED once this is closed,
   *   ERR_INTERNAL when the thread dies of it
   */
  async call<Name extends CallName>(
    name: Name,
    given: SpaceCalls[Name]['given'],
  ): Promise<SpaceCalls[Name]['answer']> {
    if (this.#closed !== undefined) throw new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped')
    if (this.#running.size >= MAX_CALLS) {
      throw new ShoalError('ERR_LIMIT', `${MAX_CALLS} calls wait for the spaces of this home already`, {
        hint: 'Wait for some of them before there are more.',
      })
    }
    this.#wasUsed = true
    const running = this.#thread.run({ name, given } as unknown as SpaceCall)
    this.#running.add(running)
    let answer: unknown
    try {
      answer = await running
      if (name === 'found') this.#onAny((answer as SpaceCalls['found']['answer']).id, name, answer)
      return answer as SpaceCalls[Name]['answer']
    } finally {
      this.#running.delete(running)
      // Also after one that failed: of several batches the first may be written.
      if (CHANGES.has(name)) this.#tell((given as { space: string }).space, name, answer)
    }
  }

  /** Calls back after each change of what is in a space, who is, or who may come; what it returns ends that. */
  onChange(space: string, callback: () => void): () => void {
    const watchers = this.#watchers.get(space) ?? new Set()
    this.#watchers.set(space, watchers)
    watchers.add(callback)
    return () => {
      watchers.delete(callback)
      if (watchers.size === 0 && this.#watchers.get(space) === watchers) this.#watchers.delete(space)
    }
  }

  /** Finishes what was begun and closes the spaces. Twice is fine. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    try {
      if (this.#wasUsed) await this.#thread.run({ name: 'close', given: {} })
    } finally {
      await this.#thread.close()
    }
  }

  #tell(space: string, call: CallName, answer: unknown): void {
    this.#onAny(space, call, answer)
    for (const callback of this.#watchers.get(space) ?? []) callback()
  }
}
