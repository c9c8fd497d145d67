/** What is said where a search told of fewer than match. */
import { SPACES } from '../../strings/spaces.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, type Output } from '../output.ts'
import { note } from './notes.ts'

interface Counts {
  readonly shown: number
  readonly total: number
  /** More match than were counted. */
  readonly isCut: boolean
}

export function writeMore(output: Output, name: string, { shown, total, isCut }: Counts): void {
  const message = SPACES.moreMatches(shown, total, isCut)
  if (output.mode === 'json') writeJson(output, { type: 'warning', code: 'WARN_MORE_MATCHES', message })
  else note(output, message, SPACES_PLAIN.moreMatches(name, shown, total, isCut))
}
