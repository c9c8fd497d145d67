/** Runs checks beside each other, each for a bounded time. */
import { ShoalError } from '../../errors.ts'
import type { FindingId } from '../../events.ts'
import { escapeForDisplay } from '../../util/display.ts'
import type { Seams } from '../../util/seams.ts'
import type { Looking } from './facts.ts'
import { warning, type Finding, type Verdict } from './finding.ts'
import { CHECK_MS } from './limits.ts'

export interface Check {
  readonly id: FindingId
  readonly look: (looking: Looking) => Verdict | Promise<Verdict>
}

/** Findings in the order in which they come. One check that fails or hangs is a finding. Rejects with the signal's reason. */
export async function* runChecks(
  checks: readonly Check[],
  seams: Pick<Seams, 'clock' | 'timers'>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  signal.throwIfAborted()
  const left = new AbortController()
  const within = AbortSignal.any([signal, left.signal])
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const pending = new Map<FindingId, Promise<Finding>>()
  for (const check of checks) pending.set(check.id, finding(check, seams, within))
  try {
    while (pending.size > 0) {
      const found = await Promise.race([aborted, ...pending.values()])
      pending.delete(found.id)
      yield found
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    left.abort(new Error('nobody waits for it any more'))
  }
}

/** Does not reject. */
async function finding(
  { id, look }: Check,
  { clock, timers }: Pick<Seams, 'clock' | 'timers'>,
  signal: AbortSignal,
): Promise<Finding> {
  const late = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const timer = timers.set(() => {
    resolve(warning(`could not be found out within ${CHECK_MS / 1_000} s`, 'look again later'))
    late.abort(new ShoalError('ERR_INTERNAL', 'the check takes too long'))
  }, CHECK_MS)
  const within = AbortSignal.any([signal, late.signal])
  // What is thrown at once is a finding, too.
  const looked = (async () => look({ clock, timers, signal: within }))()
  try {
    return { id, ...(await Promise.race([promise, looked])) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { id, ...warning(`could not be found out: ${escapeForDisplay(reason)}`, 'look again later') }
  } finally {
    timers.clear(timer)
  }
}
