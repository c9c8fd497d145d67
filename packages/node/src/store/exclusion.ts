/** What is left out of a share: the patterns of its options and of each `.shoalignore` from its own folder down. */
import type { EntryKind } from '../content/entry.ts'
import { compileGlobs, unitsOf, type Glob } from '../content/glob.ts'

interface Rules {
  readonly globs: readonly Glob[]
  /** How many names of a path are the folder that the patterns are relative to. */
  readonly depth: number
}

/** What holds in one folder. */
export class Exclusion {
  readonly #fromOptions: OptionRules
  readonly #fromFiles: readonly Rules[]
  /** UTF-16 units of all patterns. */
  readonly #units: number

  private constructor(fromOptions: OptionRules, fromFiles: readonly Rules[], units: number) {
    this.#fromOptions = fromOptions
    this.#fromFiles = fromFiles
    this.#units = units
  }

  /** @throws ShoalError ERR_OPTIONS_INVALID, ERR_LIMIT */
  static ofOptions(patterns: readonly string[]): Exclusion {
    const globs = compileGlobs(patterns, 'exclude')
    return new Exclusion(new OptionRules(globs), [], unitsOf(globs, 0, 'exclude'))
  }

  /**
   * The same with the patterns of a file that lies `depth` folders below that of the share.
   *
   * @throws ShoalError ERR_LIMIT naming `where` when that is too much for one folder
   */
  with(globs: readonly Glob[], depth: number, where: string): Exclusion {
    const units = unitsOf(globs, this.#units, where)
    return new Exclusion(this.#fromOptions, [...this.#fromFiles, { globs, depth }], units)
  }

  /** Is this entry left out? What lies below one that is must not be asked for. */
  excludes(names: readonly string[], kind: EntryKind): boolean {
    const isByOptions = this.#fromOptions.match(names, kind)
    return (
      isByOptions ||
      this.#fromFiles.some(({ globs, depth }) => globs.some((glob) => glob.matches(names, kind, depth)))
    )
  }

  /** Patterns of the options that named nothing until now: often a slip of the keyboard. */
  unused(): string[] {
    return this.#fromOptions.unused()
  }
}

class OptionRules {
  readonly #used: Glob[] = []
  #unused: Glob[]

  constructor(globs: Glob[]) {
    this.#unused = globs
  }

  match(names: readonly string[], kind: EntryKind): boolean {
    // All that match count as used, not only the first.
    const used = this.#unused.filter((glob) => glob.matches(names, kind))
    if (used.length > 0) {
      this.#used.push(...used)
      this.#unused = this.#unused.filter((glob) => !used.includes(glob))
      return true
    }
    return this.#used.some((glob) => glob.matches(names, kind))
  }

  unused(): string[] {
    return [...new Set(this.#unused.map((glob) => glob.pattern))]
  }
}
