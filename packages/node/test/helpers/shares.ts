/** Makes shares of files on disk, records them, and opens the store of a home. */
import type { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import { homePaths, type HomePaths } from '../../src/store/home.ts'
import { ownThread, type IndexWarning } from '../../src/store/share-index.ts'
import type { ShareSpec } from '../../src/store/share-lookup.ts'
import { makeShare, type MadeShare } from '../../src/store/share-maker.ts'
import { ShareStore, type FindSameOptions } from '../../src/store/share-store.ts'
import { shareName, sharedPaths } from '../../src/store/shared-paths.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder } from './files.ts'

export function specOf(path: string | readonly string[], given: Partial<ShareSpec> = {}): ShareSpec {
  const paths = sharedPaths(path)
  return { paths, name: shareName(paths), isPublic: false, preserve: false, exclude: [], ...given }
}

export interface TestStore {
  readonly store: ShareStore
  readonly paths: HomePaths
  readonly warnings: IndexWarning[]
}

/** The store of a home, opened; `disk` may fail on purpose. */
export async function openStore(paths?: HomePaths, disk: Disk = systemDisk): Promise<TestStore> {
  const where = paths ?? homePaths(await temporaryFolder(), {})
  const warnings: IndexWarning[] = []
  const store = new ShareStore({
    paths: where,
    disk,
    seams: systemSeams,
    thread: ownThread(),
    onWarning: (warning) => warnings.push(warning),
  })
  await store.open()
  return { store, paths: where, warnings }
}

export interface SharedAgain {
  readonly made: MadeShare
  /** Name of the record that goes on; undefined for a new share. */
  readonly found: string | undefined
  /** Earlier shares that hold something else. */
  readonly different: readonly string[]
}

/** Shares a path as the share service does: goes on with a share of before, or records a new one. */
export async function shareIn(
  { store }: TestStore,
  spec: ShareSpec,
  workers: BlockWorkers,
  options: Partial<FindSameOptions> = {},
): Promise<SharedAgain> {
  const different: string[] = []
  let wasRead = false
  const made = await makeShare({
    ...spec,
    disk: systemDisk,
    random: systemSeams.random,
    workers,
    findSame: async (walked) => {
      const found = await store.findSame(spec, walked, {
        workers,
        served: () => undefined,
        onDifferent: (id) => different.push(id),
        ...options,
      })
      wasRead = found?.wasRead ?? false
      return found
    },
  })
  if (made.id === undefined) await store.add(spec, made)
  else await store.goOn(spec, { made, wasRead })
  return { made, found: made.id, different }
}
