/**
 * The seams: clock, timers and random reach the logic only as these injected interfaces, so that the same code
 * runs against the machine (`system.ts`) and against a deterministic simulation. A lint rule bans the ambient
 * ones everywhere else. The network's seam is `network/channel.ts`, the disk's are `store/disk.ts`,
 * `store/content-source.ts` and `store/block-sink.ts`.
 */

export interface Clock {
  /** Wall clock, milliseconds since 1970. For display and records only, never for order or deadlines. */
  now: () => number
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic: () => number
}

/** What `Timers.set` returned; opaque to the caller. */
export type TimerHandle = object | number

export interface Timers {
  set: (callback: () => void, delayMs: number) => TimerHandle
  clear: (handle: TimerHandle) => void
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes: (length: number) => Uint8Array
}

export interface Seams {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
}

/** Rejects with `signal.reason` when aborted, else resolves after `delayMs`. */
export function delay(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      timers.clear(handle)
      reject(signal?.reason)
    }
    const handle = timers.set(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
