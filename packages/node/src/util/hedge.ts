/** Two ways to one answer. */
import { delay, type Timers } from './seams.ts'

/** The answer of `first`, or if that takes longer than `slowMs` the first that it or `second` gives; its error if both fail. */
export async function hedge<T>(
  timers: Timers,
  slowMs: number,
  first: Promise<T>,
  second: () => Promise<T> | undefined,
): Promise<T> {
  const early = new AbortController()
  const slow = Symbol('slow')
  const patience = delay(timers, slowMs, early.signal).then(
    () => slow,
    () => slow,
  )
  try {
    const answer = await Promise.race([first, patience])
    if (answer !== slow) return answer as T
  } finally {
    early.abort()
  }
  const other = second()
  return other === undefined ? await first : await Promise.any([first, other]).catch(() => first)
}
