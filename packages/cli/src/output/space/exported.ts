/** How `shoal space export` speaks. */
import { escapeForDisplay, type ExportedLine, type SpaceLine } from '@shoal/node/control'
import type { NamedSpace } from '../../space-names.ts'
import { SPACES } from '../../strings/spaces.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, writeResult, type Output } from '../output.ts'
import { done } from './notes.ts'

/** The first line of an export: which space it is of. */
export function spaceHead({ id, name }: { readonly id: string; readonly name: string }): string {
  return JSON.stringify({ type: 'space', id, name } satisfies SpaceLine)
}

/** That it stands in a file. */
export function reportExported(
  output: Output,
  { name }: NamedSpace,
  { file, entries }: Pick<ExportedLine, 'file' | 'entries'>,
): void {
  if (output.mode === 'json') {
    writeJson(output, { type: 'exported', file, entries } satisfies ExportedLine)
    return
  }
  done(output, SPACES.exported(entries), SPACES_PLAIN.exported(name, entries))
  writeResult(output, escapeForDisplay(file))
}
