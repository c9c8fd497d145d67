/**
 * What a client asks for again because it did not get the answer: by its key it is not done again, but answered as the first
 * time. Kept in memory, so for as long as the node runs, of a number of requests and for a while.
 */
import { createHash } from 'node:crypto'
import { ShoalError } from '../../errors.ts'
import { abortable } from '../../util/abortable.ts'
import type { Clock } from '../../util/seams.ts'
import { ANSWER_KEPT_MS, MAX_KEPT_ANSWERS } from './limits.ts'

interface Kept {
  /** A digest of what was asked for. */
  readonly asked: string
  readonly answer: Promise<unknown>
  readonly begunMs: number
}

export class Once {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** By their keys, the oldest first. */
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /**
   * Does `work`, unless it was done for this key. While it is being done for this key, waits for that; what failed is done again.
   *
   * @param key undefined: it is done
   * @param asked what is asked for, as JSON can say it
   * @param signal ends the waiting for another, and nothing else
   * @throws ShoalError ERR_OPTIONS_INVALID where something else was asked for by this key; whatever `work` throws
   */
  async run<T>(
    key: string | undefined,
    asked: unknown,
    work: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (key === undefined) return await work()
    const digest = createHash('sha256').update(JSON.stringify(asked)).digest('base64')
    for (let before = this.#find(key); before !== undefined; before = this.#find(key)) {
      if (before.asked !== digest)
        throw new ShoalError('ERR_OPTIONS_INVALID', 'another request was sent with this idempotency key')
      // oxlint-disable-next-line no-await-in-loop -- Whoever comes next may have begun it anew meanwhile.
      const outcome = await abortable(settled(before.answer as Promise<T>), signal)
      if ('answer' in outcome) return outcome.answer
      this.#forget(key, before)
    }
    const kept: Kept = { asked: digest, answer: work(), begunMs: this.#clock.monotonic() }
    this.#keep(key, kept)
    try {
      return (await kept.answer) as T
    } catch (error) {
      this.#forget(key, kept)
      throw error
    }
  }

  #find(key: string): Kept | undefined {
    const oldest = this.#clock.monotonic() - ANSWER_KEPT_MS
    for (const [each, { begunMs }] of this.#kept) {
      if (begunMs >= oldest) break
      this.#kept.delete(each)
    }
    return this.#kept.get(key)
  }

  #keep(key: string, kept: Kept): void {
    const [first] = this.#kept.keys()
    if (this.#kept.size >= MAX_KEPT_ANSWERS && first !== undefined) this.#kept.delete(first)
    this.#kept.set(key, kept)
  }

  #forget(key: string, kept: Kept): void {
    if (this.#kept.get(key) === kept) this.#kept.delete(key)
  }
}

async function settled<T>(work: Promise<T>): Promise<{ readonly answer: T } | { readonly failed: true }> {
  try {
    return { answer: await work }
  } catch {
    return { failed: true }
  }
}
