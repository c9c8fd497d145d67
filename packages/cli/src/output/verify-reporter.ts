/** How `shoal verify` speaks: what differs on stdout, a line each; how far it is, and warnings, on stderr. */
import { basename } from 'node:path'
import { escapeForDisplay, type VerifyEvent } from '@shoal/node/control'
import { formatPercent, formatRate } from '../format.ts'
import { TERMINAL, WARNINGS } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { cutEnd } from './cells.ts'
import { LiveBlock } from './live-block.ts'
import { Milestones } from './milestones.ts'
import { writeJson, writeNote, writeResult, type Output } from './output.ts'
import { progressLine } from './progress-line.ts'
import { Speed } from './speed.ts'
import { StallWatch } from './stall-watch.ts'
import { Taskbar } from './taskbar.ts'
import { titleLines } from './title.ts'
import { Warnings } from './warnings.ts'

export class VerifyReporter {
  readonly #output: Output
  readonly #name: string
  readonly #block: LiveBlock
  readonly #speed: Speed
  readonly #milestones: Milestones
  readonly #watch: StallWatch
  readonly #warnings: Warnings
  readonly #taskbar: Taskbar

  /** @param path what is compared */
  constructor(output: Output, path: string) {
    const { clock, mode, stderr, theme } = output
    this.#output = output
    this.#name = escapeForDisplay(basename(path))
    this.#block = new LiveBlock(stderr, clock)
    this.#speed = new Speed(clock)
    this.#milestones = new Milestones(clock)
    this.#taskbar = new Taskbar(output)
    this.#watch = new StallWatch(clock, (seconds) => {
      const message = WARNINGS.stalled(seconds)
      if (mode === 'plain') writeNote(output, PLAIN.contentWaiting('verify', seconds))
      if (mode === 'json') writeJson(output, { type: 'warning', code: 'WARN_STALLED', message })
    })
    this.#warnings = new Warnings((message) => {
      if (mode === 'plain') writeNote(output, PLAIN.warning(message))
      if (mode === 'terminal') this.#block.print(`${theme.paint('yellow', theme.warn)} ${message}`)
    })
  }

  start(): void {
    const { mode } = this.#output
    this.#watch.moved()
    if (mode === 'plain') writeNote(this.#output, PLAIN.comparing(this.#name))
    if (mode === 'terminal') this.#block.show((width) => [cutEnd(TERMINAL.searching, width)])
  }

  event(event: VerifyEvent): void {
    const { mode } = this.#output
    this.#watch.moved()
    if (mode === 'json') {
      writeJson(this.#output, event)
      return
    }
    switch (event.type) {
      case 'hashing':
        this.#compared(event.bytes, event.total)
        return
      case 'warning':
        this.#warnings.add(escapeForDisplay(event.message))
        return
      case 'bad':
        this.#block.clear()
        writeResult(this.#output, escapeForDisplay(event.path))
        return
      case 'done':
        this.#taskbar.clear()
        this.#warnings.flush()
        this.#block.clear()
        if (mode === 'plain') writeNote(this.#output, PLAIN.same(this.#name, event.bytes, event.seconds))
        if (mode === 'terminal') this.#same(event.bytes, event.seconds)
    }
  }

  close(): void {
    this.#watch.stop()
    this.#taskbar.clear()
    this.#warnings.flush()
    this.#block.close()
  }

  #compared(bytes: number, total: number): void {
    const { mode, theme } = this.#output
    this.#speed.note(bytes)
    if (mode === 'plain' && this.#milestones.isDue(bytes, total)) {
      writeNote(this.#output, PLAIN.compared(this.#name, formatPercent(bytes, total), bytes))
    }
    if (mode !== 'terminal') return
    const rate = formatRate(this.#speed.rate())
    this.#taskbar.show(bytes, total, false)
    this.#block.show((width) => [
      progressLine(theme, width, {
        name: this.#name,
        titled: TERMINAL.reading,
        bytes,
        total,
        rate,
        timeLeft: '',
      }),
    ])
  }

  #same(bytes: number, seconds: number): void {
    const facts = TERMINAL.same(bytes, seconds)
    const { theme } = this.#output
    this.#block.print(...titleLines(theme, this.#block.width, (text) => text, this.#name, facts))
  }
}
