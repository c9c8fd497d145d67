/** A question whose answer is told again whenever it has become another. */
export interface LiveQuery<T> {
  readonly ask: () => Promise<T>
  /** Calls back after each change; what it returns ends that. */
  readonly onChange: (callback: () => void) => () => void
  readonly signal: AbortSignal
}

/**
 * The answer, and each later one that differs from the one before. Whoever is slow misses those in between: however much
 * changes meanwhile, the next is the latest.
 */
export async function* liveAnswers<T>({ ask, onChange, signal }: LiveQuery<T>): AsyncGenerator<T> {
  // Resolved when it is to be asked, or told that it is over.
  let due = Promise.withResolvers<void>()
  due.resolve()
  const onDue = (): void => due.resolve()
  const end = onChange(onDue)
  signal.addEventListener('abort', onDue)
  try {
    for (let before: string | undefined; ;) {
      // oxlint-disable-next-line no-await-in-loop -- It waits for the next change.
      await due.promise
      signal.throwIfAborted()
      due = Promise.withResolvers<void>()
      // oxlint-disable-next-line no-await-in-loop -- As above.
      const answer = await ask()
      signal.throwIfAborted()
      const text = JSON.stringify(answer)
      if (text === before) continue
      before = text
      yield answer
    }
  } finally {
    end()
    signal.removeEventListener('abort', onDue)
  }
}
