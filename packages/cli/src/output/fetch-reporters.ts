/** How `shoal fetch` speaks without a terminal: JSON, the path alone, or plain lines. */
import { basename } from 'node:path'
import { escapeForDisplay, type FetchEvent } from '@shoal/node/control'
import { formatPercent } from '../format.ts'
import { PLAIN, WARNINGS } from '../strings/output.ts'
import { Milestones } from './milestones.ts'
import { writeJson, writeNote, writeResult, type Output, type Reporter } from './output.ts'
import { StallWatch } from './stall-watch.ts'
import { Warnings } from './warnings.ts'

export function jsonFetch(output: Output): Reporter<FetchEvent> {
  const watch = new StallWatch(output.clock, (seconds) => {
    writeJson(output, { type: 'warning', code: 'WARN_STALLED', message: WARNINGS.stalled(seconds) })
  })
  return {
    start: () => watch.moved(),
    event: (event) => {
      if (event.type !== 'warning') watch.moved()
      // `plan` is between the engine and this command; the contract with scripts does not have it.
      if (event.type !== 'plan') writeJson(output, event)
    },
    stopped: () => {},
    close: () => watch.stop(),
  }
}

export function quietFetch(output: Output): Reporter<FetchEvent> {
  return {
    start: () => {},
    event: (event) => {
      if (event.type === 'done') writeResult(output, event.path)
    },
    stopped: () => {},
    close: () => {},
  }
}

export function plainFetch(output: Output): Reporter<FetchEvent> {
  let name: string | undefined
  const note = (line: string): void => writeNote(output, line)
  const warnings = new Warnings((message) => note(PLAIN.warning(escapeForDisplay(message))))
  const milestones = new Milestones(output.clock)
  const watch = new StallWatch(output.clock, (seconds) => note(PLAIN.waiting(name, seconds)))
  return {
    start: () => {
      note(PLAIN.searching)
      watch.moved()
    },
    event: (event) => {
      if (event.type !== 'warning') watch.moved()
      switch (event.type) {
        case 'plan':
          name = escapeForDisplay(event.name)
          note(PLAIN.begun(name, event.files, event.bytes))
          return
        case 'progress':
          if (milestones.isDue(event.bytes, event.total)) {
            const { bytes, rate, peers } = event
            const percent = formatPercent(bytes, event.total)
            note(PLAIN.progress(name ?? '', { percent, bytes, rate, sources: peers }))
          }
          return
        case 'done':
          name ??= escapeForDisplay(basename(event.path))
          warnings.flush()
          note(PLAIN.done(name, event.bytes, event.seconds))
          if (event.bytesReused > 0) note(PLAIN.alreadyHere(name, event.bytesReused))
          writeResult(output, event.path)
          return
        case 'warning':
          warnings.add(event.message)
      }
    },
    stopped: () => {},
    close: () => {
      watch.stop()
      warnings.flush()
    },
  }
}
