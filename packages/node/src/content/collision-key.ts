/**
 * When two names are one to a file system that folds.
 *
 * The key must merge whatever any of them merges: letter case (NTFS, exFAT, FAT, APFS, HFS+, casefolded ext4 and
 * f2fs), composed and decomposed forms (APFS, HFS+), full case folding such as sharp s and ligatures (APFS,
 * ext4), characters that are ignored (HFS+, ext4), dots and spaces at the end (Windows, exFAT and FAT anywhere).
 * Merging a little too much only refuses content that nobody makes. It does not go as far as NFKC, which none of
 * these applies: `x²` beside `x2` is legitimate. What this file missed would still not overwrite anything,
 * because files are created exclusively.
 */
import { hash } from 'node:crypto'

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu
// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\u0000-\u007f]*$/
const TAIL = /[. ]+$/

/** Names with equal keys may be one name on a file system that folds. */
export function collisionKey(name: string): string {
  if (ASCII.test(name)) return withoutTail(name.toUpperCase())
  // Lower before upper: `ẞ` has no capital of its own and only becomes `SS` by way of `ß`. Capitals then bring
  // together what shares one (final sigma, long s, micro sign) and spell out ligatures. Decomposed before, so that
  // marks are in canonical order, and after, because capitals may be composed.
  const folded = name.replace(IGNORABLE, '').normalize('NFD').toLowerCase().toUpperCase()
  return withoutTail(folded.normalize('NFD'))
}

function withoutTail(name: string): string {
  return name.endsWith('.') || name.endsWith(' ') ? name.replace(TAIL, '') : name
}

/**
 * One byte each, 96 bits: no two of a million names share them by accident. And not 13: from there on V8 keeps a
 * slice as a reference to the whole text, here the path.
 */
const TOKEN_LENGTH = 12

/**
 * The keys of the names in one folder. Long keys are kept as 12 bytes of their digest, since a folder may
 * hold a million names of 255 bytes; whoever made two names with one digest would only see them refused.
 */
export class CollisionSet {
  readonly #tokens = new Set<string>()

  /** False when a name with this key is in the set already. */
  add(key: string): boolean {
    const before = this.#tokens.size
    this.#tokens.add(key.length < TOKEN_LENGTH ? key : hash('sha256', key, 'binary').slice(0, TOKEN_LENGTH))
    return this.#tokens.size > before
  }

  clear(): void {
    this.#tokens.clear()
  }
}
