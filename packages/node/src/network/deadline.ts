/** A signal that aborts after a time, by the injected timers. */
import { ShoalError } from '../errors.ts'
import type { Timers } from '../util/seams.ts'

/** Runs `work` with a signal that aborts when `signal` does and after `timeoutMs`, with ERR_NO_PROVIDER. */
export async function withDeadline<T>(
  timers: Timers,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = timers.set(
    () => late.abort(new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer in time')),
    timeoutMs,
  )
  try {
    return await work(signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]))
  } finally {
    timers.clear(timer)
  }
}
