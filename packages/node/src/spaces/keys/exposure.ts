/** Whether a key of a space is also with somebody who was put out or demoted: pure, as the rules of rotation are. */
import type { Hex } from '../auth/action.ts'
import { levelOf, PULL, type Role } from '../auth/roles.ts'
import type { AuthState } from '../auth/state.ts'

/**
 * Who left by itself does not count: nobody took the space from it, and else whoever only writes would have to wait for a
 * manager each time that somebody leaves.
 *
 * @param recipients sealing keys that the key was sealed to; undefined when that is not known
 */
export function isExposed(recipients: ReadonlySet<Hex> | undefined, state: AuthState): boolean {
  if (recipients === undefined) return true
  const mayHave = new Set<Hex>()
  for (const [key, sealing] of state.sealings) {
    const role = state.members.get(key)?.role
    if (role === undefined ? hasLeft(key, state) : isReader(role)) mayHave.add(sealing)
  }
  return [...recipients].some((sealing) => !mayHave.has(sealing))
}

function isReader(role: Role): boolean {
  return levelOf(role) > PULL
}

/** Nobody else ever took from this key what it reads by. */
function hasLeft(key: Hex, { removals }: AuthState): boolean {
  const taken = removals.get(key) ?? []
  return taken.every(({ by, keeps }) => by === key || (keeps !== undefined && isReader(keeps)))
}
