/** How `shoal ls` speaks: a row for each entry on stdout; that it looks for a source, and warnings, on stderr. */
import { escapeForDisplay, type EntryEvent, type ListEvent } from '@shoal/node/control'
import { formatBytes, formatInstant, formatTime } from '../format.ts'
import { TERMINAL, WARNINGS } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { cutEnd } from './cells.ts'
import { LiveBlock } from './live-block.ts'
import { writeNote, type Output } from './output.ts'
import { Rows } from './rows.ts'
import { StallWatch } from './stall-watch.ts'
import { Warnings } from './warnings.ts'

/** Cells of the longest size, `1.23 MB`. */
const SIZE_WIDTH = 7
/** Cells of a time. */
const TIME_WIDTH = 16
/** Silence that counts as waiting. */
const WAITING_AFTER_MS = 3_000

export class ListReporter {
  readonly #output: Output
  readonly #rows: Rows
  readonly #block: LiveBlock
  readonly #watch: StallWatch
  readonly #warnings: Warnings
  readonly #format: (entry: EntryEvent) => string

  constructor(output: Output) {
    const { mode, stdout, stderr, clock, theme } = output
    this.#output = output
    this.#rows = new Rows(output)
    this.#block = new LiveBlock(stderr, clock)
    this.#watch = new StallWatch(clock, (seconds) => this.#stalled(seconds))
    this.#warnings = new Warnings((message) => {
      const text = escapeForDisplay(message)
      if (mode === 'terminal') this.#block.print(`${theme.paint('yellow', theme.warn)} ${text}`)
      else writeNote(output, PLAIN.warning(text))
    })
    if (mode === 'json') this.#format = (entry) => JSON.stringify(entry)
    else if (mode === 'quiet') this.#format = nameOf
    else this.#format = stdout.isTerminal ? rowForPeople : rowForScripts
  }

  start(): void {
    this.#watch.moved()
    if (this.#output.mode !== 'terminal') return
    const { clock } = this.#output
    const startMs = clock.monotonic()
    this.#block.show((width) => {
      const waitedMs = clock.monotonic() - startMs
      const waited = waitedMs < WAITING_AFTER_MS ? '' : `   ${TERMINAL.waiting(waitedMs / 1_000)}`
      return [cutEnd(TERMINAL.searching + waited, width)]
    })
  }

  /** What it returns, if anything, resolves when the reader has taken enough for more to come. */
  event(event: ListEvent): Promise<void> | undefined {
    this.#watch.moved()
    this.#block.clear()
    if (event.type === 'entry') return this.#rows.add(this.#format(event))
    const { mode } = this.#output
    if (mode === 'json') return this.#rows.add(JSON.stringify(event))
    if (mode !== 'quiet') this.#warnings.add(event.message)
    return undefined
  }

  /** Leaves the terminal clean and nothing gathered behind. */
  close(): void {
    this.#watch.stop()
    this.#block.close()
    this.#rows.write()
    this.#warnings.flush()
  }

  #stalled(seconds: number): void {
    const { mode } = this.#output
    if (mode === 'plain') writeNote(this.#output, PLAIN.listWaiting(seconds))
    if (mode !== 'json') return
    const message = WARNINGS.stalled(seconds)
    void this.#rows.add(JSON.stringify({ type: 'warning', code: 'WARN_STALLED', message }))
  }
}

function nameOf({ path, kind }: EntryEvent): string {
  return escapeForDisplay(path) + (kind === 'folder' ? '/' : '')
}

function rowForPeople(entry: EntryEvent): string {
  const { unknown, row } = TERMINAL
  const size = entry.kind === 'folder' ? unknown : formatBytes(entry.bytes)
  const time = entry.mtime === null ? undefined : formatTime(entry.mtime)
  return row(size.padStart(SIZE_WIDTH), (time ?? unknown).padEnd(TIME_WIDTH), nameOf(entry))
}

function rowForScripts(entry: EntryEvent): string {
  const time = entry.mtime === null ? undefined : formatInstant(entry.mtime)
  return PLAIN.row(entry.bytes, time ?? TERMINAL.unknown, nameOf(entry))
}
