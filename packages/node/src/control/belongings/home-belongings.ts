/** Reads what of a home goes along with its identity, and makes it part of another home. */
import type { WarningEvent } from '../../events.ts'
import { keepSpaces, keptSpaces } from '../../spaces/host/kept-spaces.ts'
import { MAX_SPACES } from '../../spaces/host/limits.ts'
import { systemDisk, type Disk } from '../../store/disk.ts'
import { takeHome } from '../../store/home-lock.ts'
import { homePaths, type HomePaths } from '../../store/home.ts'
import { linksOfIndex } from '../../store/links-of-index.ts'
import { ownThread } from '../../store/share-index.ts'
import { ShareStore } from '../../store/share-store.ts'
import { systemSeams } from '../../util/system.ts'
import type { Belongings } from './belongings.ts'

export type OnWarning = (warning: WarningEvent) => void

/**
 * What there is in a home, on which a node may run: nothing of it is changed.
 *
 * @throws ShoalError ERR_HOME_BUSY when a process is just starting on it, and as `ShareStore.open`
 */
export async function belongingsOf(home: string, onWarning: OnWarning): Promise<Belongings> {
  const paths = homePaths(home, {})
  const lock = takeHome(paths.home)
  let store: ShareStore | undefined
  try {
    // Where nobody has the home, its index may be missing or of an older version.
    if (lock !== undefined) await (store = storeOf(paths, systemDisk, onWarning)).open()
    const { list, shares, leftOut } = linksOfIndex(paths.indexFile)
    if (leftOut > 0) {
      const message = `the file has no room for the links of the ${leftOut} oldest shares: they stay here alone`
      onWarning({ type: 'warning', code: 'WARN_NOT_EXPORTED', message })
    }
    return { spaces: keptSpaces(paths.home).slice(0, MAX_SPACES), list, shares }
  } finally {
    await store?.close()
    lock?.release()
  }
}

/**
 * Makes it part of a home that this process has, in place of what an import left that ended in the middle. Can be done again.
 *
 * @throws ShoalError as `keepSpaces` and `ShareStore.open`
 */
export async function takeOver(
  home: string,
  { spaces, list }: Belongings,
  disk: Disk,
  onWarning: OnWarning,
): Promise<void> {
  await keepSpaces(home, spaces, disk)
  const store = storeOf(homePaths(home, {}), disk, onWarning)
  try {
    await store.open()
    await store.setElsewhere(list)
  } finally {
    await store.close()
  }
}

function storeOf(paths: HomePaths, disk: Disk, onWarning: OnWarning): ShareStore {
  return new ShareStore({
    paths,
    disk,
    seams: systemSeams,
    thread: ownThread(),
    onWarning: (warning) => onWarning({ type: 'warning', ...warning }),
  })
}
