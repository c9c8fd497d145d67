/** How spaces, and what has an id in them, are named to people. */
import { escapeForDisplay, type SpaceHandle } from '@shoal/node/control'

/** A space as people and commands name it. */
export interface NamedSpace {
  /** Fit for a terminal. */
  readonly name: string
  /** As it is typed in a command: its name where a shell takes that as it is, else the beginning of its id. */
  readonly ref: string
}

/** Characters of an id that people see: enough that two are never alike. */
const SHOWN_ID = 12
const PLAIN_WORD = /^[\w][\w.-]{0,39}$/

export function shortId(id: string): string {
  return escapeForDisplay(id.slice(0, SHOWN_ID))
}

export function named({ id, name }: Pick<SpaceHandle, 'id' | 'name'>): NamedSpace {
  const ref = PLAIN_WORD.test(name) ? name : shortId(id)
  return { name: name === '' ? shortId(id) : escapeForDisplay(name), ref }
}
