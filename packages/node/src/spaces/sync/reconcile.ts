/**
 * Range-based set reconciliation (A. Meyer, "Range-Based Set Reconciliation", 2023): two sides find what each lacks, in messages
 * that grow with the difference and the logarithm of what both have. Pure: no side keeps anything between two messages but what
 * it has found.
 *
 * A fingerprint is a sha-256 of the keys of its range and not a sum of hashes: members choose what they write, and sums can be
 * made to collide (D. Wagner, "A Generalized Birthday Problem", 2002).
 */
import { KEY_BYTES, type IdSet } from './id-set.ts'
import { BRANCHES, LIST_KEYS, MAX_FOUND, MAX_RANGES_BYTES } from './limits.ts'
import { boundBetween, FIRST_KEY, RangeWriter, readRanges, type Bound } from './ranges.ts'

/** What one message brought to light. */
export interface Found {
  /** Keys of the other side that are not here. */
  readonly lacking: Uint8Array[]
  /** Keys that are here and not on the other side. */
  readonly surplus: Uint8Array[]
}

/** What the side that begins says: one fingerprint of everything. */
export function firstRanges(set: IdSet): Uint8Array {
  const writer = new RangeWriter()
  writer.write({ end: undefined, kind: 'fingerprint', fingerprint: set.fingerprint() })
  return writer.bytes()
}

/**
 * Answers a message about ranges. Empty: nothing is left to be said.
 *
 * @throws ShoalError ERR_PROTOCOL for what is no such message
 */
export function answerRanges(set: IdSet, untrusted: Uint8Array): Found & { readonly answer: Uint8Array } {
  const writer = new RangeWriter()
  const found = { lacking: [] as Uint8Array[], surplus: [] as Uint8Array[] }
  let start: Uint8Array = FIRST_KEY
  let from = 0
  for (const range of readRanges(untrusted)) {
    const to = range.end === undefined ? set.size : set.indexOf(range.end)
    const isFull = writer.byteLength >= MAX_RANGES_BYTES
    const isMuch = found.lacking.length + found.surplus.length >= MAX_FOUND
    if (isFull || isMuch) {
      // What does not fit is said as one, and cut again by who gets it.
      if (isFull)
        writer.write({
          end: undefined,
          kind: 'fingerprint',
          fingerprint: set.fingerprint(set.indexOf(start), set.size),
        })
      break
    }
    if (range.kind === 'list') compare(set, from, to, range.keys, found)
    const isSame =
      range.kind !== 'fingerprint' || Buffer.compare(range.fingerprint, set.fingerprint(from, to)) === 0
    if (isSame) writer.write({ end: range.end, kind: 'skip' })
    else cut(set, from, to, range.end, writer)
    from = to
    if (range.end === undefined) break
    start = range.end
  }
  return { ...found, answer: writer.bytes() }
}

/** A range that differs: listed where it is small, else cut into parts. */
function cut(set: IdSet, from: number, to: number, end: Bound, writer: RangeWriter): void {
  const parts = to - from <= LIST_KEYS ? 1 : BRANCHES
  for (let part = 0; part < parts; part++) {
    const first = from + Math.floor(((to - from) * part) / parts)
    const next = from + Math.floor(((to - from) * (part + 1)) / parts)
    const partEnd = part === parts - 1 ? end : boundBetween(set.at(next - 1), set.at(next))
    if (parts === 1) {
      const keys = Array.from({ length: next - first }, (_, i) => set.at(first + i))
      writer.write({ end: partEnd, kind: 'list', keys })
    } else {
      writer.write({ end: partEnd, kind: 'fingerprint', fingerprint: set.fingerprint(first, next) })
    }
  }
}

/** Both are sorted. */
function compare(set: IdSet, from: number, to: number, theirs: readonly Uint8Array[], found: Found): void {
  let at = from
  for (const key of theirs) {
    while (at < to && Buffer.compare(set.at(at), key) < 0) found.surplus.push(set.at(at++))
    if (at < to && Buffer.compare(set.at(at), key) === 0) at++
    else found.lacking.push(key)
  }
  while (at < to && found.surplus.length < MAX_FOUND) found.surplus.push(set.at(at++))
}

/** Several lists of keys as one, in ascending order and none twice. */
export function sortedKeys(keys: readonly Uint8Array[]): Uint8Array {
  const sorted = keys.toSorted((a, b) => Buffer.compare(a, b))
  const once = sorted.filter((key, i) => i === 0 || Buffer.compare(sorted[i - 1] as Uint8Array, key) !== 0)
  return new Uint8Array(Buffer.concat(once, once.length * KEY_BYTES))
}
