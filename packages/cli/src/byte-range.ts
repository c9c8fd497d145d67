/** Ranges of bytes as people write them: `0-99` for the first hundred. */

export interface ByteRange {
  /** The first byte, from 0, and the last. */
  readonly from: number
  readonly to: number
}

/** Undefined for what is no range. One that ends before it begins is left to who knows the size. */
export function parseByteRange(text: string): ByteRange | undefined {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? []
  const from = Number(first)
  const to = Number(last)
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? { from, to } : undefined
}
