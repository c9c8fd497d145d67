/** Are transfers slow because the user wanted them to be? */
import { formatBytes } from '../../../util/sizes.ts'
import type { NodeFacts } from '../facts.ts'
import { ok, warning, type Verdict } from '../finding.ts'
import { SLOW_LIMIT } from '../limits.ts'
import { withoutOptions } from '../remedies.ts'

export function checkSpeedLimits({ status }: Pick<NodeFacts, 'status'>): Verdict {
  const { up, down } = status()
  const data = { up, down }
  const said = [say('sending', up), say('receiving', down)].filter((text) => text !== '').join(', ')
  if (said === '') return ok('no limit of speed is set', data)
  const slow = (['up', 'down'] as const).filter((name) => isSlow(data[name]))
  if (slow.length === 0) return ok(`your own limit: ${said}`, data)
  return warning(
    `transfers are slow by your own limit: ${said}`,
    `take it back: ${withoutOptions(slow)}`,
    data,
  )
}

const say = (what: string, rate: number): string => (rate === 0 ? '' : `${what} ${formatBytes(rate)}/s`)
const isSlow = (rate: number): boolean => rate > 0 && rate < SLOW_LIMIT
