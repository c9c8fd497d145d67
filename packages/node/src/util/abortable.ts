/** Waits for work no longer than a signal lets; the work goes on by itself. Rejects with the signal's reason. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const end = (): void => signal.removeEventListener('abort', onAbort)
    work.then(resolve, reject)
    work.then(end, end)
    if (signal.aborted) onAbort()
  })
}
