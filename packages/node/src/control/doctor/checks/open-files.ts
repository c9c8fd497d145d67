/** May Shoal have enough files and connections open at once? */
import type { MachineFacts } from '../facts.ts'
import { ok, warning, type Verdict } from '../finding.ts'
import { LEAST_OPEN_FILES } from '../limits.ts'

export async function checkOpenFiles({ openFiles }: Pick<MachineFacts, 'openFiles'>): Promise<Verdict> {
  const { most, now } = await openFiles()
  const data = { most, now }
  if (most === null) return ok('this system sets no bound to files and connections', data)
  if (most < LEAST_OPEN_FILES) {
    return warning(
      `only ${most} files and connections can be open at once: with many devices some are turned away`,
      `raise that before Shoal is started: ulimit -n 4096`,
      data,
    )
  }
  return ok(`${most} files and connections can be open at once`, data)
}
