/**
 * Judges the entries of one share, one after the other, before anything is created: each name by itself
 * (`name-verdict.ts`), and each entry against the others: order, duplicates, a file used as a folder, names that
 * are one name to the file system (`collision-key.ts`).
 *
 * Entries arrive in the order of both formats (`comparePaths`), and that order is enforced. So all of a folder's
 * entries stand together, memory is what the names of the folders on the current path need, and only names that
 * differ from the entry before are judged.
 */
import { ShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { CollisionSet, collisionKey } from './collision-key.ts'
import type { EntryKind } from './entry.ts'
import { judgeName, judgeWhole, type NameVerdict, type UnsafeCode } from './name-verdict.ts'

export { judgeName, judgePath, type NameVerdict } from './name-verdict.ts'

export interface PathRules {
  /** Where files will be created. On `win32` unportable names are refused, on `posix` they carry a warning. */
  readonly platform: 'posix' | 'win32'
  /** `fold` when the destination's file system takes names for one that differ in case or composition. */
  readonly folding: 'none' | 'fold'
}

export interface Acceptance {
  /** Why some devices will not be able to receive this entry. */
  readonly warning?: string
}

const SLASH = 0x2f
const MAX_SHOWN = 120
const ACCEPTED: Acceptance = {}

export class PathJudge {
  readonly #rules: PathRules
  /** One set for each folder on the current path, the share's own folder first. */
  readonly #siblings: CollisionSet[] = []
  #previous = ''
  #previousKind: EntryKind = 'folder'

  constructor(rules: PathRules) {
    this.#rules = rules
  }

  /**
   * Judges the next entry; a path's folders need not be entries themselves. Throws ERR_UNSAFE_NAME, ERR_LIMIT, or
   * ERR_CONTENT_INVALID for an entry out of order. After that the share is refused and the judge of no more use.
   */
  accept(path: string, kind: EntryKind): Acceptance {
    const whole = judgeWhole(path)
    if (whole.verdict === 'unsafe') throw refused(path, whole.reason, whole.code)
    let warning = this.#heed(path, whole)
    const { start, depth } = this.#firstNewName(path)
    for (let level = depth, at = start; at <= path.length; level++) {
      const slash = path.indexOf('/', at)
      const end = slash === -1 ? path.length : slash
      const name = path.slice(at, end)
      warning = this.#heed(path, judgeName(name)) ?? warning
      if (this.#rules.folding === 'fold') this.#refuseCollision(path, name, level)
      at = end + 1
    }
    this.#previous = path
    this.#previousKind = kind
    return warning === undefined ? ACCEPTED : { warning }
  }

  #heed(path: string, verdict: NameVerdict): string | undefined {
    if (verdict.verdict === 'safe') return undefined
    if (verdict.verdict === 'unsafe') throw refused(path, verdict.reason, verdict.code)
    if (this.#rules.platform === 'win32') throw refused(path, verdict.reason, 'ERR_UNSAFE_NAME')
    return verdict.reason
  }

  #refuseCollision(path: string, name: string, level: number): void {
    const siblings = (this.#siblings[level] ??= new CollisionSet())
    // A name that is new here begins a folder of its own, if it is one.
    this.#siblings[level + 1]?.clear()
    const key = collisionKey(name)
    if (key === '') throw refused(path, 'this file system takes it for another name')
    if (!siblings.add(key)) throw refused(path, 'this file system takes it for the name of another entry')
  }

  /**
   * Where the first name begins that the entry before did not have, and how many folders it lies deep. The order of
   * names is that of their UTF-8 bytes, which is the order of code points.
   */
  #firstNewName(path: string): { start: number; depth: number } {
    const previous = this.#previous
    if (previous === '') return { start: 0, depth: 0 }
    const shared = Math.min(previous.length, path.length)
    let at = 0
    let start = 0
    let depth = 0
    while (at < shared) {
      const unit = path.charCodeAt(at)
      if (unit !== previous.charCodeAt(at)) break
      at++
      if (unit === SLASH) {
        start = at
        depth++
      }
    }
    if (at === previous.length) {
      if (at === path.length) throw refused(path, 'there are two entries of that name')
      if (path.charCodeAt(at) === SLASH) {
        if (this.#previousKind === 'file') throw refused(path, 'a file is used as a folder')
        return { start: at + 1, depth: depth + 1 }
      }
    }
    if (at === path.length || rank(previous, at) > rank(path, at)) {
      throw new ShoalError(
        'ERR_CONTENT_INVALID',
        `the entries of this share are out of order at ${shown(path)}`,
      )
    }
    return { start, depth }
  }
}

/** Place of a UTF-16 unit in the order of code points; the end of a name stands before everything. */
function rank(path: string, at: number): number {
  if (at >= path.length) return -1
  const unit = path.charCodeAt(at)
  if (unit === SLASH) return -1
  // Surrogates stand for code points above all others, but below U+E000-U+FFFF as units.
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}

function refused(path: string, reason: string, code: UnsafeCode = 'ERR_UNSAFE_NAME'): ShoalError {
  return new ShoalError(code, `the name ${shown(path)} is refused: ${reason}`)
}

/** Shortened before it is escaped: a hostile path may be as long as a block. */
function shown(path: string): string {
  return escapeForDisplay(path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}...` : path)
}
