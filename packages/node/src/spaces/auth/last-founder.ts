/**
 * A space is never without a founder. Founders who remove each other at the same time, or all leave, could bring that
 * about: then what took it from the most senior of those who were the last is struck out.
 */
import type { Hex } from './action.ts'
import { Authority, type Counting } from './authority.ts'
import type { LogFacts } from './facts.ts'
import { FOUNDER } from './roles.ts'

/** @param isLast all that takes a founder's power, since striking some did not come to an end */
export function lastFounderCuts(facts: LogFacts, counting: Counting, isLast: boolean): number[] {
  const founders = seniority(facts)
  const authority = new Authority(facts, counting)
  if (founders.some((key) => authority.holdsNow(key, FOUNDER))) return []
  const cuts = founders.flatMap((key) => cutsOf(facts, counting, key).map((at) => ({ key, at })))
  if (isLast) return cuts.map((it) => it.at)
  // Who went while another founder was still there, and known to be, is not brought back.
  const last = cuts.filter(
    ({ at }) => !cuts.some((other) => other.at !== at && facts.isKnownTo(other.at, at)),
  )
  const isLeave = (at: number): boolean => facts.graph.action(at).type === 'leave'
  const keeps = (last.find(({ at }) => !isLeave(at)) ?? last[0])?.key
  return last.filter((it) => it.key === keeps).map((it) => it.at)
}

/** Keys that were ever made founders: those of the genesis as listed there, then by depth and id. */
function seniority(facts: LogFacts): Hex[] {
  const found: { key: Hex; at: number }[] = []
  for (const [key, { grants }] of facts.keys) {
    const at = grants.filter((it) => it.level === FOUNDER).map((it) => it.at)
    if (at.length > 0) found.push({ key, at: at.toSorted((a, b) => facts.graph.compare(a, b))[0] as number })
  }
  // The keys of the genesis come first in the map, in the order in which they are listed.
  return found.toSorted((a, b) => (a.at === b.at ? 0 : facts.graph.compare(a.at, b.at))).map((it) => it.key)
}

function cutsOf(facts: LogFacts, counting: Counting, key: Hex): number[] {
  return facts
    .ofKey(key)
    .cuts.filter(({ at }) => counting.applied[at] === 1)
    .filter(({ at }) => facts.need(at) === FOUNDER || facts.graph.action(at).type === 'leave')
    .map(({ at }) => at)
}
