/**
 * Which operations of a log count: a pure function of the set, whatever the order in which it came.
 *
 * Taking power works against operations that it does not stand after, so what counts depends on each other in both
 * directions. It is worked out from both sides: first everything that might count, then what counts even if all of
 * that takes power, and so on by turns, which is the alternating fixpoint of the well-founded semantics (Van Gelder,
 * Ross, Schlipf 1991). What remains in dispute takes power from each other in circles, as when two managers remove
 * each other; of the circles that depend on no other, all removals apply; and again, until nothing is in dispute.
 */
import { Authority, type Counting } from './authority.ts'
import { disputedCircles } from './disputes.ts'
import type { LogFacts, VoidReason } from './facts.ts'
import { lastFounderCuts } from './last-founder.ts'
import { LEAST_ROUNDS, MAX_DISPUTED, MAX_ROUNDS, MOST_WORK } from './limits.ts'
import { surplusUses } from './surplus-uses.ts'

export interface Resolution extends Counting {
  /** Operations struck out because of the whole. */
  readonly struck: ReadonlyMap<number, VoidReason>
}

export function resolve(facts: LogFacts): Resolution {
  const struck = new Map<number, VoidReason>()
  const budget = { rounds: roundsFor(facts) }
  for (;;) {
    const counting = settle(facts, struck, budget)
    const isLast = budget.rounds <= 0
    const surplus = surplusUses(facts, counting, isLast, () => complete(facts, counting))
    for (const use of surplus) struck.set(use, 'invite-used-up')
    if (surplus.length > 0) continue
    const cuts = lastFounderCuts(facts, counting, isLast)
    for (const cut of cuts) struck.set(cut, 'last-founder')
    if (cuts.length === 0) return { ...complete(facts, counting), struck }
  }
}

/** How often all can be judged again in bounded time: as often as anybody needs, in a log that is not made to be dear. */
function roundsFor(facts: LogFacts): number {
  let cost = facts.deciding.length
  for (const operation of facts.deciding) {
    const { grants, cuts } = facts.ofKey(facts.graph.author(operation))
    cost += grants.length * ((cuts.length >> 5) + 1)
  }
  return Math.max(LEAST_ROUNDS, Math.min(MAX_ROUNDS, Math.floor(MOST_WORK / cost)))
}

/** Judges those on which nothing depends too, by what is known of the others. */
function complete(facts: LogFacts, { valid, applied }: Counting): Counting {
  const counting = { valid: valid.slice(), applied }
  const authority = new Authority(facts, counting)
  for (const operation of facts.others) if (authority.permits(operation)) counting.valid[operation] = 1
  return counting
}

/** Which of the operations that decide anything count when the operations of `struck` do not. */
function settle(
  facts: LogFacts,
  struck: ReadonlyMap<number, VoidReason>,
  budget: { rounds: number },
): Counting {
  const size = facts.graph.size
  /** Cuts that apply although who made them is in dispute. */
  const forced = new Uint8Array(size)
  const pass = (assumed: Uint8Array): Uint8Array => {
    const applied = new Uint8Array(size)
    for (const cut of facts.cutting) applied[cut] = (assumed[cut] as number) | (forced[cut] as number)
    const valid = new Uint8Array(size)
    const authority = new Authority(facts, { valid, applied })
    for (const operation of facts.deciding) {
      if (forced[operation] === 0 && !struck.has(operation) && authority.permits(operation))
        valid[operation] = 1
    }
    return valid
  }
  let most = pass(new Uint8Array(size))
  for (;;) {
    budget.rounds--
    const least = pass(most)
    const disputed = (cut: number): boolean => most[cut] === 1 && least[cut] === 0 && forced[cut] === 0
    if (!facts.cutting.some(disputed)) return { valid: least, applied: union(facts, least, forced) }
    if (budget.rounds <= 0) {
      for (const cut of facts.cutting) if (disputed(cut)) forced[cut] = 1
      most = pass(most)
      continue
    }
    const next = pass(least)
    if (facts.cutting.some((cut) => next[cut] !== most[cut])) {
      most = next
      continue
    }
    for (const cut of circles(facts, most, least, forced)) forced[cut] = 1
    most = pass(least)
  }
}

function circles(facts: LogFacts, most: Uint8Array, least: Uint8Array, forced: Uint8Array): number[] {
  const disputed: number[] = []
  for (let operation = 0; operation < most.length; operation++) {
    if (most[operation] === 1 && least[operation] === 0 && forced[operation] === 0) disputed.push(operation)
  }
  const isCut = new Set(facts.cutting)
  if (disputed.length > MAX_DISPUTED) return disputed.filter((it) => isCut.has(it))
  return disputedCircles(facts, disputed).filter((it) => isCut.has(it))
}

function union(facts: LogFacts, valid: Uint8Array, forced: Uint8Array): Uint8Array {
  const applied = new Uint8Array(valid.length)
  for (const cut of facts.cutting) applied[cut] = (valid[cut] as number) | (forced[cut] as number)
  return applied
}
