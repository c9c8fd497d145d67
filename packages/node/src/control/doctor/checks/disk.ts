/** Is there room where the home lies? */
import { escapeForDisplay } from '../../../util/display.ts'
import { formatBytes } from '../../../util/sizes.ts'
import type { MachineFacts } from '../facts.ts'
import { ok, problem, warning, type Verdict } from '../finding.ts'
import { LEAST_DISK_BYTES, LOW_DISK_BYTES } from '../limits.ts'

export async function checkDisk({
  home,
  freeBytes,
}: Pick<MachineFacts, 'home' | 'freeBytes'>): Promise<Verdict> {
  const free = await freeBytes()
  const data = { free, low: LOW_DISK_BYTES, least: LEAST_DISK_BYTES }
  const left = `${formatBytes(free)} left on the disk of ${escapeForDisplay(home)}`
  const remedy = 'free space, or use a folder on another disk: --home DIR'
  if (free < LEAST_DISK_BYTES) {
    return problem(`${left}: Shoal cannot keep anything when it is full`, remedy, data)
  }
  if (free < LOW_DISK_BYTES) return warning(`${left}: that is little`, remedy, data)
  return ok(left, data)
}
