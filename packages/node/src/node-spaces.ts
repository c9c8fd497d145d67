/** Builds what a node has of spaces. No logic of its own. */
import type { SpaceRequest, WarningEvent } from './events.ts'
import type { Host } from './network/host.ts'
import type { OperationRuns } from './operation-runs.ts'
import { RunningSpaces } from './running-spaces.ts'
import { spaceThread } from './spaces/host/space-host.ts'
import { SpaceService } from './spaces/host/space-service.ts'
import type { ShareStore } from './store/share-store.ts'
import type { FetchService } from './transfer/fetch-service.ts'
import type { ListService } from './transfer/list-service.ts'
import { whereFound, type LinkHost } from './transfer/share-link.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { Seams } from './util/seams.ts'

export interface NodeSpacesInit {
  readonly home: string
  readonly runs: OperationRuns
  readonly shares: ShareService
  readonly store: ShareStore
  readonly fetches: FetchService
  readonly lists: ListService
  readonly links: LinkHost
  readonly net: Host
  readonly seams: Seams
  /** What this device calls itself. */
  readonly deviceName: () => string
  readonly onWarning: (warning: WarningEvent) => void
  /** Told of each space in which something may have changed. */
  readonly onChange: (space: string) => void
  /** Told who asks to be let into a space. */
  readonly onRequests: (space: string, requests: readonly SpaceRequest[]) => void
}

/** Starts nothing: a home without spaces has no thread for them. */
export function openSpaces({
  home,
  runs,
  shares,
  store,
  fetches,
  lists,
  links,
  ...more
}: NodeSpacesInit): RunningSpaces {
  const service = new SpaceService({
    home,
    thread: spaceThread(home),
    share: (paths, options) => shares.share(paths, options),
    serve: (root, options) => shares.serve(root, options),
    madeOf: async (root) => {
      const [row] = await store.newest(root, 1)
      return row && shares.scrubbed.find(row)
    },
    known: (roots) => store.known(roots),
    sound: (roots) => store.sound(roots),
    fetch: (link, options) => fetches.fetch(link, options),
    stat: (link, options) => lists.stat(link, options),
    whereFound: () => whereFound(links),
    network: links.network,
    ...more,
  })
  return new RunningSpaces(service, runs)
}
