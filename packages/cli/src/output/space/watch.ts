/** How `shoal space watch` speaks: what comes to match, what does so no longer, and what is not as it was. */
import { escapeForDisplay, type FoundLine, type SpaceEntry, type SpaceMatches } from '@shoal/node/control'
import { formatBytes } from '../../format.ts'
import { WATCH_SIGNS } from '../../strings/spaces.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, writeResult, type Output } from '../output.ts'
import { entryLine } from './rows.ts'

const GAP = '  '
/** Cells of the longest size, `1.23 MB`. */
const SIZE_WIDTH = 7
const COLOURS = { came: 'green', went: 'red', changed: 'yellow' } as const

type Change = keyof typeof WATCH_SIGNS

export class WatchReporter {
  readonly #output: Output
  /** What was told last of each path. */
  #told = new Map<string, { readonly entry: SpaceEntry; readonly text: string }>()

  constructor(output: Output) {
    this.#output = output
  }

  matches({ entries, total, isCut }: SpaceMatches): void {
    const output = this.#output
    if (output.mode === 'json') {
      const head = { type: 'found', entries: entries.length, total, cut: isCut } satisfies FoundLine
      for (const line of [head, ...entries.map((entry) => entryLine(entry))]) writeJson(output, line)
      return
    }
    const now = new Map(
      entries.map((entry) => [entry.path, { entry, text: JSON.stringify(entryLine(entry)) }]),
    )
    const before = this.#told
    this.#told = now
    for (const [path, { entry }] of before) if (!now.has(path)) this.#tell('went', entry)
    for (const [path, { entry, text }] of now) {
      const known = before.get(path)
      if (known === undefined) this.#tell('came', entry)
      else if (known.text !== text) this.#tell('changed', entry)
    }
  }

  #tell(change: Change, { path, bytes }: SpaceEntry): void {
    const { mode, stdout, theme } = this.#output
    const sign = WATCH_SIGNS[change]
    const shown = escapeForDisplay(path)
    if (mode === 'quiet') {
      if (change !== 'went') writeResult(this.#output, shown)
    } else if (stdout.isTerminal) {
      const size = formatBytes(bytes).padStart(SIZE_WIDTH)
      writeResult(this.#output, [theme.paint(COLOURS[change], sign), size, shown].join(GAP))
    } else writeResult(this.#output, SPACES_PLAIN.row([sign, bytes, shown]))
  }
}
