/** How commands that change what is in a space speak of the change. */
import type { ChangedLine, SpaceChange } from '@shoal/node/control'
import { shortId, type NamedSpace } from '../../space-names.ts'
import { SPACE_CHANGES, SPACES } from '../../strings/spaces.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, writeResult, type Output } from '../output.ts'
import { done, isToldAlready, note } from './notes.ts'

/** As many ids as a person may be asked to copy. */
const MOST_IDS = 3

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

/** By its id, because another change may be the last one by then. */
function howToUndo(action: keyof typeof SPACE_CHANGES, batches: readonly string[], ref: string): string {
  // To have it back as it was is what undoing leads to already.
  if (action === 'undo') return ''
  if (batches.length > MOST_IDS) return ` ${SPACES.undoMany(batches.length, ref)}`
  return ` ${SPACES.undo(ref, batches.map(shortId))}`
}
