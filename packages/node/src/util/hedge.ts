/**
 * One answer from several who can give it (Dean and Barroso, The Tail at Scale, 2013): the first is asked, and while no answer
 * comes others as well, twice as many each time. Most questions cost nothing more, and one slow party does not make all wait.
 */
import type { TimerHandle, Timers } from './seams.ts'

export interface HedgeInit<T> {
  readonly timers: Timers
  /** Asks one more. `began` is called once somebody is asked: only then it can be slow. */
  readonly ask: (began: () => void) => Promise<T>
  /** How many there are who were not asked yet. */
  readonly others: () => number
  /** How long to wait for those who were asked before more are, in milliseconds; after so many rounds of asking more. */
  readonly patienceMs: (rounds: number) => number
  /** Most that are asked at a time. */
  readonly most: number
}

/** The first answer; the first error once all who were asked failed. */
export async function hedge<T>({ timers, ask, others, patienceMs, most }: HedgeInit<T>): Promise<T> {
  const answer = Promise.withResolvers<T>()
  const errors: unknown[] = []
  let asked = 0
  let rounds = 0
  let timer: TimerHandle | undefined
  const askOne = (): void => {
    asked++
    ask(() => (timer ??= timers.set(askMore, patienceMs(rounds)))).then(answer.resolve, (error: unknown) => {
      errors.push(error)
      if (errors.length === asked) answer.reject(errors[0])
    })
  }
  const askMore = (): void => {
    const open = asked - errors.length
    const more = Math.min(2 ** rounds, others(), most - open)
    for (let i = 0; i < more; i++) askOne()
    if (more > 0) rounds++
    timer = timers.set(askMore, patienceMs(rounds))
  }
  askOne()
  try {
    return await answer.promise
  } finally {
    if (timer !== undefined) timers.clear(timer)
  }
}
