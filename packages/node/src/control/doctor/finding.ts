/** What a check says. */
import type { FindingEvent, FindingId, FindingValue } from '../../events.ts'

/** What a look at one thing found out. */
export type Finding = Omit<FindingEvent, 'type'>

/** A finding without the id, which whoever runs the check knows. */
export type Verdict = Omit<Finding, 'id'>

type Data = Readonly<Record<string, FindingValue>>

/** What to do on a machine without any network. */
export const SWITCH_ON = 'switch on the network, or plug in its cable'

export function ok(effect: string, data: Data = {}): Verdict {
  return { severity: 'ok', effect, remedy: null, data }
}

export function warning(effect: string, remedy: string | null, data: Data = {}): Verdict {
  return { severity: 'warning', effect, remedy, data }
}

export function problem(effect: string, remedy: string | null, data: Data = {}): Verdict {
  return { severity: 'problem', effect, remedy, data }
}

/** Every id, in the order in which a report reads best. */
export const FINDING_IDS = [
  'start',
  'runtime',
  'home',
  'disk',
  'files',
  'internet',
  'incoming',
  'local-network',
  'dht',
  'shares',
  'limits',
] as const satisfies readonly FindingId[]
