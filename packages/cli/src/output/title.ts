/** `✓ Name   facts`: the line that says that something is done, or two lines where one is too short. */
import { cells, cutMiddle, wrap } from './cells.ts'
import type { Theme } from './theme.ts'

const GAP = '   '
const INDENT = '  '
/** Fewer cells than this show nothing of a name that helps. */
const MIN_NAME = 8

/** @param titled puts words around the name */
export function titleLines(
  theme: Theme,
  width: number,
  titled: (name: string) => string,
  name: string,
  facts: string,
): string[] {
  const line = (room: number): string => {
    const text = titled(cutMiddle(name, room, theme.ellipsis))
    return `${theme.paint('green', theme.ok)} ${theme.paint('bold', text)}`
  }
  const titleRoom = width - cells(theme.ok) - 1 - cells(titled(''))
  const room = titleRoom - GAP.length - cells(facts)
  if (room >= Math.min(MIN_NAME, cells(name))) return [line(room) + GAP + facts]
  return [line(titleRoom), ...wrap(facts, width - INDENT.length).map((part) => INDENT + part)]
}
