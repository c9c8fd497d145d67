/** How `shoal shares`, `shoal status` and `shoal unshare` speak. */
import { escapeForDisplay, type SharedEvent, type SharesEvent, type StatusEvent } from '@shoal/node/control'
import { formatBytes } from '../format.ts'
import { SHARE_STATES, TERMINAL } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { padEnd } from './cells.ts'
import { writeJson, writeResult, writeSuccess, writeWarning, type Output } from './output.ts'
import { Rows } from './rows.ts'

/** Cells of the longest size, `1.23 MB`. */
const SIZE_WIDTH = 7
const STATE_WIDTH = Math.max(...Object.values(SHARE_STATES).map((state) => state.length))

/** Rows of shares: all that there is of each, or one line where it belongs to a longer answer. */
export class SharesReporter {
  readonly #output: Output
  readonly #rows: Rows
  readonly #format: (share: SharedEvent) => string

  constructor(output: Output) {
    this.#output = output
    this.#rows = new Rows(output)
    if (output.mode === 'json') this.#format = (share) => JSON.stringify(share)
    else if (output.mode === 'quiet') this.#format = (share) => share.link
    else this.#format = output.stdout.isTerminal ? forPeople : forScripts
  }

  /** What it returns, if anything, resolves when the reader has taken enough for more to come. */
  event(event: SharesEvent): Promise<void> | undefined {
    if (event.type === 'share') return this.#rows.add(this.#format(event))
    writeWarning(this.#output, event)
    return undefined
  }

  close(): void {
    this.#rows.write()
  }
}

export function reportStatus(output: Output, status: StatusEvent, shares: readonly SharesEvent[]): void {
  const { mode, stdout, isVerbose } = output
  if (mode === 'json') {
    for (const event of [status, ...shares]) writeJson(output, event)
    return
  }
  if (mode === 'quiet') {
    writeResult(output, String(status.pid))
    return
  }
  const served = shares.filter((event) => event.type === 'share')
  for (const event of shares) if (event.type === 'warning') writeWarning(output, event)
  if (!stdout.isTerminal) {
    for (const line of PLAIN.status(status, isVerbose)) writeResult(output, line)
    for (const { state, bytes, name } of served) {
      writeResult(output, PLAIN.statusShare(state, bytes, escapeForDisplay(name)))
    }
    return
  }
  const bytes = served.reduce((sum, share) => sum + share.bytes, 0)
  const lines = TERMINAL.status(status, { count: served.length, bytes }, isVerbose)
  for (const line of lines) writeResult(output, line)
  const { theme } = output
  for (const { state, name } of served) {
    if (state !== 'stale') continue
    const line = TERMINAL.statusStale(escapeForDisplay(name))
    writeResult(output, `${theme.paint('yellow', theme.warn)} ${line}`)
  }
}

/** That a share was removed; as JSON the share as it is now, without a place. */
export function reportUnshared(output: Output, share: Omit<SharedEvent, 'type'>): void {
  const name = escapeForDisplay(share.name)
  if (output.mode === 'json') {
    writeJson(output, { type: 'share', ...share, state: 'stopped' } satisfies SharedEvent)
  }
  writeSuccess(output, { terminal: TERMINAL.unshared(name), plain: PLAIN.unshared(name) })
}

function forPeople({ state, bytes, name, link }: SharedEvent): string {
  const facts = `${padEnd(SHARE_STATES[state], STATE_WIDTH)}  ${formatBytes(bytes).padStart(SIZE_WIDTH)}`
  return `${facts}  ${escapeForDisplay(name)}\n  ${link}`
}

function forScripts({ state, bytes, name, link }: SharedEvent): string {
  return PLAIN.share(state, bytes, escapeForDisplay(name), link)
}
