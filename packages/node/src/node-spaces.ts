/** Builds what a node has of spaces. No logic of its own. */
import type { WarningEvent } from './events.ts'
import type { Host } from './network/host.ts'
import type { OperationRuns } from './operation-runs.ts'
import { RunningSpaces } from './running-spaces.ts'
import { spaceThread } from './spaces/host/space-host.ts'
import { SpaceService } from './spaces/host/space-service.ts'
import type { ShareStore } from './store/share-store.ts'
import type { FetchService } from './transfer/fetch-service.ts'
import type { ListService } from './transfer/list-service.ts'
import { whereFound } from './transfer/share-link.ts'
import type { NetworkPreset } from './options.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { Seams } from './util/seams.ts'

export interface NodeSpacesInit {
  readonly home: string
  readonly runs: OperationRuns
  readonly shares: ShareService
  readonly store: ShareStore
  readonly fetches: FetchService
  readonly lists: ListService
  readonly network: NetworkPreset
  readonly host: Host
  readonly seams: Seams
  readonly onWarning: (warning: WarningEvent) => void
  /** Told of each space in which something may have changed. */
  readonly onChange: (space: string) => void
}

/** Starts nothing: a home without spaces has no thread for them. */
export function openSpaces({
  home,
  runs,
  shares,
  store,
  fetches,
  lists,
  network,
  host,
  seams,
  onWarning,
  onChange,
}: NodeSpacesInit): RunningSpaces {
  const service = new SpaceService({
    home,
    thread: spaceThread(home),
    network: host,
    seams,
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
    whereFound: () => whereFound({ network, peerId: host.peerId, addresses: () => host.addresses() }),
    onWarning,
    onChange,
  })
  return new RunningSpaces(service, runs)
}
