/** How commands that change what is in a space speak of the change. */
import type { ChangedLine, SpaceChange } from '@shoal/node/control'
import type { NamedSpace } from '../../space-names.ts'
import { SPACE_CHANGES, SPACES } from '../../strings/spaces.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, writeResult, type Output } from '../output.ts'
import { done, isToldAlready, note } from './notes.ts'

export function reportSpaceChange(
  output: Output,
  action: keyof typeof SPACE_CHANGES,
  { batches, entries }: SpaceChange,
  { name, ref }: NamedSpace,
): void {
  if (output.mode === 'json') {
    writeJson(output, { type: 'changed', changes: batches, entries } satisfies ChangedLine)
    return
  }
  if (batches.length === 0) {
    note(output, SPACES.unchanged, SPACES_PLAIN.unchanged(name, action))
    return
  }
  const told = SPACE_CHANGES[action](entries, name)
  done(output, `${told}${howToUndo(action, batches, ref)}`, SPACES_PLAIN.changed(name, action, entries))
  if (isToldAlready(output)) return
  for (const id of batches) writeResult(output, id)
}

function howToUndo(action: keyof typeof SPACE_CHANGES, batches: readonly string[], ref: string): string {
  // The last change is that undoing itself then.
  if (action === 'undo') return ''
  return ` ${batches.length === 1 ? SPACES.undoOne(ref) : SPACES.undoSeveral(batches.length, ref)}`
}
