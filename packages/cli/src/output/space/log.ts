/** How `shoal space log` speaks: a row for each thing that was done. */
import { escapeForDisplay, type LogLine, type SpaceEvent } from '@shoal/node/control'
import { shortId, type NamedSpace } from '../../space-names.ts'
import { SPACES } from '../../strings/spaces.ts'
import { NONE, SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { padEnd } from '../cells.ts'
import { writeJson, writeResult, type Output } from '../output.ts'
import { isToldAlready, tell } from './notes.ts'

const GAP = '  '
const WHO_WIDTH = SPACES.thisDevice.length + 1
/** What a person gets at once; scripts get all that may be asked for. */
const SHOWN = 100
const ALL = 1_000

/** How many are to be asked for. */
export function logLimit(output: Output): number {
  return isToldAlready(output) ? SHOWN : ALL
}

/** @param own which member this device is */
export function reportLog(
  output: Output,
  { ref }: NamedSpace,
  events: readonly SpaceEvent[],
  own: ReadonlySet<string>,
): void {
  const { mode, stdout } = output
  const told = new Set<string>()
  for (const event of events) {
    if (mode === 'json') writeJson(output, logLine(event))
    else if (mode === 'quiet') {
      if (!told.has(event.batch)) writeResult(output, event.batch)
      told.add(event.batch)
    } else writeResult(output, stdout.isTerminal ? forPeople(event, own) : forScripts(event))
  }
  if (isToldAlready(output) && events.length === SHOWN) tell(output, SPACES.moreLog(SHOWN, ref))
}

function logLine({ batch, author, kind, path, text, counts }: SpaceEvent): LogLine {
  return { type: 'log', change: batch, author, kind, path, text, counts }
}

function forPeople(
  { batch, author, kind, path, text, counts }: SpaceEvent,
  own: ReadonlySet<string>,
): string {
  const who = own.has(author) ? SPACES.thisDevice : shortId(author)
  const what = SPACES.log[kind](escapeForDisplay(path), text === null ? null : escapeForDisplay(text))
  return [shortId(batch), padEnd(who, WHO_WIDTH), what, counts ? '' : SPACES.void].join(GAP).trimEnd()
}

function forScripts({ batch, author, kind, path, text, counts }: SpaceEvent): string {
  const said = text === null ? NONE : escapeForDisplay(text)
  return SPACES_PLAIN.row([batch, author, kind, SPACES_PLAIN.counts(counts), escapeForDisplay(path), said])
}
