/** Order of names as dag-pb and `comparePaths` want it, without encoding them first. */

/**
 * Compares two names as their UTF-8 bytes compare. Only code units from U+D800 on order differently in UTF-16:
 * surrogates, which stand for U+10000 and above, must sort after U+E000-FFFF.
 */
export function compareNames(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return codePointRank(left) - codePointRank(right)
  }
  return a.length - b.length
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
