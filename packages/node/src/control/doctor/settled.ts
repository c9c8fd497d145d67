/** Waits a little for what a node that was just started does not have yet. */
import { delay } from '../../util/seams.ts'
import type { Looking } from './facts.ts'
import { LOOK_MS, SETTLE_MS } from './limits.ts'

/** Whether `isSo` was true before the time was over. Rejects with the signal's reason. */
export async function becomes(isSo: () => boolean, { clock, timers, signal }: Looking): Promise<boolean> {
  const endMs = clock.monotonic() + SETTLE_MS
  for (;;) {
    if (isSo()) return true
    if (clock.monotonic() >= endMs) return false
    await delay(timers, LOOK_MS, signal)
  }
}
