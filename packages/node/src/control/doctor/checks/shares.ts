/** Is what was shared still what lies on the disk? */
import type { Looking, NodeFacts } from '../facts.ts'
import { ok, warning, type Verdict } from '../finding.ts'

/** Counts only: names of files do not belong into a report. */
export async function checkShares(
  { shares }: Pick<NodeFacts, 'shares'>,
  { signal }: Pick<Looking, 'signal'>,
): Promise<Verdict> {
  let serving = 0
  let stale = 0
  for await (const { state } of shares(signal)) {
    if (state === 'stale') stale++
    else serving++
  }
  const data = { serving, stale }
  if (stale > 0) {
    const items = stale === 1 ? '1 shared item is gone or was' : `${stale} shared items are gone or were`
    return warning(
      `${items} changed since: others cannot get all of it`,
      'see which with shoal shares, and share them again for a new link',
      data,
    )
  }
  if (serving === 0) return ok('nothing is shared now', data)
  return ok(`${serving} ${serving === 1 ? 'item' : 'items'} shared, none of them changed`, data)
}
