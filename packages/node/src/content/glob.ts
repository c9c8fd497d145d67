/**
 * Patterns that name entries of a share (docs/patterns.md). A malformed one is refused and never taken literally:
 * a pattern that quietly matches nothing would publish what it was to keep private. Own code, because what is
 * there takes exponential time or fails quietly (docs/adr/0009-globs.md).
 */
import { ShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { EntryKind } from './entry.ts'
import { compileName, type NameMatcher } from './glob-name.ts'
import { MAX_GLOBS, MAX_GLOB_LENGTH, MAX_GLOB_UNITS } from './limits.ts'

/** `**`: any number of folders, none among them. */
const ANY_FOLDERS = '**'

/** C0 and DEL: no name that can be shared has them. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

export class Glob {
  /** As it was given. */
  readonly pattern: string
  readonly #isFolderOnly: boolean
  readonly #parts: readonly (NameMatcher | typeof ANY_FOLDERS)[]

  /**
   * @param where what the pattern was read from, for messages
   * @throws ShoalError ERR_OPTIONS_INVALID when it is malformed, ERR_LIMIT when it is too long
   */
  constructor(pattern: string, where: string) {
    if (pattern.length > MAX_GLOB_LENGTH) {
      throw new ShoalError('ERR_LIMIT', `${where}: a pattern has at most ${MAX_GLOB_LENGTH} characters`)
    }
    const refuse = (reason: string): ShoalError =>
      new ShoalError(
        'ERR_OPTIONS_INVALID',
        `${where}: the pattern ${escapeForDisplay(JSON.stringify(pattern))} ${reason}`,
        {
          hint: 'Correct the pattern. A backslash before a character takes it literally.',
        },
      )
    if (pattern === '') throw refuse('is empty')
    if (pattern.startsWith('!')) throw refuse('begins with !, but nothing can be taken back in')
    if (CONTROL.test(pattern)) throw refuse('has a control character, which no shared name has')
    this.pattern = pattern
    this.#isFolderOnly = pattern.endsWith('/')
    const path = normalise(this.#isFolderOnly ? pattern.slice(0, -1) : pattern)
    const isAnchored = path.includes('/')
    const texts = (path.startsWith('/') ? path.slice(1) : path).split('/')
    const parts: (NameMatcher | typeof ANY_FOLDERS)[] = isAnchored ? [] : [ANY_FOLDERS]
    for (const [i, text] of texts.entries()) {
      if (text === '' || text === '.' || text === '..') {
        throw refuse('can match nothing: it names no entry below its folder')
      }
      if (text !== ANY_FOLDERS || !isAnchored) {
        parts.push(compileName(text, refuse))
        continue
      }
      if (parts.at(-1) !== ANY_FOLDERS) parts.push(ANY_FOLDERS)
      // `a/**` is all that lies below a, but not a itself.
      if (i === texts.length - 1) parts.push(compileName('*', refuse))
    }
    this.#parts = parts
  }

  /**
   * Does the pattern name this very entry? Who goes through folders from above and leaves alone what lies below a
   * match needs no more.
   *
   * @param names of the entry's path, from `namesOf`
   * @param from how many of them are the folder that the pattern is relative to
   */
  matches(names: readonly string[], kind: EntryKind, from = 0): boolean {
    return this.#matches(names, kind, from, names.length)
  }

  /** Does the pattern name this entry, or a folder that it lies in? */
  covers(names: readonly string[], kind: EntryKind, from = 0): boolean {
    for (let to = from + 1; to < names.length; to++) {
      if (this.#matches(names, 'folder', from, to)) return true
    }
    return this.#matches(names, kind, from, names.length)
  }

  #matches(names: readonly string[], kind: EntryKind, from: number, to: number): boolean {
    if (this.#isFolderOnly && kind !== 'folder') return false
    const parts = this.#parts
    // A pattern without slash is about the last name only.
    if (parts.length === 2 && parts[0] === ANY_FOLDERS) {
      return to > from && (parts[1] as NameMatcher)(names[to - 1] as string)
    }
    let part = 0
    let at = from
    // As for the stars in a name: each part meets each name at most once.
    let retryPart = -1
    let retryAt = 0
    while (at < to) {
      const expected = parts[part]
      if (expected === ANY_FOLDERS) {
        retryPart = ++part
        retryAt = at
      } else if (expected?.(names[at] as string) === true) {
        part++
        at++
      } else if (retryPart < 0) {
        return false
      } else {
        part = retryPart
        at = ++retryAt
      }
    }
    return part === parts.length
  }
}

/** The pattern that names what stands under a path, and nothing else: names joined by `/`. */
export function literalGlob(path: string): Glob {
  return new Glob(`/${path.replaceAll(/[\\*?[\]!]/g, String.raw`\$&`)}`, 'path')
}

/** @throws ShoalError as `Glob`; ERR_LIMIT for more than MAX_GLOBS */
export function compileGlobs(patterns: readonly string[], where: string): Glob[] {
  // A program without types may give one string, whose characters would each be a pattern.
  if (!Array.isArray(patterns) || patterns.some((pattern) => typeof pattern !== 'string')) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `${where} is a list of patterns`)
  }
  if (patterns.length > MAX_GLOBS) {
    throw new ShoalError('ERR_LIMIT', `${where}: at most ${MAX_GLOBS} patterns`)
  }
  return patterns.map((pattern) => new Glob(pattern, where))
}

/**
 * UTF-16 units of all patterns that hold together.
 *
 * @param before units of those that hold already
 * @throws ShoalError ERR_LIMIT when there are too many
 */
export function unitsOf(globs: readonly Glob[], before: number, where: string): number {
  const units = globs.reduce((sum, glob) => sum + glob.pattern.length, before)
  if (units > MAX_GLOB_UNITS) {
    const message = `${where}: the patterns that hold in one folder have at most ${MAX_GLOB_UNITS} characters together`
    throw new ShoalError('ERR_LIMIT', message)
  }
  return units
}

/** The names of an entry's path as patterns are compared with them. */
export function namesOf(path: string): string[] {
  return path === '' ? [] : normalise(path).split('/')
}

/** A keyboard and a disk may write the same letter in two ways; macOS does. */
function normalise(text: string): string {
  return text.normalize('NFC')
}
