/**
 * The state of one entry, and what an operation does to it.
 *
 * It is a function of the set of operations alone: paths, notes and titles are registers that the greatest operation
 * by (lamport, id, place) has; contents and tags are there while no operation that counts names them as replaced. So
 * operations may be applied in any order. Whether each is applied once is the log's concern.
 */
import type { EntryContent } from './operations.ts'

const LAMPORT_BYTES = 6
const ID_BYTES = 32
const NOTHING = new Uint8Array(0)
/** Before the order of what sets a path: what only says where it was seen stands below what puts it there. */
const SEEN_AT = 0
const PUT_AT = 1

/** A number that stands for an operation here: the number of its batch in this database * 256 + its place. */
export type OperationNumber = number

/** Places of one batch: what a number of a batch is multiplied by. */
export const PLACES = 256

export interface LiveContent {
  readonly content: EntryContent
  /** As `operationOrder`. */
  readonly at: Uint8Array
}

/** An operation whose references are numbers. */
export type ResolvedOperation =
  | { readonly kind: 'put'; readonly path: string; readonly content: EntryContent }
  | {
      readonly kind: 'edit' | 'restore'
      readonly replaced: readonly OperationNumber[]
      readonly path: string
      readonly content: EntryContent
    }
  | { readonly kind: 'delete' | 'untag'; readonly replaced: readonly OperationNumber[] }
  | { readonly kind: 'move'; readonly path: string }
  | { readonly kind: 'tag'; readonly replaced: readonly OperationNumber[]; readonly tag: string }
  | { readonly kind: 'note' | 'title'; readonly text: string }

/** What was replaced before it came. Ordinary histories never need it: there it came before. */
export interface ReplacedBefore {
  has: (operation: OperationNumber) => boolean
  add: (operation: OperationNumber) => unknown
}

/** Bytes that compare as (lamport, id, place): what stands later wins a register. */
export function operationOrder(lamport: number, id: Uint8Array, place: number): Uint8Array {
  const order = Buffer.allocUnsafe(LAMPORT_BYTES + ID_BYTES + 1)
  order.writeUIntBE(lamport, 0, LAMPORT_BYTES)
  order.set(id, LAMPORT_BYTES)
  order[LAMPORT_BYTES + ID_BYTES] = place
  return order
}

/** The 33 bytes that name the operation of this order. */
export function operationOf(order: Uint8Array): Uint8Array {
  return order.subarray(LAMPORT_BYTES)
}

export interface Register {
  text: string
  /** Empty as long as nothing was set. */
  at: Uint8Array
}

function emptyRegister(): Register {
  return { text: '', at: NOTHING }
}

function setRegister(register: Register, text: string, at: Uint8Array): boolean {
  if (Buffer.compare(at, register.at) <= 0) return false
  register.text = text
  register.at = at
  return true
}

export class EntryState {
  readonly path: Register = emptyRegister()
  readonly note: Register = emptyRegister()
  readonly title: Register = emptyRegister()
  readonly contents = new Map<OperationNumber, LiveContent>()
  readonly tags = new Map<OperationNumber, string>()
  readonly #replaced: ReplacedBefore
  /** Has a register, and so the row of the entry, changed? */
  hasNewRegister = false
  /** Has something that is searched changed beside the path? */
  hasNewText = false

  constructor(replaced: ReplacedBefore = new Set()) {
    this.#replaced = replaced
  }

  apply(number: OperationNumber, at: Uint8Array, operation: ResolvedOperation): void {
    switch (operation.kind) {
      case 'put':
        this.#setPath(operation.path, PUT_AT, at)
        this.#addContent(number, at, operation.content)
        return
      case 'edit':
      case 'restore':
        this.#setPath(operation.path, SEEN_AT, at)
        this.#replace(operation.replaced)
        this.#addContent(number, at, operation.content)
        return
      case 'delete':
      case 'untag':
        this.#replace(operation.replaced)
        return
      case 'move':
        this.#setPath(operation.path, PUT_AT, at)
        return
      case 'tag':
        this.#replace(operation.replaced)
        if (this.#replaced.has(number)) return
        this.tags.set(number, operation.tag)
        this.hasNewText = true
        return
      case 'note':
      case 'title':
        if (!setRegister(this[operation.kind], operation.text, at)) return
        this.hasNewRegister = true
        this.hasNewText = true
        return
    }
  }

  /** Has nothing ever been said of it? */
  get isEmpty(): boolean {
    const registers = this.path.at.length + this.note.at.length + this.title.at.length
    return registers === 0 && this.contents.size === 0 && this.tags.size === 0
  }

  #setPath(path: string, rank: number, at: Uint8Array): void {
    const order = Buffer.allocUnsafe(1 + at.length)
    order[0] = rank
    order.set(at, 1)
    if (setRegister(this.path, path, order)) this.hasNewRegister = true
  }

  #addContent(number: OperationNumber, at: Uint8Array, content: EntryContent): void {
    if (!this.#replaced.has(number)) this.contents.set(number, { content, at })
  }

  #replace(operations: readonly OperationNumber[]): void {
    for (const operation of operations) {
      if (this.contents.delete(operation)) continue
      if (this.tags.delete(operation)) this.hasNewText = true
      else this.#replaced.add(operation)
    }
  }
}
