/** `shoal share` on a terminal: how far the reading is, the link on a line of its own, then who takes it. */
import { compactLink, escapeForDisplay, type ReadyEvent, type ShareEvent } from '@shoal/node/control'
import { formatRate, formatTimeLeft } from '../format.ts'
import { PRIVACY, TERMINAL } from '../strings/output.ts'
import { wrap, wrapWords } from './cells.ts'
import { copySequence } from './clipboard.ts'
import { LiveBlock } from './live-block.ts'
import { Numbers } from './numbers.ts'
import { writeResult, type Output, type Reporter } from './output.ts'
import { progressLine } from './progress-line.ts'
import { qrCode } from './qr-code.ts'
import { contentOf, type ShareEnd } from './share-reporters.ts'
import { Speed } from './speed.ts'
import { ServingLine } from './serving-line.ts'
import { Taskbar } from './taskbar.ts'
import { titleLines } from './title.ts'
import { Warnings } from './warnings.ts'

/**
 * @param givenName what the share is called until its own name is known
 * @param end by what a person ends it
 */
export class TerminalShare implements Reporter<ShareEvent> {
  readonly #output: Output
  readonly #block: LiveBlock
  readonly #warnings: Warnings
  readonly #speed: Speed
  readonly #numbers: Numbers<{ rate: number }>
  readonly #taskbar: Taskbar
  readonly #end: ShareEnd
  #name: string
  #link: string | undefined
  #bytes = 0
  #total = 0
  readonly #serving: ServingLine

  constructor(output: Output, givenName: string, end: ShareEnd = 'signal') {
    this.#output = output
    this.#end = end
    this.#taskbar = new Taskbar(output)
    this.#name = escapeForDisplay(givenName)
    this.#block = new LiveBlock(output.stderr, output.clock)
    this.#serving = new ServingLine(output)
    this.#speed = new Speed(output.clock)
    this.#numbers = new Numbers(output.clock, () => ({ rate: this.#speed.rate() }))
    const { theme } = output
    this.#warnings = new Warnings((message) => {
      this.#block.print(`${theme.paint('yellow', theme.warn)} ${escapeForDisplay(message)}`)
    })
  }

  start(): void {
    this.#block.show(() => [TERMINAL.starting])
  }

  event(event: ShareEvent): void {
    switch (event.type) {
      case 'hashing':
        this.#bytes = event.bytes
        this.#total = event.total
        this.#speed.note(event.bytes)
        this.#block.show((width) => [this.#readingLine(width)])
        return
      case 'ready':
        this.#ready(event)
        return
      case 'served':
        this.#serving.served(event)
        this.#showServing()
        return
      case 'receivers':
        this.#serving.received(event)
        this.#showServing()
        return
      case 'warning':
        this.#warnings.add(event.message)
    }
  }

  key(key: string): void {
    if (this.#link === undefined) return
    if (key === 'q') this.#block.print(...this.#code(this.#link))
    if (key !== 'c') return
    this.#output.stderr.write(copySequence(this.#link))
    this.#block.print(...wrap(TERMINAL.copied, this.#block.width))
  }

  stopped(): void {
    const { sentBytes } = this.#serving
    const lines = [TERMINAL.stoppedSharing(this.#name, sentBytes)]
    if (sentBytes > 0) lines.push(...wrap(PRIVACY.stopped, this.#block.width))
    this.#block.clear()
    this.#block.print(...lines)
  }

  close(): void {
    this.#taskbar.clear()
    this.#warnings.flush()
    this.#block.close()
  }

  #ready(event: ReadyEvent): void {
    const { theme } = this.#output
    this.#taskbar.clear()
    this.#warnings.flush()
    this.#block.clear()
    this.#name = escapeForDisplay(event.name)
    this.#link = event.link
    const { width } = this.#block
    const facts = TERMINAL.ready(contentOf(event))
    this.#block.print(...titleLines(theme, width, TERMINAL.sharing, this.#name, facts), '')
    // On its own line, with blank ones around, three clicks select it whole.
    writeResult(this.#output, event.link)
    const sentence = event.sealed ? PRIVACY.private : PRIVACY.public
    this.#block.print('', ...wrap(sentence, width), ...this.#whatNow(width, event.root), '')
    if (this.#end !== 'background') this.#showServing()
  }

  #showServing(): void {
    this.#block.show((width) => this.#serving.lines(this.#name, width, this.#block.most))
  }

  #whatNow(width: number, root: string): string[] {
    if (this.#end === 'background') return TERMINAL.detached(root).flatMap((line) => wrap(line, width))
    if (this.#end === 'signal') return wrap(`${TERMINAL.keepRunning} ${TERMINAL.stopKey}`, width)
    const keys = wrapWords(TERMINAL.shareKeys, width).map((line) => line.trimEnd())
    return [...wrap(TERMINAL.keepRunning, width), ...keys]
  }

  /** The QR code of a link, or why there is none. */
  #code(link: string): readonly string[] {
    const { theme } = this.#output
    const { width, rows } = this.#block
    if (!theme.isUnicode) return wrap(TERMINAL.noQrCode, width)
    const code = qrCode(compactLink(link), theme)
    if (code.columns > width || code.rows > rows) {
      return wrap(TERMINAL.smallForQrCode(code, { columns: width, rows }), width)
    }
    return ['', ...code.lines, '']
  }

  #readingLine(width: number): string {
    const { rate } = this.#numbers.get()
    this.#taskbar.show(this.#bytes, this.#total, false)
    const left = rate > 0 ? formatTimeLeft((this.#total - this.#bytes) / rate) : ''
    return progressLine(this.#output.theme, width, {
      name: this.#name,
      titled: TERMINAL.reading,
      bytes: this.#bytes,
      total: this.#total,
      rate: formatRate(rate),
      timeLeft: this.#numbers.isSettled() ? left : '',
    })
  }
}
