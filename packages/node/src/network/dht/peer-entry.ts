/** What libp2p's peer store keeps of one peer, cut down to a number of addresses. The message is `Peer` of that package. */
import { fieldsOf, readVarint, type Field } from './protobuf.ts'

const ADDRESSES = 1
const MULTIADDR = 1
const IS_CERTIFIED = 2
const OBSERVED = 3

interface Address {
  readonly field: Field
  readonly name: string
  readonly isCertified: boolean
  readonly observedMs: number
}

/**
 * The entry with its best addresses only: those that the peer itself signed, then those heard of last, each once. Strangers
 * can add addresses to any peer, but not certified ones.
 */
export function trimAddresses(entry: Uint8Array, maxAddresses: number): Uint8Array {
  const fields = [...fieldsOf(entry)]
  const addresses = fields
    .filter((field) => field.number === ADDRESSES)
    .map((field) => addressIn(entry, field))
  if (addresses.length <= maxAddresses) return entry.slice()
  const best = addresses.toSorted(
    (a, b) => Number(b.isCertified) - Number(a.isCertified) || b.observedMs - a.observedMs,
  )
  const names = new Set<string>()
  const kept = new Set<Field>()
  for (const { field, name } of best) {
    if (kept.size === maxAddresses) break
    if (names.has(name)) continue
    names.add(name)
    kept.add(field)
  }
  const parts = fields
    .filter((field) => field.number !== ADDRESSES || kept.has(field))
    .map((field) => entry.subarray(field.start, field.end))
  return new Uint8Array(Buffer.concat(parts))
}

function addressIn(entry: Uint8Array, field: Field): Address {
  let name = ''
  let isCertified = false
  let observedMs = 0
  for (const { number, valueStart, end } of fieldsOf(entry, field.valueStart, field.end)) {
    if (number === MULTIADDR) name = Buffer.from(entry.subarray(valueStart, end)).toString('latin1')
    if (number === IS_CERTIFIED) isCertified = readVarint(entry, valueStart, end).value !== 0
    if (number === OBSERVED) observedMs = readVarint(entry, valueStart, end).value
  }
  return { field, name, isCertified, observedMs }
}
