/** How much of its limits a log has used, and whether one more operation fits. */
import { ShoalError } from '../../errors.ts'
import type { Hex } from './action.ts'
import { isMark, takesPower, type LogFacts } from './facts.ts'
import { SHARE_FOR_ALL, type LogLimits } from './limits.ts'
import type { Operation } from './operation.ts'

export class Room {
  readonly #facts: LogFacts
  readonly #limits: LogLimits
  readonly #byAuthor = new Map<Hex, number>()
  readonly #founders = new Set<Hex>()
  /** By key, the operations for which its power is judged. */
  readonly #acts = new Map<Hex, number>()
  #pairs = 0
  #noticeBytes = 0

  constructor(facts: LogFacts, limits: LogLimits) {
    this.#facts = facts
    this.#limits = limits
  }

  /** @throws ShoalError ERR_LIMIT when the log has no room for `operation` */
  check(operation: Operation): void {
    const { graph } = this.#facts
    const limits = this.#limits
    const isFounder = this.#founders.has(operation.author)
    const share = isFounder || graph.size === 0 ? 1 : SHARE_FOR_ALL
    const fits = (used: number, most: number, what: string): void => {
      if (used > most * share) throw new ShoalError('ERR_LIMIT', `this space has too many ${what}`)
    }
    fits(graph.size + 1, limits.operations, 'operations on its members')
    fits(graph.links + operation.prev.length, limits.links, 'operations on its members at the same time')
    const numbers = operation.prev.map((id) => graph.numberOf(id) as number)
    fits(
      numbers.reduce((depth, it) => Math.max(depth, graph.depth(it) + 1), 0),
      limits.depth,
      'operations in a row',
    )
    if (!isFounder)
      fits((this.#byAuthor.get(operation.author) ?? 0) + 1, limits.perAuthor, 'operations of one device')
    fits(this.#noticeBytes + noticeBytes(operation), limits.noticeBytes, 'keys')
    this.#checkTables(operation, fits)
  }

  #checkTables(operation: Operation, fits: (used: number, most: number, what: string) => void): void {
    const facts = this.#facts
    const { action } = operation
    const size = facts.graph.size + 1
    // Operations without a mark make every table longer, those with one make more of them.
    fits((facts.marks + Number(isMark(action))) * size, this.#limits.tableBits, 'changes of its members')
    fits((facts.cutting.length + Number(takesPower(action))) * size, this.#limits.cutBits, 'removals')
    if (action.type === 'invite') fits(facts.inviting.length + 1, this.#limits.invites, 'invites')
    const about = changed(operation)
    if (about !== undefined && !facts.keys.has(about))
      fits(facts.keys.size + 1, this.#limits.members, 'members')
    fits(this.#pairs + this.#morePairs(operation), this.#limits.pairs, 'changes of its members')
  }

  /** What the operation adds to `LogLimits.pairs`. */
  #morePairs(operation: Operation): number {
    const about = changed(operation)
    let more = about === undefined ? 0 : (this.#acts.get(about) ?? 0)
    for (const key of this.#actors(operation)) {
      const { grants, cuts } = this.#facts.ofKey(key)
      more += grants.length + cuts.length
    }
    return more
  }

  /** Whose power is judged for the operation. */
  #actors({ author, action }: Operation): Hex[] {
    const keys = [author]
    if (action.type === 'role') keys.push(action.member)
    const invite =
      'invite' in action && action.invite !== undefined
        ? this.#facts.graph.numberOf(action.invite)
        : undefined
    if (invite !== undefined) keys.push(this.#facts.graph.author(invite))
    return keys
  }

  /** Notes an operation that is about to be taken. */
  take(operation: Operation): void {
    const { author, action } = operation
    this.#byAuthor.set(author, (this.#byAuthor.get(author) ?? 0) + 1)
    this.#pairs += this.#morePairs(operation)
    this.#noticeBytes += noticeBytes(operation)
    for (const key of this.#actors(operation)) this.#acts.set(key, (this.#acts.get(key) ?? 0) + 1)
    if (action.type === 'genesis') for (const { key } of action.founders) this.#founders.add(key)
  }
}

function noticeBytes({ action }: Operation): number {
  return 'body' in action ? action.body.byteLength : 0
}

/** The key whose power the operation changes. */
function changed({ author, action }: Operation): Hex | undefined {
  if ('member' in action) return action.member
  return action.type === 'redeem' || action.type === 'leave' ? author : undefined
}
