/** How `shoal doctor` speaks: each finding on stdout as it comes; what is still looked at below them, on stderr. */
import { escapeForDisplay, type FindingEvent, type FindingId } from '@shoal/node/control'
import { DOCTOR, FINDING_TITLES } from '../strings/network.ts'
import { cutEnd, padEnd, wrap } from './cells.ts'
import { LiveBlock } from './live-block.ts'
import { writeJson, writeResult, type Output } from './output.ts'

const GAP = '  '
const TITLE_WIDTH = Math.max(...Object.values(FINDING_TITLES).map((title) => title.length))
const STYLES = { ok: 'green', warning: 'yellow', problem: 'red' } as const

export class DoctorReporter {
  readonly #output: Output
  readonly #block: LiveBlock
  /** A person looks on: lines are laid out, and what is still looked at is shown. */
  readonly #isWatched: boolean
  readonly #left = new Set(Object.keys(FINDING_TITLES) as FindingId[])
  readonly #counts = { ok: 0, warning: 0, problem: 0 }

  constructor(output: Output) {
    const { mode, stdout, stderr, clock } = output
    this.#output = output
    this.#block = new LiveBlock(stderr, clock)
    this.#isWatched = mode === 'terminal' && stdout.isTerminal
  }

  start(): void {
    if (this.#output.mode === 'terminal') this.#block.show((width) => [this.#lookingAt(width)])
  }

  /** Each finding is told once: another node may have been asked again. */
  event(event: FindingEvent): void {
    if (!this.#left.delete(event.id)) return
    this.#counts[event.severity]++
    const { mode } = this.#output
    if (mode === 'json') {
      writeJson(this.#output, event)
      return
    }
    if (mode === 'quiet' && event.severity === 'ok') return
    this.#block.clear()
    for (const line of this.#isWatched ? this.#forPeople(event) : [forScripts(event)]) {
      writeResult(this.#output, line)
    }
    if (this.#left.size > 0) this.start()
  }

  /** Everything that can be looked at was. */
  done(): void {
    this.close()
    if (!this.#isWatched) return
    const counts = DOCTOR.counts(this.#counts)
    const line = `${counts}   ${DOCTOR.report}`
    for (const part of line.length <= this.#block.width ? [line] : [counts, DOCTOR.report]) {
      writeResult(this.#output, part)
    }
  }

  /** Leaves the terminal clean. */
  close(): void {
    this.#block.close()
  }

  #forPeople({ id, severity, effect, remedy }: FindingEvent): string[] {
    const { theme } = this.#output
    const signs = { ok: theme.ok, warning: theme.warn, problem: theme.fail }
    const signWidth = Math.max(...Object.values(signs).map((sign) => sign.length))
    const indent = ' '.repeat(signWidth + 1 + TITLE_WIDTH + GAP.length)
    const lines = (text: string): string[] =>
      wrap(escapeForDisplay(text), Math.max(1, this.#block.width - indent.length))
    const [first = '', ...rest] = lines(effect)
    const sign =
      theme.paint(STYLES[severity], signs[severity]) + ' '.repeat(signWidth - signs[severity].length)
    return [
      `${sign} ${padEnd(FINDING_TITLES[id], TITLE_WIDTH)}${GAP}${first}`,
      ...[...rest, ...(remedy === null ? [] : lines(DOCTOR.fix(remedy)))].map((line) => indent + line),
    ]
  }

  #lookingAt(width: number): string {
    return cutEnd(DOCTOR.looking(Array.from(this.#left, (id) => FINDING_TITLES[id])), width)
  }
}

function forScripts({ severity, id, effect, remedy }: FindingEvent): string {
  return DOCTOR.row(
    severity,
    escapeForDisplay(id),
    escapeForDisplay(effect),
    remedy === null ? DOCTOR.noRemedy : escapeForDisplay(remedy),
  )
}
