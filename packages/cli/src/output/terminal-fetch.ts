/** `shoal fetch` on a terminal: how far it is, how fast, and why it waits when it does. */
import { basename } from 'node:path'
import {
  escapeForDisplay,
  type AskingEvent,
  type DoneEvent,
  type FetchStreamEvent,
  type FilesEvent,
  type WaitingEvent,
} from '@shoal/node/control'
import { formatRate, formatTimeLeft } from '../format.ts'
import { FETCHES } from '../strings/fetches.ts'
import { TERMINAL } from '../strings/output.ts'
import { sources } from '../strings/words.ts'
import { isSlowOnly, waitText } from '../strings/waits.ts'
import { cutEnd, wrap } from './cells.ts'
import { fileRows } from './file-rows.ts'
import { LiveBlock } from './live-block.ts'
import { Numbers } from './numbers.ts'
import { writeResult, type Output, type Reporter } from './output.ts'
import { hasSourcesColumn, isNarrow, progressLine } from './progress-line.ts'
import { ServingLine } from './serving-line.ts'
import { Taskbar } from './taskbar.ts'
import { titleLines } from './title.ts'
import { Warnings } from './warnings.ts'

const GAP = '   '
/** Silence that counts as waiting. */
const WAITING_AFTER_MS = 3_000

interface Shown {
  readonly bytes: number
  readonly rate: number
  /** Seconds without data, or undefined while it flows. */
  readonly waitingSeconds: number | undefined
}

export class TerminalFetch implements Reporter<FetchStreamEvent> {
  readonly #output: Output
  readonly #block: LiveBlock
  readonly #warnings: Warnings
  readonly #numbers: Numbers<Shown>
  readonly #taskbar: Taskbar
  #name: string | undefined
  #bytes = 0
  #total = 0
  #rate = 0
  #sources = 0
  /** The most that it came from at once. */
  #mostSources = 0
  #files: FilesEvent | undefined
  /** Who is asked, and since when; undefined while somebody is connected. */
  #asking: (AskingEvent & { readonly sinceMs: number }) | undefined
  /** Why it waits or is slow, as far as it was told. */
  #waiting: WaitingEvent | undefined
  #movedAtMs: number
  readonly #isSeeding: boolean
  #seeding: ServingLine | undefined

  /** @param isSeeding whether it goes on when done */
  constructor(output: Output, isSeeding = false) {
    this.#output = output
    this.#isSeeding = isSeeding
    this.#block = new LiveBlock(output.stderr, output.clock)
    this.#taskbar = new Taskbar(output)
    this.#movedAtMs = output.clock.monotonic()
    this.#numbers = new Numbers(output.clock, () => this.#read())
    const { theme } = output
    this.#warnings = new Warnings((message) => {
      this.#block.print(`${theme.paint('yellow', theme.warn)} ${escapeForDisplay(message)}`)
    })
  }

  start(): void {
    this.#movedAtMs = this.#output.clock.monotonic()
    this.#block.show((width) => this.#lines(width))
  }

  event(event: FetchStreamEvent): void {
    switch (event.type) {
      case 'asking':
        this.#asking = { ...event, sinceMs: this.#output.clock.monotonic() }
        break
      case 'waiting':
        this.#waiting = event
        break
      case 'plan':
        this.#name = escapeForDisplay(event.name)
        this.#total = event.bytes
        this.#moved()
        this.#numbers.reset()
        break
      case 'progress':
        if (event.bytes !== this.#bytes) this.#moved()
        this.#bytes = event.bytes
        this.#total = event.total
        this.#rate = event.rate
        this.#connected(event.peers)
        break
      case 'files':
        this.#files = event
        break
      case 'file':
        return
      case 'done':
        this.#done(event)
        return
      case 'served':
        this.#seeding?.served(event)
        this.#showSeeding()
        return
      case 'receivers':
        this.#seeding?.received(event)
        this.#showSeeding()
        return
      case 'warning':
        this.#warnings.add(event.message)
        return
    }
    this.#block.show((width) => this.#lines(width))
  }

  stopped(): void {
    if (this.#seeding === undefined || this.#name === undefined) return
    this.#block.clear()
    this.#block.print(TERMINAL.stoppedSharing(this.#name, this.#seeding.sentBytes))
  }

  close(): void {
    this.#taskbar.clear()
    this.#warnings.flush()
    this.#block.close()
  }

  #connected(count: number): void {
    if (count > 0) this.#asking = undefined
    this.#sources = count
    this.#mostSources = Math.max(this.#mostSources, count)
  }

  #moved(): void {
    this.#movedAtMs = this.#output.clock.monotonic()
  }

  #read(): Shown {
    const silentMs = this.#output.clock.monotonic() - this.#movedAtMs
    const waitingSeconds = silentMs >= WAITING_AFTER_MS ? silentMs / 1_000 : undefined
    return { bytes: this.#bytes, rate: this.#rate, waitingSeconds }
  }

  #lines(width: number): string[] {
    const { theme } = this.#output
    const shown = this.#numbers.get()
    if (this.#name === undefined) {
      if (shown.waitingSeconds === undefined) return [cutEnd(TERMINAL.searching, width)]
      const line = cutEnd(TERMINAL.searching + GAP + TERMINAL.waiting(shown.waitingSeconds), width)
      const places = TERMINAL.asking(this.#asking?.sources ?? [])
      return places === '' ? [line] : [line, ...wrap(places, width).map((part) => theme.paint('dim', part))]
    }
    const isComplete = this.#total > 0 && this.#bytes >= this.#total
    const isWaiting = shown.waitingSeconds !== undefined && !isComplete
    this.#taskbar.show(shown.bytes, this.#total, isWaiting)
    const left = shown.rate > 0 ? formatTimeLeft((this.#total - shown.bytes) / shown.rate) : ''
    const line = progressLine(theme, width, {
      name: this.#name,
      bytes: this.#bytes,
      total: this.#total,
      rate: isComplete ? '' : isWaiting ? TERMINAL.waiting(shown.waitingSeconds) : formatRate(shown.rate),
      timeLeft: isComplete ? TERMINAL.finishing : isWaiting || !this.#numbers.isSettled() ? '' : left,
      ...(this.#sources > 0 ? { sources: sources(this.#sources) } : {}),
    })
    return [line, ...this.#details(width, isWaiting, isComplete)]
  }

  #details(width: number, isWaiting: boolean, isComplete: boolean): string[] {
    const { theme } = this.#output
    if (isWaiting) return this.#reason(this.#whyWaiting(), width)
    if (isNarrow(width)) return []
    const facts = hasSourcesColumn(width) || this.#sources === 0 ? [] : [sources(this.#sources)]
    if (this.#waiting !== undefined && isSlowOnly(this.#waiting.reason)) facts.push(FETCHES.reasons.indirect)
    // Rows are a moment old, and what comes last is soon done.
    const files = isComplete ? undefined : this.#files
    if (files !== undefined && files.total > 1) facts.push(TERMINAL.filesDone(files.done, files.total))
    const lines = facts.length === 0 ? [] : [theme.paint('dim', facts.join(GAP))]
    if (files === undefined) return lines
    return [...lines, ...fileRows(theme, width, this.#block.most - 1 - lines.length, files)]
  }

  #reason(text: string, width: number): string[] {
    const { theme } = this.#output
    const [first = '', ...rest] = wrap(text, width - 2)
    return [`${theme.paint('yellow', theme.warn)} ${first}`, ...rest.map((part) => `  ${part}`)]
  }

  #whyWaiting(): string {
    const { reason = null, detail = null } = this.#waiting ?? {}
    // Of these more is known here: who is asked, and for how long.
    if (reason === null || reason === 'searching' || reason === 'no-source' || isSlowOnly(reason)) {
      return this.#sources === 0 ? this.#nobodyOnline() : TERMINAL.nothingComes
    }
    return `${waitText(reason, detail)} ${TERMINAL.keeps}`
  }

  #nobodyOnline(): string {
    const { lastSeen = null, sources: places = [], sinceMs = 0 } = this.#asking ?? {}
    const seconds = (this.#output.clock.monotonic() - sinceMs) / 1_000
    return TERMINAL.nobodyOnline(lastSeen === null ? undefined : { id: lastSeen, seconds }, places)
  }

  #done(event: DoneEvent): void {
    const { theme } = this.#output
    this.#taskbar.clear()
    this.#warnings.flush()
    this.#block.clear()
    const name = this.#name ?? escapeForDisplay(basename(event.path))
    const facts = TERMINAL.done(event.bytes, event.seconds, this.#mostSources)
    this.#block.print(...titleLines(theme, this.#block.width, (text) => text, name, facts))
    if (event.bytesReused > 0) this.#block.print(`  ${TERMINAL.alreadyHere(event.bytesReused)}`)
    writeResult(this.#output, event.path)
    if (!this.#isSeeding) return
    this.#name = name
    this.#seeding = new ServingLine(this.#output)
    this.#block.print('', ...wrap(TERMINAL.keepSeeding, this.#block.width), '')
    this.#showSeeding()
  }

  #showSeeding(): void {
    const [seeding, name] = [this.#seeding, this.#name]
    if (seeding !== undefined && name !== undefined) {
      this.#block.show((width) => seeding.lines(name, width, this.#block.most))
    }
  }
}
