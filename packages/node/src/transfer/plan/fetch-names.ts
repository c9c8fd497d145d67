/** The names of a share before anything of it is created: judged, and chosen from. */
import type { Glob } from '../../content/glob.ts'
import { PathJudge, type PathRules } from '../../content/safe-path.ts'
import { select } from '../../content/selection.ts'
import { ShoalError } from '../../errors.ts'
import type { WarningEvent } from '../../events.ts'
import { escapeForDisplay } from '../../util/display.ts'
import type { FetchPlan } from './fetch-plan.ts'

type OnWarning = ((event: WarningEvent) => void) | undefined

/**
 * Judges the name of the result like every other name of the share.
 *
 * @throws ShoalError ERR_UNSAFE_NAME, ERR_LIMIT, ERR_CONTENT_INVALID
 */
export function judgeNames(plan: FetchPlan, rules: PathRules, onWarning?: OnWarning): void {
  const roots = new PathJudge(rules)
  const inside = new PathJudge(rules)
  const warn = (message: string | undefined): void => {
    if (message !== undefined) onWarning?.({ type: 'warning', code: 'WARN_UNPORTABLE_NAME', message })
  }
  warn(roots.accept(plan.name, plan.kind).warning)
  for (const entry of plan.entries) {
    if (entry.path !== '') warn(inside.accept(entry.path, entry.kind).warning)
  }
}

/**
 * What was asked for, of all that the share holds: for each entry 1 or 0.
 *
 * @param only everything when it is empty
 * @throws ShoalError ERR_NOT_IN_SHARE when that is nothing
 */
export function selectEntries(
  { entries, name }: FetchPlan,
  only: readonly Glob[],
  onWarning: OnWarning,
): Uint8Array {
  if (only.length === 0) return new Uint8Array(entries.length).fill(1)
  const { isSelected, unused } = select(entries, only, name)
  const shown = unused.map(({ pattern }) => escapeForDisplay(JSON.stringify(pattern)))
  if (unused.length === only.length) {
    throw new ShoalError('ERR_NOT_IN_SHARE', `nothing in this share matches ${shown.join(' or ')}`)
  }
  for (const pattern of shown) {
    onWarning?.({ type: 'warning', code: 'WARN_ONLY_UNUSED', message: `nothing matches ${pattern}` })
  }
  return isSelected
}
