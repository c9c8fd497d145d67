/** How `shoal space` speaks of spaces as such: those there are, one that was just founded or left, and what a check found. */
import {
  type CheckLine,
  escapeForDisplay,
  type SpaceCheck,
  type SpaceLine,
  type SpaceSummary,
} from '@shoal/node/control'
import { named, shortId, type NamedSpace } from '../../space-names.ts'
import { ROLE_WORDS, SPACES } from '../../strings/spaces.ts'
import { NONE, SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { cells, padEnd } from '../cells.ts'
import { writeJson, writeResult, type Output } from '../output.ts'
import { caution, done, note } from './notes.ts'

const GAP = '  '

export function reportSpaces(output: Output, spaces: readonly SpaceSummary[]): void {
  const { mode, stdout, theme } = output
  if (spaces.length === 0) note(output, SPACES.none, SPACES_PLAIN.none)
  const widths = {
    name: Math.max(0, ...spaces.map((space) => cells(named(space).name))),
    role: Math.max(0, ...spaces.map((space) => roleOf(space).length)),
  }
  for (const space of spaces) {
    if (mode === 'json') writeJson(output, spaceLine(space))
    else if (mode === 'quiet') writeResult(output, space.id)
    else if (!stdout.isTerminal) writeResult(output, forScripts(space))
    else {
      writeResult(output, forPeople(space, widths))
      for (const why of whatIsWrong(space)) {
        writeResult(output, `${GAP}${theme.paint('yellow', theme.warn)} ${escapeForDisplay(why)}`)
      }
    }
  }
}

/** @param isFirst whether it is the only one of the home */
export function reportCreated(
  output: Output,
  { id, name }: { readonly id: string; readonly name: string },
  isFirst: boolean,
): void {
  if (output.mode === 'json') {
    writeJson(output, { type: 'space', id, name } satisfies SpaceLine)
    return
  }
  const { name: shown, ref } = named({ id, name })
  done(output, SPACES.created(shown, ref), SPACES_PLAIN.created(shown))
  writeResult(output, id)
  if (isFirst) caution(output, SPACES.keepCopy)
}

/** @param summary as it is now, where it is known */
export function reportLeft(output: Output, { name }: NamedSpace, summary: SpaceSummary | undefined): void {
  if (output.mode === 'json' && summary !== undefined) writeJson(output, spaceLine(summary))
  done(output, SPACES.leftSpace(name), SPACES_PLAIN.left(name))
}

export function reportCheck(output: Output, { name }: NamedSpace, { isSound, batches }: SpaceCheck): void {
  const { mode } = output
  if (mode === 'json') {
    writeJson(output, { type: 'check', sound: isSound, changes: batches } satisfies CheckLine)
    return
  }
  if (mode === 'terminal') {
    if (isSound) done(output, SPACES.sound(name, batches), '')
    return
  }
  writeResult(output, SPACES_PLAIN.row([SPACES_PLAIN.sound(isSound), batches]))
}

function spaceLine(summary: SpaceSummary): SpaceLine {
  const { id, name, role, members, entries, bytes, fault, unwritten } = summary
  return { type: 'space', id, name, role, members, entries, bytes, fault, unwritten }
}

function whatIsWrong({ fault, unwritten }: SpaceSummary): string[] {
  if (fault !== null) return [fault.message]
  return unwritten === null ? [] : [SPACES.unwritten(unwritten.message)]
}

function forPeople(space: SpaceSummary, widths: { readonly name: number; readonly role: number }): string {
  const facts = [padEnd(named(space).name, widths.name)]
  if (space.fault === null) facts.push(roleOf(space).padEnd(widths.role), SPACES.row(space))
  return [...facts, shortId(space.id)].join(GAP)
}

function roleOf({ role }: SpaceSummary): string {
  return role === null ? SPACES.left : ROLE_WORDS[role]
}

function forScripts({ id, name, role, members, entries, bytes, fault, unwritten }: SpaceSummary): string {
  const wrong = escapeForDisplay((fault ?? unwritten)?.code ?? NONE)
  const fields = [id, role ?? NONE, members, entries, bytes, escapeForDisplay(name), wrong]
  return SPACES_PLAIN.row(fields)
}
