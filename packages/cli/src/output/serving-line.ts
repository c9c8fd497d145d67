/** The lines of a terminal that say who takes what is served, and how fast. */
import type { ReceiversEvent, ServedEvent } from '@shoal/node/control'
import { formatRate } from '../format.ts'
import { TERMINAL } from '../strings/output.ts'
import { cells, cutMiddle } from './cells.ts'
import { deviceRows } from './device-rows.ts'
import { Numbers } from './numbers.ts'
import type { Output } from './output.ts'
import { Speed } from './speed.ts'

const GAP = '   '
/** Fewer cells than this show nothing of a name that helps. */
const MIN_NAME = 8

export class ServingLine {
  readonly #output: Output
  readonly #speed: Speed
  readonly #numbers: Numbers<{ rate: number }>
  #sent = 0
  #connected = 0
  #receivers: ReceiversEvent | undefined

  constructor(output: Output) {
    this.#output = output
    this.#speed = new Speed(output.clock)
    this.#numbers = new Numbers(output.clock, () => ({ rate: this.#speed.rate() }))
  }

  get sentBytes(): number {
    return this.#sent
  }

  served(event: ServedEvent): void {
    this.#sent = event.bytes
    this.#connected = event.peers
    this.#speed.note(event.bytes)
  }

  received(event: ReceiversEvent): void {
    this.#receivers = event
  }

  /** @param most lines that there is room for */
  lines(given: string, width: number, most: number): string[] {
    const { theme } = this.#output
    const rows = this.#receivers === undefined ? [] : deviceRows(theme, width, most - 1, this.#receivers)
    return [this.#text(given, width), ...rows]
  }

  #text(given: string, width: number): string {
    const { theme } = this.#output
    const facts = [this.#who()]
    if (this.#sent > 0) facts.push(TERMINAL.sent(this.#sent))
    const rate = this.#connected === 0 ? '' : formatRate(this.#numbers.get().rate)
    if (rate !== '') facts.push(theme.up === '' ? rate : `${theme.up} ${rate}`)
    // What counts most stands first; a narrow terminal shows as many facts as fit whole.
    while (facts.length > 1 && cells(facts.join(GAP)) > width) facts.pop()
    const tail = facts.join(GAP)
    const room = width - cells(tail) - GAP.length - cells(TERMINAL.sharing(''))
    if (room < MIN_NAME) return tail
    const name = cutMiddle(given, room, theme.ellipsis)
    return `${theme.paint('bold', TERMINAL.sharing(name))}${GAP}${tail}`
  }

  #who(): string {
    const { downloading = 0, finished = 0 } = this.#receivers ?? {}
    if (downloading + finished > 0) return TERMINAL.receivers(downloading, finished)
    return this.#connected === 0 ? TERMINAL.nobodyYet : TERMINAL.connected(this.#connected)
  }
}
