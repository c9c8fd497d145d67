/** How much of the download a fetch has beside others. */

import type { Priority } from '../../util/priority.ts'

/** Parts of what comes while there is not enough for all. One is what everything has that nobody says anything of. */
export const PRIORITY_WEIGHTS = { high: 2, normal: 1, low: 0.5 } as const satisfies Record<Priority, number>

/** Asked for again and again, since it may change while something runs. */
export type Weight = () => number

export const USUAL_WEIGHT: Weight = () => PRIORITY_WEIGHTS.normal

/** @param priority a function is asked anew each time */
export function weightOf(priority: Priority | (() => Priority)): Weight {
  if (typeof priority === 'string') return () => PRIORITY_WEIGHTS[priority]
  return () => PRIORITY_WEIGHTS[priority()]
}
