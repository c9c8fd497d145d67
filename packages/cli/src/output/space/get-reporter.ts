/** How `shoal space get` speaks: each fetch as `shoal fetch` does, then where each file is. */
import {
  escapeForDisplay,
  type FetchEvent,
  type FetchStreamEvent,
  type GotEntry,
  type GotEvent,
} from '@shoal/node/control'
import { fetchReporter } from '../../commands/fetch.ts'
import { SPACES } from '../../strings/spaces.ts'
import { writeJson, writeResult, type Output, type Reporter } from '../output.ts'
import { isToldAlready, tell } from './notes.ts'

/** Paths that a person is told of at once. */
const SHOWN = 10

export class GetReporter {
  readonly #output: Output
  /** Where the folders of the single fetches would go: the files are the result here. */
  readonly #muted: Output
  #fetch: Reporter<FetchStreamEvent> | undefined

  constructor(output: Output) {
    this.#output = output
    this.#muted = { ...output, stdout: muteOf(output) }
  }

  event(event: FetchEvent): void {
    this.#fetch ??= this.#begun()
    this.#fetch.event(event)
    // The next may be another one.
    if (event.type === 'done') this.close()
  }

  /** All of it is here. */
  got(entries: readonly GotEntry[]): void {
    const { mode } = this.#output
    if (mode === 'json') {
      for (const entry of entries) writeJson(this.#output, { type: 'got', ...entry } satisfies GotEvent)
      return
    }
    const shown = isToldAlready(this.#output) ? entries.slice(0, SHOWN) : entries
    for (const { file } of shown) writeResult(this.#output, escapeForDisplay(file))
    if (shown.length < entries.length) tell(this.#output, SPACES.morePaths(entries.length - shown.length))
  }

  close(): void {
    this.#fetch?.close()
    this.#fetch = undefined
  }

  #begun(): Reporter<FetchStreamEvent> {
    const reporter = fetchReporter(this.#muted, false)
    reporter.start()
    return reporter
  }
}

function muteOf({ stdout }: Output): Output['stdout'] {
  return { write: () => {}, flush: () => stdout.flush(), fault: undefined, isTerminal: stdout.isTerminal }
}
