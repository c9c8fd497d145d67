/** The end of sessions in order, which a peer that takes nothing does not hold up. */
import { withDeadline } from '../../network/deadline.ts'
import type { Timers } from '../../util/seams.ts'
import type { Session } from '../wire/session.ts'
import { SWARM_LIMITS } from './swarm-limits.ts'

/** Says goodbye to all of them. Resolves when it is said, or was not taken in time. */
export async function sayGoodbye(timers: Timers, sessions: readonly Session[]): Promise<void> {
  await withDeadline(timers, SWARM_LIMITS.goodbyeMs, undefined, (signal) =>
    Promise.race([
      Promise.all(sessions.map((session) => session.close())),
      new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    ]),
  )
}
