/** The `Range` header of RFC 9110, 14: one range of bytes. Several are answered with the whole, as is what is no range. */

/** Which bytes were asked for, before it is known how many there are. */
export type AskedRange =
  | { readonly first: number; readonly last?: number }
  /** So many from the end. */
  | { readonly suffix: number }

/** Which bytes those are: the last is one of them. */
export interface KnownRange {
  readonly first: number
  readonly last: number
}

const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/** Undefined: the header is to be ignored. */
export function parseRange(header: string): AskedRange | undefined {
  const [, first = '', last = ''] = ONE_RANGE.exec(header) ?? []
  if (first === '') return last === '' ? undefined : { suffix: toNumber(last) }
  if (last === '') return { first: toNumber(first) }
  // As many digits as anybody likes, and compared as what they are.
  return BigInt(last) < BigInt(first) ? undefined : { first: toNumber(first), last: toNumber(last) }
}

/** Of `size` bytes: `whole` where there is nothing to leave out, `none` where nothing of it is there. */
export function rangeOf(asked: AskedRange, size: number): KnownRange | 'whole' | 'none' {
  if ('suffix' in asked) {
    if (asked.suffix === 0) return 'none'
    // Bytes that are none cannot be named as a range.
    return size === 0 ? 'whole' : { first: Math.max(0, size - asked.suffix), last: size - 1 }
  }
  const { first, last = size } = asked
  return first >= size ? 'none' : { first, last: Math.min(last, size - 1) }
}

function toNumber(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}
