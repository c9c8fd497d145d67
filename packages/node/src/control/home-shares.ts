/**
 * The shares of a home on which no node runs: opened without the network, for a command that looks or removes and ends.
 */
import { ShoalError } from '../errors.ts'
import type { WarningEvent } from '../events.ts'
import { loadIdentity } from '../identity/identity.ts'
import { systemDisk } from '../store/disk.ts'
import { takeHome } from '../store/home-lock.ts'
import type { HomePaths } from '../store/home.ts'
import { ownThread } from '../store/share-index.ts'
import { ShareStore } from '../store/share-store.ts'
import { knownShare, notShared, type KnownShare } from '../transfer/known-share.ts'
import { linksOf } from '../transfer/share-link.ts'
import { systemSeams } from '../util/system.ts'

export interface HomeShares {
  /** Told of in the order in which they were made. */
  shares: () => AsyncGenerator<KnownShare>
  /** @throws ShoalError ERR_NOT_SHARED */
  unshare: (root: string) => Promise<KnownShare[]>
  /** Gives the home back. */
  close: () => Promise<void>
}

/** @throws ShoalError ERR_HOME_BUSY when a process has the home, and as `ShareStore.open` */
export async function openHomeShares(
  paths: HomePaths,
  onWarning: (warning: WarningEvent) => void,
): Promise<HomeShares> {
  const { peerId } = await loadIdentity(paths.home)
  const lock = takeHome(paths.home)
  if (lock === undefined) {
    throw new ShoalError('ERR_HOME_BUSY', `another Shoal process uses ${paths.home}`)
  }
  const store = new ShareStore({
    paths,
    disk: systemDisk,
    seams: systemSeams,
    thread: ownThread(),
    onWarning: (warning) => onWarning({ type: 'warning', ...warning }),
  })
  const close = async (): Promise<void> => {
    await store.close()
    lock.release()
  }
  // Nobody listens: the link says who has it, and not where.
  const linkTo = linksOf({ network: 'public', peerId, addresses: () => [] })
  try {
    await store.open()
  } catch (error) {
    await close()
    throw error
  }
  return {
    async *shares() {
      for await (const row of store.list()) yield knownShare(row, linkTo, false)
    },
    unshare: async (root) => {
      const rows = await store.byRoot(root)
      if (rows.length === 0) throw notShared()
      await store.remove(rows)
      return rows.map((row) => knownShare(row, linkTo, false))
    },
    close,
  }
}
