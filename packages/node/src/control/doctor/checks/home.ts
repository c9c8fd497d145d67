/** Is the home Shoal's to write, and nobody else's? */
import { escapeForDisplay } from '../../../util/display.ts'
import type { MachineFacts } from '../facts.ts'
import { ok, problem, warning, type Verdict } from '../finding.ts'

const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const ELSEWHERE = 'use another folder: --home DIR'

export async function checkHome({
  home,
  homeFacts,
}: Pick<MachineFacts, 'home' | 'homeFacts'>): Promise<Verdict> {
  const { isFolder, isOwn, mode, isWritable, networkFileSystem } = await homeFacts()
  const shown = escapeForDisplay(home)
  const data = { home, mode: mode === null ? null : mode.toString(8).padStart(4, '0'), networkFileSystem }
  const onlyYou = `let only yourself in: chmod 700 '${shown}'`
  if (!isFolder) return problem(`${shown} is not a folder`, ELSEWHERE, data)
  if (isOwn === false) return problem(`${shown} belongs to another user`, ELSEWHERE, data)
  if (!isWritable) {
    return problem(
      `${shown} cannot be written: nothing can be kept`,
      `give this user access, or ${ELSEWHERE}`,
      data,
    )
  }
  const bits = mode ?? 0
  if ((bits & OTHERS_WRITE) !== 0) {
    return problem(`others on this device can change what is in ${shown}`, onlyYou, data)
  }
  if ((bits & OTHERS) !== 0) {
    return warning(`others on this device can look into ${shown}, where keys are`, onlyYou, data)
  }
  if (networkFileSystem !== null) {
    return warning(
      `${shown} lies on a network drive (${networkFileSystem}), where what Shoal keeps can be damaged`,
      `use a folder on a disk of this device: --home DIR`,
      data,
    )
  }
  return ok(`${shown} can be written, and only by you`, data)
}
