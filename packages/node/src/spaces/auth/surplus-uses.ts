/**
 * Uses of invites beyond what they allow, which come about when a space is in parts. Those stay that a manager's
 * operation was first to stand after, since who holds a link can write a use as of long ago but not have a manager
 * confirm it; then by depth and id.
 */
import type { Invite } from './action.ts'
import type { Counting } from './authority.ts'
import type { LogFacts } from './facts.ts'
import { MANAGE } from './roles.ts'

/**
 * @param isLast all uses of each invite that is used too often, by whomever: leaving some did not come to an end
 * @param complete what counts with those operations too on which nothing depends
 */
export function surplusUses(
  facts: LogFacts,
  { valid }: Counting,
  isLast: boolean,
  complete: () => Counting,
): number[] {
  const uses = new Map<number, number[]>()
  for (const operation of facts.deciding) {
    if ((valid[operation] !== 1 && !isLast) || facts.graph.action(operation).type === 'revoke') continue
    const invite = facts.inviteOf(operation)
    if (invite === undefined) continue
    const others = uses.get(invite)
    if (others === undefined) uses.set(invite, [operation])
    else others.push(operation)
  }
  const surplus = [...uses].filter(([invite, all]) => all.length > allowed(facts, invite))
  if (surplus.length === 0) return []
  if (isLast) return surplus.flatMap(([, all]) => all).filter((use) => valid[use] === 1)
  const confirmed = confirmations(facts, complete().valid)
  const compare = (a: number, b: number): number =>
    (confirmed[a] as number) - (confirmed[b] as number) || facts.graph.compare(a, b)
  return surplus.flatMap(([invite, all]) => all.toSorted(compare).slice(allowed(facts, invite)))
}

function allowed(facts: LogFacts, invite: number): number {
  return (facts.graph.action(invite) as Invite).uses
}

/** For each operation, the place of the first operation by a manager that stands after it, by depth and id. */
function confirmations(facts: LogFacts, valid: Uint8Array): Int32Array {
  const { graph } = facts
  const managing: number[] = []
  for (let operation = 0; operation < valid.length; operation++) {
    if (valid[operation] === 1 && facts.need(operation) >= MANAGE) managing.push(operation)
  }
  managing.sort((a, b) => graph.compare(a, b))
  const places = new Int32Array(valid.length).fill(managing.length)
  const links = graph.linkTable
  const open: number[] = []
  const openBefore = (operation: number): void => {
    for (let at = graph.start(operation); at < graph.start(operation + 1); at++)
      open.push(links[at] as number)
  }
  for (const [place, manager] of managing.entries()) {
    openBefore(manager)
    for (let operation = open.pop(); operation !== undefined; operation = open.pop()) {
      // Whatever stands before a confirmed operation is confirmed at least as early.
      if ((places[operation] as number) <= place) continue
      places[operation] = place
      openBefore(operation)
    }
  }
  return places
}
