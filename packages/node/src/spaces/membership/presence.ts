/** What is shown of a member. */
import type { Hex } from '../auth/action.ts'
import type { PresenceState, Row } from './roster.ts'
import type { BeaconContent } from './statement.ts'

export interface Presence {
  readonly member: Hex
  /** A suspect is online until it is decided. */
  readonly state: PresenceState
  /** Milliseconds since 1970; undefined: never. */
  readonly lastSeenMs: number | undefined
  /** What it told of itself last. */
  readonly content: BeaconContent | undefined
}

/** @param nowMs on the wall clock */
export function presenceOf({ member, state, seenMs, beacon }: Row, nowMs: number): Presence {
  return { member, state, lastSeenMs: state === 'online' ? nowMs : seenMs, content: beacon?.content }
}
