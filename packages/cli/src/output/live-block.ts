/**
 * A few lines at the bottom of a terminal that are drawn anew while something runs. Other lines scroll above
 * them; `close` leaves nothing behind. At most ten drawings a second, and one a second without being asked, so
 * that waiting times move on.
 */
import type { TerminalClock, TimerHandle } from '../terminal-clock.ts'
import { cells } from './cells.ts'

const DRAW_INTERVAL_MS = 100
const IDLE_INTERVAL_MS = 1_000
const MAX_LINES = 8
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
const MIN_WIDTH = 40

export const HIDE_CURSOR = '\u001b[?25l'
export const SHOW_CURSOR = '\u001b[?25h'

/** The parts of a terminal's stream that are used here. */
export interface TerminalStream {
  write: (text: string) => unknown
  readonly columns?: number
  readonly rows?: number
}

export class LiveBlock {
  readonly #stream: TerminalStream
  readonly #clock: TerminalClock
  #render: ((width: number) => readonly string[]) | undefined
  /** The lines that stand on the terminal now. */
  #drawn: readonly string[] = []
  #drawnAtMs = Number.NEGATIVE_INFINITY
  #timer: TimerHandle | undefined
  #isCursorHidden = false

  constructor(stream: TerminalStream, clock: TerminalClock) {
    this.#stream = stream
    this.#clock = clock
  }

  /** Cells that a line may take. */
  get width(): number {
    return Math.max(MIN_WIDTH, this.#stream.columns ?? DEFAULT_COLUMNS)
  }

  get rows(): number {
    return this.#stream.rows ?? DEFAULT_ROWS
  }

  /** Lines that it may have. */
  get most(): number {
    return Math.max(1, Math.min(MAX_LINES, this.rows - 2))
  }

  /** Shows what `render` returns from now on; to be called again when that changed. */
  show(render: (width: number) => readonly string[]): void {
    this.#render = render
    const dueMs = this.#drawnAtMs + DRAW_INTERVAL_MS - this.#clock.monotonic()
    if (dueMs <= 0) this.#draw()
    else this.#schedule(dueMs)
  }

  /** Writes lines above the block. */
  print(...lines: readonly string[]): void {
    const erase = this.#erase()
    this.#stream.write(erase + lines.map((line) => `${line}\n`).join(''))
    if (this.#render !== undefined) this.#draw()
  }

  /** Takes the block away until `show` is called again. */
  clear(): void {
    this.#render = undefined
    this.#cancel()
    const erase = this.#erase()
    if (erase !== '') this.#stream.write(erase)
  }

  /** Takes the block away and gives the cursor back. */
  close(): void {
    this.clear()
    if (this.#isCursorHidden) this.#stream.write(SHOW_CURSOR)
    this.#isCursorHidden = false
  }

  #draw(): void {
    if (this.#render === undefined) return
    const lines = this.#render(this.width).slice(0, this.most)
    const hide = this.#isCursorHidden ? '' : HIDE_CURSOR
    this.#isCursorHidden = true
    this.#stream.write(hide + this.#erase() + lines.map((line) => `${line}\n`).join(''))
    this.#drawn = lines
    this.#drawnAtMs = this.#clock.monotonic()
    this.#schedule(IDLE_INTERVAL_MS)
  }

  #erase(): string {
    // Lines that a window made narrower since then take more rows than they took.
    const columns = Math.max(1, this.#stream.columns ?? DEFAULT_COLUMNS)
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(cells(line) / columns)), 0)
    this.#drawn = []
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`
  }

  #schedule(delayMs: number): void {
    this.#cancel()
    this.#timer = this.#clock.set(() => this.#draw(), delayMs)
  }

  #cancel(): void {
    if (this.#timer !== undefined) this.#clock.clear(this.#timer)
    this.#timer = undefined
  }
}
