/** How `shoal space add` speaks while files are read: as a share does, but it tells of no link. */
import { basename } from 'node:path'
import { escapeForDisplay, type ShareEvent } from '@shoal/node/control'
import type { NamedSpace } from '../../space-names.ts'
import { formatPercent, formatRate, formatTimeLeft } from '../../format.ts'
import { SPACES } from '../../strings/spaces.ts'
import { PLAIN } from '../../strings/plain.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { cutEnd } from '../cells.ts'
import { LiveBlock } from '../live-block.ts'
import { Milestones } from '../milestones.ts'
import { Numbers } from '../numbers.ts'
import { writeJson, writeNote, type Output } from '../output.ts'
import { progressLine } from '../progress-line.ts'
import { Speed } from '../speed.ts'
import { Taskbar } from '../taskbar.ts'
import { Warnings } from '../warnings.ts'

export class AddReporter {
  readonly #output: Output
  readonly #block: LiveBlock
  readonly #speed: Speed
  readonly #numbers: Numbers<number>
  readonly #milestones: Milestones
  readonly #taskbar: Taskbar
  readonly #warnings: Warnings
  readonly #name: string
  #space = ''

  /** @param files what is put in */
  constructor(output: Output, files: readonly string[]) {
    const { clock, stderr, mode, theme } = output
    this.#output = output
    this.#name = escapeForDisplay(files.map((file) => basename(file)).join(', '))
    this.#block = new LiveBlock(stderr, clock)
    this.#speed = new Speed(clock)
    this.#numbers = new Numbers(clock, () => this.#speed.rate())
    this.#milestones = new Milestones(clock)
    this.#taskbar = new Taskbar(output)
    this.#warnings = new Warnings((message) => {
      const text = escapeForDisplay(message)
      if (mode === 'plain') writeNote(output, PLAIN.warning(text))
      if (mode === 'terminal') this.#block.print(`${theme.paint('yellow', theme.warn)} ${text}`)
    })
  }

  start({ name }: NamedSpace): void {
    const { mode } = this.#output
    this.#space = name
    if (mode === 'plain') writeNote(this.#output, SPACES_PLAIN.reading(name))
    if (mode === 'terminal') this.#block.show((width) => [cutEnd(SPACES.searching, width)])
  }

  event(event: ShareEvent): void {
    const { mode } = this.#output
    if (event.type === 'hashing') {
      if (mode === 'json') writeJson(this.#output, event)
      this.#read(event.bytes, event.total)
    }
    if (event.type === 'warning') {
      if (mode === 'json') writeJson(this.#output, event)
      else this.#warnings.add(event.message)
    }
  }

  /** Takes away what is drawn; more may be told after it. */
  clear(): void {
    this.#taskbar.clear()
    this.#warnings.flush()
    this.#block.clear()
  }

  close(): void {
    this.clear()
    this.#block.close()
  }

  #read(bytes: number, total: number): void {
    const { mode } = this.#output
    this.#speed.note(bytes)
    if (mode === 'plain' && this.#milestones.isDue(bytes, total)) {
      writeNote(this.#output, SPACES_PLAIN.read(this.#space, formatPercent(bytes, total), bytes))
    }
    if (mode === 'terminal') this.#block.show((width) => [this.#line(width, bytes, total)])
  }

  #line(width: number, bytes: number, total: number): string {
    const rate = this.#numbers.get()
    this.#taskbar.show(bytes, total, false)
    const left = rate > 0 ? formatTimeLeft((total - bytes) / rate) : ''
    return progressLine(this.#output.theme, width, {
      name: this.#name,
      titled: SPACES.adding,
      bytes,
      total,
      rate: formatRate(rate),
      timeLeft: this.#numbers.isSettled() ? left : '',
    })
  }
}
