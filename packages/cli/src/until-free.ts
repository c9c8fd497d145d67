/** Waits for a home that another process has only for a moment. */
import { isShoalError } from '@shoal/node/control'
import { pause, type TerminalClock } from './terminal-clock.ts'

/** How long another process may hold the home without answering, in milliseconds. */
export const BUSY_MS = 5_000
export const RETRY_MS = 50

/** @throws ShoalError ERR_HOME_BUSY when it does not become free, and what `attempt` throws; on abort the signal's reason */
export async function untilFree<T>(
  clock: TerminalClock,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  let deadlineMs: number | undefined
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      // Another process that is just starting or ending has the home, or has not yet written its token.
      const isBusy = isShoalError(error, 'ERR_HOME_BUSY') || isShoalError(error, 'ERR_NOT_AUTHORISED')
      deadlineMs ??= clock.monotonic() + BUSY_MS
      if (!isBusy || clock.monotonic() >= deadlineMs) throw error
    }
    await pause(clock, RETRY_MS, signal)
  }
}
