/** Orders text as its UTF-8 bytes compare, without encoding it. */

const FIRST_SURROGATE = 0xd800
const AFTER_SURROGATES = 0xe000

/** @param rank where a UTF-16 unit stands among all others */
export function compareUtf8(a: string, b: string, rank: (unit: number) => number = utf8Rank): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for U+10000 and above, which comes after everything that one unit can be. */
export function utf8Rank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit < AFTER_SURROGATES ? unit + 0x10_000 : unit
}
