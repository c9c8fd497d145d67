/** What is asked of a node whose process may end meanwhile is asked of its successor again. */
import { isShoalError } from '@shoal/node/control'
import { pause, type TerminalClock } from './terminal-clock.ts'
import { BUSY_MS, RETRY_MS } from './until-free.ts'

/** A node that was used for longer than this was a working one, in milliseconds. */
const STABLE_MS = 1_000

/**
 * @param attempt finds a node, or starts one, and does all that is to be done with it; says when it has one
 * @param canRepeat whether it may be done again; where nobody succeeds, or what was given is lost, it may not
 * @throws what `attempt` throws; that the node is gone only where one after the other goes
 */
export async function withSuccessors<T>(
  { clock, signal }: { readonly clock: TerminalClock; readonly signal: AbortSignal },
  attempt: (onFound: () => void) => Promise<T>,
  canRepeat: () => boolean,
): Promise<T> {
  let restlessSinceMs: number | undefined
  for (;;) {
    let foundMs = Number.POSITIVE_INFINITY
    try {
      return await attempt(() => (foundMs = clock.monotonic()))
    } catch (error) {
      if (!canRepeat() || signal.aborted || !isNodeGone(error)) throw error
      const nowMs = clock.monotonic()
      if (nowMs - foundMs > STABLE_MS) restlessSinceMs = undefined
      restlessSinceMs ??= nowMs
      if (nowMs - restlessSinceMs > BUSY_MS) throw error
    }
    // A node that is about to end still answers for a moment.
    await pause(clock, RETRY_MS, signal)
  }
}

/** Whether the process that ran the node ended, in order or not. */
export function isNodeGone(error: unknown): boolean {
  if (isShoalError(error, 'ERR_NODE_STOPPED')) return true
  const code = (error as { code?: unknown } | null)?.code
  return code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'EPIPE' || code === 'ENOENT'
}
