/**
 * How much of what a fetch asks for is here, and how much those who are connected have of it: 32 blocks at a time, for there may be
 * a million of them and forty devices.
 */
import { PAGE_BYTES } from '../wire/paged-bits.ts'

const PAGE_WORDS = PAGE_BYTES / 4

/** Block numbers as bits, the most significant first. */
export interface Bits {
  /** Those of blocks `8 * from` to `8 * to`, exclusive. */
  bytes: (from: number, to: number) => Uint8Array
}

/** What one device says that it has. */
export interface Claim {
  readonly hasAll: boolean
  /** As `PagedBits.page`. */
  page: (index: number) => Uint8Array | undefined
}

export interface CoverageInit {
  /** How many blocks were asked for, and which. */
  readonly wanted: Bits & { readonly size: number; readonly count: number }
  readonly here: Bits
  readonly claims: readonly Claim[]
}

export interface Coverage {
  /** Blocks that were asked for and are here. */
  readonly here: number
  /** Those that are not, and somebody has. */
  readonly available: number
  /** Of these, those that only one has. */
  readonly single: number
  /** By the index of the claim: how many it has of what was asked for, and how many of the missing ones nobody else has. */
  readonly has: readonly number[]
  readonly alone: readonly number[]
}

export function coverageOf({ wanted, here, claims }: CoverageInit): Coverage {
  const whole = claims.filter(({ hasAll }) => hasAll).length
  const has = claims.map(({ hasAll }) => (hasAll ? wanted.size : 0))
  const alone = claims.map(() => 0)
  let isHere = 0
  let available = 0
  let single = 0
  const pages = Math.ceil(wanted.count / 8 / PAGE_BYTES)
  for (let index = 0; index < pages; index++) {
    const asked = wordsOf(wanted, index)
    const missing = wordsOf(here, index)
    for (let at = 0; at < PAGE_WORDS; at++) {
      isHere += ones((asked[at] as number) & (missing[at] as number))
      missing[at] = (asked[at] as number) & ~(missing[at] as number)
    }
    const named = claims.map((claim) => (claim.hasAll ? undefined : pageOf(claim, index)))
    for (const [i, words] of named.entries()) {
      if (words !== undefined) has[i] = (has[i] as number) + commonOnes(words, asked)
    }
    const { once, twice } = spread(named, missing)
    // Blocks that only one device has, and in their place none where two have everything.
    const lone = new Uint32Array(PAGE_WORDS)
    for (let at = 0; at < PAGE_WORDS; at++) {
      const had = (whole > 0 ? missing[at] : once[at]) as number
      const others = (whole > 0 ? once[at] : twice[at]) as number
      available += ones(had)
      if (whole < 2) lone[at] = had & ~others
      single += ones(lone[at] as number)
    }
    for (const [i, { hasAll }] of claims.entries()) {
      // Where one has everything, nobody else is alone with anything.
      const words = hasAll ? lone : whole > 0 ? undefined : named[i]
      if (words !== undefined) alone[i] = (alone[i] as number) + commonOnes(words, lone)
    }
  }
  return { here: isHere, available, single, has, alone }
}

/** What of the missing blocks is named by one device at least, and by more. */
function spread(
  named: readonly (Uint32Array | undefined)[],
  missing: Uint32Array,
): { readonly once: Uint32Array; readonly twice: Uint32Array } {
  const once = new Uint32Array(PAGE_WORDS)
  const twice = new Uint32Array(PAGE_WORDS)
  for (const words of named) {
    if (words === undefined) continue
    for (let at = 0; at < PAGE_WORDS; at++) {
      const bits = (words[at] as number) & (missing[at] as number)
      twice[at] = (twice[at] as number) | ((once[at] as number) & bits)
      once[at] = (once[at] as number) | bits
    }
  }
  return { once, twice }
}

function pageOf(claim: Claim, index: number): Uint32Array | undefined {
  const page = claim.page(index)
  return page && new Uint32Array(page.buffer, page.byteOffset, PAGE_WORDS)
}

function wordsOf(bits: Bits, index: number): Uint32Array {
  const words = new Uint32Array(PAGE_WORDS)
  new Uint8Array(words.buffer).set(bits.bytes(index * PAGE_BYTES, (index + 1) * PAGE_BYTES))
  return words
}

function commonOnes(some: Uint32Array, others: Uint32Array): number {
  let count = 0
  for (let at = 0; at < PAGE_WORDS; at++) count += ones((some[at] as number) & (others[at] as number))
  return count
}

/** Bits that are set in 32. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555)
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
