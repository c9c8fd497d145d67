/**
 * A session that an operation of this node opened, and in which the peer is served after it. Who opened a session ends it:
 * here when the peer has everything too, or asks for nothing any more.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { TransferLimits } from '../limits.ts'
import type { Session } from './session.ts'

export interface KeptSessionInit {
  readonly session: Session
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  readonly limits: Pick<TransferLimits, 'keptIdleMs'>
  /** Whether the peer asked for something that it has not got yet. */
  readonly isServing: () => boolean
}

/** Ends the session in order once it is of no use. */
export function endWhenUnused({ session, seams, limits, isServing }: KeptSessionInit): void {
  const { clock, timers } = seams
  // Nobody asked here before is no reason to end it: the peer has this long from now on.
  let usedMs = clock.monotonic()
  let timer: TimerHandle
  const look = (): void => {
    if (isServing()) usedMs = clock.monotonic()
    const idleMs = clock.monotonic() - Math.max(usedMs, session.lastReceivedMs)
    if (idleMs >= limits.keptIdleMs) void session.close()
    else timer = timers.set(look, limits.keptIdleMs - idleMs)
  }
  timer = timers.set(look, limits.keptIdleMs)
  session.attach({
    payloadFor: () => undefined,
    onMessage: (message) => {
      if (message.t === 'have' && 'all' in message) void session.close()
    },
    onEnd: () => timers.clear(timer),
  })
}
