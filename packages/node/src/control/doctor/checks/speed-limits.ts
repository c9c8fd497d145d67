/** Are transfers slow, or do they wait, because the user wanted them to? */
import { formatBytes } from '../../../util/sizes.ts'
import type { NodeFacts } from '../facts.ts'
import { ok, warning, type Verdict } from '../finding.ts'
import { SLOW_LIMIT } from '../limits.ts'
import { withoutOptions } from '../remedies.ts'

export function checkSpeedLimits({ status }: Pick<NodeFacts, 'status'>): Verdict {
  const { up, down, bandwidth } = status()
  const data = { up, down }
  const said = [say('sending', up), say('receiving', down)].filter((text) => text !== '').join(', ')
  if (bandwidth.pause === 'schedule') {
    return warning('downloads in the background wait, as your own schedule says', SEE_SCHEDULE, data)
  }
  if (bandwidth.pause === 'metered') {
    const effect = 'downloads in the background wait while the connection is metered'
    return warning(effect, 'let them go on: shoal config set on-metered go', data)
  }
  if (said === '') return ok('no limit of speed is set', data)
  const slow = (['up', 'down'] as const).filter((name) => isSlow(data[name]))
  if (slow.length === 0) return ok(`your own limit: ${said}`, data)
  if (bandwidth.scheduled)
    return warning(`transfers are slow by your own schedule: ${said}`, SEE_SCHEDULE, data)
  return warning(
    `transfers are slow by your own limit: ${said}`,
    `take it back: ${withoutOptions(slow)}`,
    data,
  )
}

const SEE_SCHEDULE = 'see which entry says so: shoal config get schedule'

const say = (what: string, rate: number): string => (rate === 0 ? '' : `${what} ${formatBytes(rate)}/s`)
const isSlow = (rate: number): boolean => rate > 0 && rate < SLOW_LIMIT
