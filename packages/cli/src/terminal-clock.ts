/** The seam of time for what is drawn and waited for here: the only file that touches the ambient timers. */

/** What `TerminalClock.set` returned; opaque to the caller. */
export type TimerHandle = object | number

export interface TerminalClock {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic: () => number
  set: (callback: () => void, delayMs: number) => TimerHandle
  clear: (handle: TimerHandle) => void
}

export const systemClock: TerminalClock = {
  monotonic: () => performance.now(),
  set: (callback, delayMs) => setTimeout(callback, delayMs),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

/** Resolves after `delayMs`; rejects with `signal.reason` when aborted. */
export function pause(clock: TerminalClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clock.clear(handle)
      reject(signal.reason)
    }
    const handle = clock.set(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
