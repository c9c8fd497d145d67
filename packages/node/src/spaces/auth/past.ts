/** What a log came to for the author of one of its operations. */
import type { Hex } from './action.ts'
import { LOG_LIMITS } from './limits.ts'
import { AuthLog } from './log.ts'
import type { Operation } from './operation.ts'
import type { AuthState } from './state.ts'

const NO_FRAME = new Uint8Array()
/** It was within the bounds of the log that it is taken from. */
const UNBOUNDED = Object.fromEntries(
  Object.keys(LOG_LIMITS).map((name) => [name, Infinity]),
) as unknown as typeof LOG_LIMITS

/**
 * Of `id` and all that stands before it; as long as resolving a log of that size.
 *
 * @param id of an operation that is in the log
 */
export function stateAfter(log: AuthLog, id: Hex): AuthState {
  const { graph } = log.facts
  const isBefore = new Uint8Array(graph.size)
  const last = graph.numberOf(id) as number
  isBefore[last] = 1
  const past = new AuthLog(log.space, UNBOUNDED)
  const prevOf = (number: number): number[] => {
    const numbers: number[] = []
    for (let at = graph.start(number); at < graph.start(number + 1); at++)
      numbers.push(graph.linkTable[at] as number)
    return numbers
  }
  for (let number = last; number >= 0; number--) {
    if (isBefore[number] === 1) for (const before of prevOf(number)) isBefore[before] = 1
  }
  for (let number = 0; number <= last; number++) {
    if (isBefore[number] !== 1) continue
    const action = graph.action(number)
    const operation: Operation = {
      id: graph.id(number),
      space: action.type === 'genesis' ? undefined : log.space,
      author: graph.author(number),
      prev: prevOf(number).map((before) => graph.id(before)),
      action,
      frame: NO_FRAME,
    }
    past.add(operation)
  }
  return past.state
}
