/** What tests of the command line share: a clock that is turned by hand and a terminal that can be read. */
import { PassThrough } from 'node:stream'
import type { FetchEvent } from '@shoal/node/control'
import type { Mode } from '../src/output/mode.ts'
import type { Output } from '../src/output/output.ts'
import type { TerminalClock, TimerHandle } from '../src/terminal-clock.ts'
import { cells } from '../src/output/cells.ts'
import { themeFor } from '../src/output/theme.ts'

/** Of the folder that is fetched in most tests, in bytes. */
export const TOTAL = 4_812_345_678
export const PLAN = {
  type: 'plan',
  root: 'bafyrei',
  name: 'Holiday',
  bytes: TOTAL,
  files: 214,
  source: 'link',
  connectedSeconds: 0.1,
} as const satisfies FetchEvent

export class FakeClock implements TerminalClock {
  #nowMs = 0
  #nextId = 1
  readonly #timers = new Map<number, { dueMs: number; callback: () => void }>()

  monotonic = (): number => this.#nowMs

  set = (callback: () => void, delayMs: number): TimerHandle => {
    this.#timers.set(this.#nextId, { dueMs: this.#nowMs + delayMs, callback })
    return this.#nextId++
  }

  clear = (handle: TimerHandle): void => {
    this.#timers.delete(handle as number)
  }

  /** Lets time pass; timers run in order, at their times. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [id, timer] = [...this.#timers].toSorted((a, b) => a[1].dueMs - b[1].dueMs)[0] ?? []
      if (id === undefined || timer === undefined || timer.dueMs > endMs) break
      this.#timers.delete(id)
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      timer.callback()
    }
    this.#nowMs = endMs
  }

  get waiting(): number {
    return this.#timers.size
  }
}

// oxlint-disable-next-line no-control-regex -- control sequences are what is looked for
const TOKENS = /\u001b\[[?\d;]*[A-Za-z]|\u001b\][^\u0007]*\u0007|\n|\r|[^\u001b\n\r]+/gu

/** As much of a terminal as is needed to see what stands on it: line feeds, cursor up, erase below. */
export class Screen {
  readonly columns: number
  readonly rows: number
  readonly lines: string[] = ['']
  /** The most cells that any line ever had. */
  widest = 0
  isCursorVisible = true
  raw = ''
  /** What was said to the terminal itself, and does not stand on it. */
  readonly commands: string[] = []
  #row = 0

  constructor(columns: number, rows = 24) {
    this.columns = columns
    this.rows = rows
  }

  write = (text: string): boolean => {
    this.raw += text
    for (const [token] of text.matchAll(TOKENS)) this.#apply(token)
    return true
  }

  get text(): string {
    return this.lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()
  }

  #apply(token: string): void {
    if (token === '\n') {
      this.#row++
      if (this.#row === this.lines.length) this.lines.push('')
    } else if (token.startsWith('\u001b]')) {
      this.commands.push(token.slice(2, -1))
    } else if (token === '\u001b[?25l') {
      this.isCursorVisible = false
    } else if (token === '\u001b[?25h') {
      this.isCursorVisible = true
    } else if (token === '\u001b[J') {
      this.lines.length = this.#row + 1
      this.lines[this.#row] = ''
    } else if (token.endsWith('A')) {
      this.#row = Math.max(0, this.#row - Number(token.slice(2, -1)))
    } else if (token.startsWith('\u001b')) {
      throw new Error(`the screen does not know ${JSON.stringify(token)}`)
    } else if (token !== '\r') {
      this.lines[this.#row] += token
      this.widest = Math.max(this.widest, cells(this.lines[this.#row] ?? ''))
    }
  }
}

export interface FakeOutput extends Output {
  readonly clock: FakeClock
  readonly screen: Screen
  readonly out: { text: string }
}

export interface FakeOutputInit {
  readonly columns?: number
  readonly rows?: number
  readonly isUnicode?: boolean
  readonly isVerbose?: boolean
  readonly hasTaskbar?: boolean
  /** Shows stdout on the screen too, as on a terminal. */
  readonly isShared?: boolean
  /** Standard output is for the content of a file. */
  readonly hasContent?: boolean
}

export function fakeOutput(mode: Mode, init: FakeOutputInit = {}): FakeOutput {
  const screen = new Screen(init.columns ?? 80, init.rows)
  const out = { text: '' }
  const theme = themeFor(new PassThrough(), init.isUnicode !== false)
  return {
    mode,
    isVerbose: init.isVerbose ?? false,
    theme: { ...theme, paint: (_style, text) => text, hasColour: true },
    clock: new FakeClock(),
    screen,
    out,
    stdout: {
      write: (data: string | Uint8Array) => {
        const text = typeof data === 'string' ? data : Buffer.from(data).toString()
        out.text += text
        if (init.isShared === true) screen.write(text)
      },
      flush: async () => {},
      fault: undefined,
      isTerminal: init.isShared ?? false,
    },
    events: { write: (text: string) => (init.hasContent === true ? screen.write(text) : (out.text += text)) },
    hasTaskbar: init.hasTaskbar ?? false,
    stderr: screen,
  }
}

/** Lines of stdout as the objects that they are. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
