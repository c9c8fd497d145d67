/** How `shoal fetch` speaks without a terminal: JSON, the path alone, or plain lines. */
import { basename } from 'node:path'
import { escapeForDisplay, type FetchStreamEvent } from '@shoal/node/control'
import { formatPercent } from '../format.ts'
import { WARNINGS } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { Milestones, Pace } from './milestones.ts'
import { Rows } from './rows.ts'
import { writeJson, writeNote, writeResult, type Output, type Reporter } from './output.ts'
import { StallWatch } from './stall-watch.ts'
import { Warnings } from './warnings.ts'

/** What is between the engine and this command: the contract with scripts does not have it. */
const BETWEEN_US: ReadonlySet<string> = new Set(['asking', 'waiting', 'plan', 'files', 'receivers'])

export function jsonFetch(output: Output): Reporter<FetchStreamEvent> {
  // There may be a million files.
  const rows = new Rows(output)
  const tell = (event: object): void => {
    rows.write()
    writeJson(output, event)
  }
  let online = 0
  let waits: Promise<void> | undefined
  const watch = new StallWatch(output.clock, (seconds) => {
    const message = online === 0 ? WARNINGS.nobodyOnline(seconds) : WARNINGS.stalled(seconds)
    tell({ type: 'warning', code: 'WARN_STALLED', message })
  })
  return {
    start: () => watch.moved(),
    event: (event) => {
      if (event.type === 'done') watch.stop()
      else if (event.type === 'plan' || event.type === 'progress') watch.moved()
      if (event.type === 'progress') online = event.peers
      if (event.type === 'file') waits = rows.add(JSON.stringify(event))
      else if (!BETWEEN_US.has(event.type)) tell(event)
    },
    drained: () => waits,
    stopped: () => {},
    close: () => {
      watch.stop()
      rows.write()
    },
  }
}

export function quietFetch(output: Output): Reporter<FetchStreamEvent> {
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
export function plainFetch(output: Output, isSeeding = false): Reporter<FetchStreamEvent> {
  let name: string | undefined
  const note = (line: string): void => writeNote(output, line)
  const warnings = new Warnings((message) => note(PLAIN.warning(escapeForDisplay(message))))
  const milestones = new Milestones(output.clock)
  const pace = new Pace(output.clock)
  let sent = 0
  let connected = 0
  let online = 0
  let finished = 0
  const watch = new StallWatch(output.clock, (seconds) => note(PLAIN.waiting(name, seconds, online > 0)))
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
          online = event.peers
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
        case 'receivers':
          if (event.finished > finished) note(PLAIN.seedFinished(name ?? '', event.finished))
          finished = event.finished
          return
        case 'warning':
          warnings.add(event.message)
          return
        case 'asking':
        case 'waiting':
        case 'file':
        case 'files':
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
