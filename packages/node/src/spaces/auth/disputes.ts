/** Circles among operations that take power from each other. */
import type { Hex } from './action.ts'
import type { LogFacts } from './facts.ts'
import { MANAGE, PULL, type Level } from './roles.ts'

/** The disputed operations in circles that depend on no other disputed operation. */
export function disputedCircles(facts: LogFacts, disputed: readonly number[]): number[] {
  const edges = disputed.map((operation) => {
    const causes: number[] = []
    for (const [index, other] of disputed.entries()) {
      if (other !== operation && dependsOn(facts, operation, other)) causes.push(index)
    }
    return causes
  })
  const circles = components(edges)
  const isFree = circles.map((members) => {
    const own = new Set(members)
    return members.every((member) => (edges[member] as number[]).every((cause) => own.has(cause)))
  })
  return circles.flatMap((members, i) =>
    isFree[i] === true ? members.map((it) => disputed[it] as number) : [],
  )
}

/** May it matter to `operation` whether `other` counts? */
function dependsOn(facts: LogFacts, operation: number, other: number): boolean {
  const { graph } = facts
  const action = graph.action(operation)
  const invite = action.type === 'revoke' ? undefined : facts.inviteOf(operation)
  if (invite !== undefined) {
    if (other === invite) return true
    if (facts.revocationsOf(invite).includes(other)) return !facts.isKnownTo(other, operation)
    if (matters(facts, graph.author(invite), MANAGE, invite, operation, other)) return true
  }
  const author = graph.author(operation)
  // What a redeem asks is whether its own role was taken before it was there.
  const own = facts.ofKey(author).grants.find((it) => it.at === operation)?.level
  const need = action.type === 'redeem' ? (own ?? PULL) : facts.need(operation)
  if (matters(facts, author, need, operation, operation, other)) return true
  return action.type === 'role' && matters(facts, action.member, PULL, operation, operation, other)
}

/** May it matter to the role of `key`, from what stands before `within`, in `act` whether `other` counts? */
function matters(
  facts: LogFacts,
  key: Hex,
  need: Level,
  within: number,
  act: number,
  other: number,
): boolean {
  const { grants, cuts } = facts.ofKey(key)
  const given = grants.filter(({ at, level }) => level >= need && facts.isBefore(at, within))
  if (given.some(({ at }) => at === other)) return true
  const cut = cuts.find(({ at, keeps }) => at === other && need > keeps && !facts.isKnownTo(at, act))
  if (cut === undefined) return false
  return given.some(({ at, level }) => !facts.rows.standsAgainst(at, level, other))
}

/** Strongly connected components of a graph given by the list of successors of each node (Tarjan 1972). */
function components(edges: readonly (readonly number[])[]): number[][] {
  const order = new Int32Array(edges.length).fill(-1)
  const low = new Int32Array(edges.length)
  const isOpen = new Uint8Array(edges.length)
  const open: number[] = []
  const found: number[][] = []
  let next = 0
  const begin = (node: number): { node: number; edge: number } => {
    order[node] = low[node] = next++
    open.push(node)
    isOpen[node] = 1
    return { node, edge: 0 }
  }
  for (let root = 0; root < edges.length; root++) {
    if (order[root] !== -1) continue
    const path = [begin(root)]
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node } = top
      const successor = (edges[node] as number[])[top.edge++]
      if (successor !== undefined) {
        if (order[successor] === -1) path.push(begin(successor))
        else if (isOpen[successor] === 1)
          low[node] = Math.min(low[node] as number, order[successor] as number)
        continue
      }
      path.pop()
      const parent = path.at(-1)?.node
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number)
      if (low[node] === order[node]) found.push(close(open, isOpen, node))
    }
  }
  return found
}

function close(open: number[], isOpen: Uint8Array, root: number): number[] {
  const members = open.splice(open.lastIndexOf(root))
  for (const member of members) isOpen[member] = 0
  return members
}
