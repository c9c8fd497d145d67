/** How `shoal fetch` speaks without a terminal: JSON, the path alone, or plain lines. */
import { basename } from 'node:path'
import { escapeForDisplay, type FetchEvent } from '@shoal/node/control'
import { formatPercent } from '../format.ts'
import { PLAIN, WARNINGS } from '../strings/output.ts'
import { Milestones, Pace } from './milestones.ts'
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
      if (event.type === 'done') watch.stop()
      else if (event.type === 'plan' || event.type === 'progress') watch.moved()
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

/** @param isSeeding whether it goes on when done */
export function plainFetch(output: Output, isSeeding = false): Reporter<FetchEvent> {
  let name: string | undefined
  const note = (line: string): void => writeNote(output, line)
  const warnings = new Warnings((message) => note(PLAIN.warning(escapeForDisplay(message))))
  const milestones = new Milestones(output.clock)
  const pace = new Pace(output.clock)
  let sent = 0
  let connected = 0
  const watch = new StallWatch(output.clock, (seconds) => note(PLAIN.waiting(name, seconds)))
  return {
    start: () => {
      note(PLAIN.searching)
      watch.moved()
    },
    event: (event) => {
      if (event.type === 'plan' || event.type === 'progress') watch.moved()
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
          watch.stop()
          name ??= escapeForDisplay(basename(event.path))
          warnings.flush()
          note(PLAIN.done(name, event.bytes, event.seconds))
          if (event.bytesReused > 0) note(PLAIN.alreadyHere(name, event.bytesReused))
          writeResult(output, event.path)
          if (isSeeding) note(PLAIN.seeding(name))
          return
        case 'served': {
          const isPeersChange = event.peers !== connected
          sent = event.bytes
          connected = event.peers
          if (isPeersChange || pace.isDue()) note(PLAIN.seeded(name ?? '', sent, connected))
          return
        }
        case 'warning':
          warnings.add(event.message)
      }
    },
    stopped: () => {
      if (name !== undefined) note(PLAIN.stoppedSeeding(name, sent))
    },
    close: () => {
      watch.stop()
      warnings.flush()
    },
  }
}
