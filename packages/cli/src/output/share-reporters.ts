/** How `shoal share` speaks without a terminal: JSON, the link alone, or plain lines. */
import { escapeForDisplay, type ReadyEvent, type ShareEvent } from '@shoal/node/control'
import { formatPercent } from '../format.ts'
import { PRIVACY } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { Milestones, Pace } from './milestones.ts'
import { writeJson, writeNote, writeResult, type Output, type Reporter } from './output.ts'
import { Warnings } from './warnings.ts'

export function jsonShare(output: Output): Reporter<ShareEvent> {
  return {
    start: () => {},
    event: (event) => {
      // `receivers` is between the engine and this command; the contract with scripts does not have it.
      if (event.type !== 'receivers') writeJson(output, event)
    },
    stopped: () => {},
    close: () => {},
  }
}

export function quietShare(output: Output): Reporter<ShareEvent> {
  return {
    start: () => {},
    event: (event) => {
      if (event.type === 'ready') writeResult(output, event.link)
    },
    stopped: () => {},
    close: () => {},
  }
}

/** What ends a share: a signal, which a person may give with a key among others, or another command, in the background. */
export type ShareEnd = 'signal' | 'keys' | 'background'

/** @param givenName what the share is called until its own name is known */
export function plainShare(
  output: Output,
  givenName: string,
  end: ShareEnd = 'signal',
): Reporter<ShareEvent> {
  const name = escapeForDisplay(givenName)
  const note = (line: string): void => writeNote(output, line)
  const warnings = new Warnings((message) => note(PLAIN.warning(escapeForDisplay(message))))
  const read = new Milestones(output.clock)
  const pace = new Pace(output.clock)
  let sent = 0
  let connected = 0
  let finished = 0
  return {
    start: () => note(PLAIN.reading(name)),
    event: (event) => {
      switch (event.type) {
        case 'hashing':
          if (read.isDue(event.bytes, event.total)) {
            note(PLAIN.read(name, formatPercent(event.bytes, event.total), event.bytes))
          }
          return
        case 'ready':
          warnings.flush()
          note(PLAIN.ready(escapeForDisplay(event.name), contentOf(event)))
          note(PLAIN.privacy(name, event.sealed ? PRIVACY.private : PRIVACY.public))
          writeResult(output, event.link)
          if (end === 'background') note(PLAIN.detached(name, event.root))
          return
        case 'served': {
          const isPeersChange = event.peers !== connected
          sent = event.bytes
          connected = event.peers
          if (isPeersChange || pace.isDue()) note(PLAIN.served(name, sent, connected))
          return
        }
        case 'receivers':
          if (event.finished > finished) note(PLAIN.finished(name, event.finished))
          finished = event.finished
          return
        case 'warning':
          warnings.add(event.message)
      }
    },
    stopped: () => note(PLAIN.stopped(name, sent)),
    close: () => warnings.flush(),
  }
}

export function contentOf(event: ReadyEvent): {
  files: number
  bytes: number
  isFolder: boolean
  isPrivate: boolean
} {
  return {
    files: event.files,
    bytes: event.bytes,
    isFolder: event.kind === 'folder',
    isPrivate: event.sealed,
  }
}
