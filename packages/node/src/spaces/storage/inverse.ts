/**
 * What undoes a batch: for each entry it touched, the state as it is and as it would be without the batch are
 * compared, and the difference becomes operations of a new batch. So what others did since stays.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeBatch, type Batch } from '../catalogue/batch.ts'
import { EntryState, operationOrder, PLACES, type ResolvedOperation } from '../catalogue/entry-state.ts'
import { MAX_REPLACED } from '../catalogue/limits.ts'
import type { EntryContent, Operation, OperationRef } from '../catalogue/operations.ts'
import { VERDICT } from './batch-log.ts'
import { DecodedBatches } from './decoded-batches.ts'
import { SPACE_ENTRY } from './fold.ts'

const ID_BYTES = 32

/** Operations that undo the batch of this id, by what `database` has; none when it is not held or does not count. */
export function inverseOf(database: DatabaseSync, id: Uint8Array): Operation[] {
  const past = new Past(database)
  const n = past.numberOf(id)
  const batch = n === undefined ? undefined : past.counting(n)
  if (n === undefined || batch === undefined) return []
  const entries = new Set<number>()
  for (const [place, operation] of batch.operations.entries()) {
    if (operation.kind === 'unknown') continue
    if (operation.kind === 'put') entries.add(n * PLACES + place)
    else if (operation.entry === undefined) entries.add(SPACE_ENTRY)
    else entries.add(past.resolve(n, operation.entry))
  }
  return [...entries].flatMap((entry) => {
    const now = past.state(entry)
    const without = past.state(entry, n)
    const ref = entry === SPACE_ENTRY ? undefined : past.refOf(entry)
    return difference(ref, now, without, (operation) => past.refOf(operation))
  })
}

function difference(
  entry: Uint8Array | undefined,
  now: EntryState,
  without: EntryState,
  refOf: (operation: number) => Uint8Array,
): Operation[] {
  const undoing: Operation[] = []
  if (now.title.text !== without.title.text) undoing.push({ kind: 'title', entry, text: without.title.text })
  if (entry === undefined) return undoing
  const refs = (operations: Iterable<number>): Uint8Array[] =>
    [...operations]
      .slice(0, MAX_REPLACED)
      .map((operation) => refOf(operation))
      .toSorted((a, b) => Buffer.compare(a, b))
  const isUnmade = without.path.at.length === 0
  const path = isUnmade ? now.path.text : without.path.text
  if (path !== now.path.text) undoing.push({ kind: 'move', entry, path })
  let given = refs([...now.contents.keys()].filter((v) => !without.contents.has(v)))
  for (const [v, { content }] of without.contents) {
    if (now.contents.has(v) || hasSame(now, content)) continue
    undoing.push({ kind: 'restore', entry, replaced: given, path, content })
    given = []
  }
  if (given.length > 0) undoing.push({ kind: 'delete', entry, replaced: given })
  if (isUnmade) return undoing
  if (now.note.text !== without.note.text) undoing.push({ kind: 'note', entry, text: without.note.text })
  const [tagsNow, tagsWithout] = [new Set(now.tags.values()), new Set(without.tags.values())]
  const tagged = refs([...now.tags].filter(([, tag]) => !tagsWithout.has(tag)).map(([op]) => op))
  if (tagged.length > 0) undoing.push({ kind: 'untag', entry, replaced: tagged })
  for (const tag of tagsWithout)
    if (!tagsNow.has(tag)) undoing.push({ kind: 'tag', entry, tag, replaced: [] })
  return undoing
}

/** Somebody brought it back already: twice it would be in conflict with itself. */
function hasSame({ contents }: EntryState, { root, inner }: EntryContent): boolean {
  for (const { content } of contents.values())
    if (content.inner === inner && Buffer.compare(content.root, root) === 0) return true
  return false
}

/** Reads what was done. */
class Past {
  readonly #number: StatementSync
  readonly #id: StatementSync
  readonly #frame: StatementSync
  readonly #ops: StatementSync
  readonly #decoded: DecodedBatches<Batch | undefined>

  constructor(database: DatabaseSync) {
    this.#number = database.prepare('SELECT n FROM batch WHERE id = ?')
    this.#id = database.prepare('SELECT id FROM batch WHERE n = ?')
    this.#frame = database.prepare(
      `SELECT frame FROM batch JOIN log USING (n) WHERE n = ? AND verdict = ${VERDICT.ok}`,
    )
    this.#ops = database.prepare('SELECT op FROM op WHERE entry = ?')
    this.#decoded = new DecodedBatches((n) => {
      const frame = this.#frame.get(n)?.['frame'] as Uint8Array | undefined
      return frame && decodeBatch(frame)
    })
  }

  numberOf(id: Uint8Array): number | undefined {
    return this.#number.get(id)?.['n'] as number | undefined
  }

  /** The batch of this number if it counts. */
  counting(n: number): Batch | undefined {
    return this.#decoded.get(n)
  }

  /** An entry of all that counts, or of all but one batch. */
  state(entry: number, except?: number): EntryState {
    const state = new EntryState()
    for (const row of this.#ops.all(entry)) {
      const number = row['op'] as number
      const n = Math.floor(number / PLACES)
      const batch = n === except ? undefined : this.counting(n)
      if (batch === undefined) continue
      const place = number % PLACES
      const resolved = this.#resolved(n, batch.operations[place] as Operation)
      if (resolved !== undefined)
        state.apply(number, operationOrder(batch.lamport, batch.id, place), resolved)
    }
    return state
  }

  resolve(n: number, ref: OperationRef): number {
    if (typeof ref === 'number') return n * PLACES + ref
    // Whatever a held batch names has a number.
    return (this.numberOf(ref.subarray(0, ID_BYTES)) as number) * PLACES + (ref[ID_BYTES] as number)
  }

  /** The 33 bytes that name an operation. */
  refOf(number: number): Uint8Array {
    const id = this.#id.get(Math.floor(number / PLACES))?.['id'] as Uint8Array
    const ref = new Uint8Array(ID_BYTES + 1)
    ref.set(id)
    ref[ID_BYTES] = number % PLACES
    return ref
  }

  #resolved(n: number, operation: Operation): ResolvedOperation | undefined {
    if (operation.kind === 'unknown') return undefined
    if (!('replaced' in operation)) return operation
    return { ...operation, replaced: operation.replaced.map((ref) => this.resolve(n, ref)) }
  }
}
