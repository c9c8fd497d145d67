/** Rows of what is in a space, as each form of output has them. */
import { escapeForDisplay, type SpaceEntry, type SpaceEntryLine } from '@shoal/node/control'
import { formatBytes, formatInstant, formatTime } from '../../format.ts'
import { SPACES } from '../../strings/spaces.ts'
import { NONE, SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { padEnd } from '../cells.ts'
import type { Output } from '../output.ts'

/** Cells of the longest size, `1.23 MB`. */
const SIZE_WIDTH = 7
/** Cells of a time. */
const TIME_WIDTH = 16
const WHERE_WIDTH = Math.max(SPACES.here.length, SPACES.listed.length)
const GAP = '  '

/** The entry as a line of `--json`. */
export function entryLine(entry: SpaceEntry): SpaceEntryLine {
  const { path, bytes, tags, author, here, type, modifiedMs, title, note, root } = entry
  return {
    type: 'entry',
    path,
    bytes,
    tags: [...tags],
    author,
    here,
    media: type,
    mtime: modifiedMs,
    title,
    note,
    root,
  }
}

/** How an entry stands in a list. */
export function entryFormat({ mode, stdout, theme }: Output): (entry: SpaceEntry) => string {
  if (mode === 'json') return (entry) => JSON.stringify(entryLine(entry))
  if (mode === 'quiet') return ({ path }) => escapeForDisplay(path)
  if (!stdout.isTerminal) return forScripts
  return (entry) => forPeople(entry, (text) => theme.paint('dim', text))
}

function forPeople(entry: SpaceEntry, dim: (text: string) => string): string {
  const { path, bytes, modifiedMs, tags, title, note } = entry
  const facts = [
    formatBytes(bytes).padStart(SIZE_WIDTH),
    (formatTime(modifiedMs) ?? NONE).padEnd(TIME_WIDTH),
    padEnd(whereOf(entry), WHERE_WIDTH),
    escapeForDisplay(path),
    ...tags.map((tag) => dim(`#${escapeForDisplay(tag)}`)),
  ]
  const said = [title, note].filter((text) => text !== '').map((text) => dim(escapeForDisplay(text)))
  const indent = ' '.repeat(SIZE_WIDTH + TIME_WIDTH + WHERE_WIDTH + 3 * GAP.length)
  return [facts.join(GAP), ...said.map((text) => indent + text)].join('\n')
}

function forScripts(entry: SpaceEntry): string {
  const { path, bytes, modifiedMs, author, tags } = entry
  return SPACES_PLAIN.row([
    bytes,
    formatInstant(modifiedMs) ?? NONE,
    whereOf(entry),
    escapeForDisplay(author),
    escapeForDisplay(tags.join(',')),
    escapeForDisplay(path),
  ])
}

function whereOf({ here }: SpaceEntry): string {
  return here ? SPACES.here : SPACES.listed
}
