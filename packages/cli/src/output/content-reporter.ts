/** How what writes the content of a file to stdout speaks: on stderr only. */
import { basename } from 'node:path'
import { escapeForDisplay, type ContentEvent, type DoneEvent } from '@shoal/node/control'
import { formatRate, formatTimeLeft } from '../format.ts'
import { TERMINAL, WARNINGS } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { cutEnd } from './cells.ts'
import { LiveBlock } from './live-block.ts'
import { Numbers } from './numbers.ts'
import { writeJson, writeNote, type Output } from './output.ts'
import { progressLine } from './progress-line.ts'
import { Speed } from './speed.ts'
import { StallWatch } from './stall-watch.ts'
import { Taskbar } from './taskbar.ts'
import { titleLines } from './title.ts'

/** Between two lines of progress. */
const PROGRESS_INTERVAL_MS = 250
/** Silence that counts as waiting. */
const WAITING_AFTER_MS = 3_000

export class ContentReporter {
  readonly #output: Output
  readonly #block: LiveBlock
  readonly #watch: StallWatch
  readonly #speed: Speed
  readonly #taskbar: Taskbar
  readonly #numbers: Numbers<{ bytes: number; rate: number; silentMs: number }>
  #content: ContentEvent | undefined
  #bytes = 0
  #movedAtMs: number
  /** What was told last, and when. */
  #told = { bytes: -1, atMs: Number.NEGATIVE_INFINITY }

  /** @param command what people typed */
  constructor(output: Output, command: 'cat' | 'fetch') {
    const { clock, mode, stderr } = output
    this.#output = output
    this.#block = new LiveBlock(stderr, clock)
    this.#speed = new Speed(clock)
    this.#taskbar = new Taskbar(output)
    this.#movedAtMs = clock.monotonic()
    this.#numbers = new Numbers(clock, () => ({
      bytes: this.#bytes,
      rate: this.#speed.rate(),
      silentMs: clock.monotonic() - this.#movedAtMs,
    }))
    this.#watch = new StallWatch(clock, (seconds) => {
      if (mode === 'plain') writeNote(output, PLAIN.contentWaiting(command, seconds))
      if (mode !== 'json') return
      writeJson(output, { type: 'warning', code: 'WARN_STALLED', message: WARNINGS.stalled(seconds) })
    })
  }

  start(): void {
    this.#watch.moved()
    this.#show()
  }

  /** It is known what comes. */
  begin(content: ContentEvent): void {
    this.#content = content
    this.#numbers.reset()
    this.moved(0)
  }

  /** `bytes` of the content left for whoever reads them. */
  moved(bytes: number): void {
    this.#watch.moved()
    this.#movedAtMs = this.#output.clock.monotonic()
    this.#bytes = bytes
    this.#speed.note(bytes)
    if (this.#movedAtMs >= this.#told.atMs + PROGRESS_INTERVAL_MS) this.#tell()
    this.#show()
  }

  /** All of it was written. */
  end(): void {
    this.#tell()
    this.#taskbar.clear()
    this.#block.clear()
  }

  /** Says that it is done, where a command has more to say than the content. */
  done(done: DoneEvent): void {
    const { mode, theme, stdout } = this.#output
    const name = escapeForDisplay(basename(this.#content?.path ?? ''))
    if (mode === 'json') writeJson(this.#output, done)
    if (mode === 'plain') writeNote(this.#output, PLAIN.done(name, done.bytes, done.seconds))
    if (mode !== 'terminal' || stdout.isTerminal) return
    const facts = TERMINAL.done(done.bytes, done.seconds)
    this.#block.print(...titleLines(theme, this.#block.width, (text) => text, name, facts))
  }

  close(): void {
    this.#watch.stop()
    this.#taskbar.clear()
    this.#block.close()
  }

  #tell(): void {
    if (this.#output.mode !== 'json' || this.#content === undefined || this.#told.bytes === this.#bytes)
      return
    const { root, bytes: total } = this.#content
    const rate = this.#speed.rate()
    this.#told = { bytes: this.#bytes, atMs: this.#output.clock.monotonic() }
    // Nothing but content comes from the one who is asked: while some does, somebody gives it.
    const peers = this.#bytes > 0 ? 1 : 0
    writeJson(this.#output, { type: 'progress', root, bytes: this.#bytes, total, rate, peers })
  }

  /** Nothing where the content itself stands on the terminal. */
  #show(): void {
    const { mode, stdout } = this.#output
    if (mode === 'terminal' && !stdout.isTerminal) this.#block.show((width) => [this.#line(width)])
  }

  #line(width: number): string {
    const { bytes, rate, silentMs } = this.#numbers.get()
    const waiting = silentMs < WAITING_AFTER_MS ? '' : TERMINAL.waiting(silentMs / 1_000)
    if (this.#content === undefined) {
      return cutEnd(waiting === '' ? TERMINAL.searching : `${TERMINAL.searching}   ${waiting}`, width)
    }
    const total = this.#content.bytes
    this.#taskbar.show(bytes, total, waiting !== '')
    const left = rate > 0 ? formatTimeLeft((total - bytes) / rate) : ''
    return progressLine(this.#output.theme, width, {
      name: escapeForDisplay(basename(this.#content.path)),
      bytes,
      total,
      rate: waiting === '' ? formatRate(rate) : waiting,
      timeLeft: waiting === '' && this.#numbers.isSettled() ? left : '',
    })
  }
}
