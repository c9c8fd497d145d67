/** Builds the modules of a node and starts them in order. No logic of its own. */
import { join } from 'node:path'
import { providerDigest } from './content/cid.ts'
import { Bandwidth } from './control/bandwidth/bandwidth.ts'
import { systemMetered } from './control/bandwidth/metered.ts'
import { Doctor } from './control/doctor/doctor.ts'
import { NodeChanges } from './control/events/node-changes.ts'
import { traceFetch } from './control/observe/fetch-traces.ts'
import { openLogs } from './control/observe/json-logs.ts'
import { MeasuredWorkers } from './control/observe/measured-workers.ts'
import { NodeWatch } from './control/observe/node-watch.ts'
import { ShoalError } from './errors.ts'
import type { WarningEvent } from './events.ts'
import { peerIdBytesOf } from './identity/peer-id.ts'
import { hasNetwork, systemInterfaces } from './network/interfaces.ts'
import type { Channel } from './network/channel.ts'
import { LoopWatchdog } from './network/loop-watchdog.ts'
import { memoryChannels } from './network/memory-channel.ts'
import { openControl } from './node-control.ts'
import { openSpaces } from './node-spaces.ts'
import { stopParts, type Parts } from './node-parts.ts'
import { openHost, openIdentity } from './node-host.ts'
import { OperationRuns } from './operation-runs.ts'
import { resolveOptions, type NodeOptions } from './options.ts'
import { RunningNode } from './running-node.ts'
import { RepairNote } from './store/repair-note.ts'
import { systemDisk } from './store/disk.ts'
import { takeHome } from './store/home-lock.ts'
import { homePaths } from './store/home.ts'
import { Ledger } from './store/quota/ledger.ts'
import { workerThread } from './store/share-index.ts'
import { ShareStore } from './store/share-store.ts'
import { FetchService } from './transfer/fetch-service.ts'
import { TRANSFER_LIMITS } from './transfer/limits.ts'
import { InputService } from './transfer/input-service.ts'
import { ListService } from './transfer/list-service.ts'
import { RateLimits } from './transfer/rates/rate-limits.ts'
import { ReadService } from './transfer/read-service.ts'
import type { SearchParts } from './transfer/swarm/search-options.ts'
import { ShareRegistry } from './transfer/serving/share-registry.ts'
import { SeedService } from './transfer/seed-service.ts'
import { ScrubService } from './transfer/scrub-service.ts'
import { ShareService } from './transfer/share-service.ts'
import { loadSwarms } from './transfer/swarm/swarm-parts.ts'
import type { Session } from './transfer/wire/session.ts'
import { SessionTable } from './transfer/wire/session-table.ts'
import { SourceReport } from './transfer/swarm/source-report.ts'
import { SourceWatch } from './transfer/source-watch.ts'
import { UploadService } from './transfer/serving/upload-service.ts'
import { VerifyService } from './transfer/verify-service.ts'
import type { ShoalNode } from './shoal-node.ts'
import { pushNotice } from './util/push-notice.ts'
import { systemDeviceName, systemSeams, systemZone } from './util/system.ts'

/** Warnings that wait for somebody who is told of them. */
const MAX_NOTICES = 100

/**
 * Starts a node: takes its home, loads or makes its identity, listens, and opens the home's control socket. When it
 * fails or is aborted, nothing that it started runs on and the home is free again.
 *
 * @throws ShoalError ERR_OPTIONS_INVALID; ERR_HOME_BUSY when another node has the home, ERR_HOME_INVALID,
 *   ERR_SQLITE_VERSION; ERR_LISTEN; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION. On abort it rejects
 *   with the signal's reason.
 */
export async function createNode(options: NodeOptions = {}): Promise<ShoalNode> {
  const resolved = resolveOptions(options, process.env)
  const { signal } = resolved
  signal?.throwIfAborted()
  const paths = homePaths(resolved.home, process.env)
  // Makes the home, which the lock lies in.
  const identity = await openIdentity(resolved)
  signal?.throwIfAborted()
  const lock = takeHome(resolved.home)
  if (lock === undefined) {
    throw new ShoalError('ERR_HOME_BUSY', `another Shoal process uses ${resolved.home}`)
  }
  const parts: Parts = { lock }
  try {
    const limits = TRANSFER_LIMITS
    const seams = systemSeams
    const observer = new NodeWatch(await openLogs(resolved.log, seams.clock), seams)
    parts.observer = observer
    const counts = observer.transfers
    const disk = systemDisk
    const rates = new RateLimits(seams)
    const bandwidth = new Bandwidth({
      rates,
      seams,
      zone: systemZone,
      probe: systemMetered(),
      options: resolved,
    })
    parts.bandwidth = bandwidth
    const registry = new ShareRegistry({
      onServed: (digest) => {
        observer.served(true)
        parts.host?.discovery.announce(digest)
      },
      onGone: (digest) => {
        observer.served(false)
        parts.host?.discovery.withdraw(digest)
      },
    })
    const swarms = await loadSwarms({ ...identity, file: paths.barredFile, disk, seams, parts })
    parts.barred = swarms.barred
    const notices: WarningEvent[] = []
    const changes = new NodeChanges({
      seams,
      status: () => node.status(),
      shareOf: (root) => shares.shareOf(root),
    })
    const notice = (warning: WarningEvent): void => {
      observer.warning(warning)
      pushNotice(notices, warning, MAX_NOTICES)
      changes.onWarning(warning)
    }
    const shedding = new LoopWatchdog({ ...seams, onWarning: notice })
    parts.watchdog = shedding
    const table = new SessionTable()
    const onOpen = (session: Session): void => {
      observer.session(session)
      swarms.onOpen(session)
    }
    const uploads = new UploadService({ registry, seams, limits, counts, table, onOpen, shedding })
    const ledger = new Ledger(resolved.quota)
    const store = new ShareStore({
      paths,
      ledger,
      disk,
      seams,
      thread: workerThread(),
      onWarning: (warning) => notice({ type: 'warning', ...warning }),
    })
    parts.store = store
    // Beside the start of the host, which takes longer.
    const opened = store.open()
    opened.catch(() => {})
    const workers = new MeasuredWorkers(
      seams.clock,
      resolved.workerThreads === undefined ? {} : { threads: resolved.workerThreads },
    )
    workers.start()
    parts.workers = workers
    parts.uploads = uploads
    const host = await openHost({
      identity,
      options: resolved,
      paths,
      seams,
      disk,
      onChannel: (channel) => swarms.admit(channel, (admitted) => uploads.accept(rates.limit(admitted))),
      shedding,
      isServed: (digest) => registry.find(digest) !== undefined || parts.spaces?.isNamed(digest) === true,
      onWarning: (warning) => notice({ type: 'warning', ...warning }),
      log: observer.logs.of('libp2p'),
    })
    parts.host = host
    observer.listening(host)
    signal?.throwIfAborted()
    const { network, peers } = resolved
    const isOnline = (): boolean => hasNetwork(systemInterfaces)
    const addresses = (): string[] => host.addresses()
    const shares = new ShareService({
      registry,
      uploads,
      store,
      rates,
      notices,
      workers,
      disk,
      seams,
      network,
      peerId: host.peerId,
      addresses,
      hasNetwork: isOnline,
      onChange: (root) => changes.onShare(root),
      onServing: (event) => changes.onServing(event),
    })
    await opened
    signal?.throwIfAborted()
    parts.shares = shares
    const metrics = new SourceReport([])
    const dial = observer.dials((...given) => host.dial(...given))
    const callSelf = (): Channel => {
      const [ours, theirs] = memoryChannels(peerIdBytesOf(identity.peerId), identity.peerId)
      uploads.accept(theirs)
      return ours
    }
    const search: SearchParts = {
      workers,
      seams,
      limits,
      rates,
      counts,
      metrics,
      network,
      peers,
      discovery: host.discovery,
      ...swarms,
      sessionsOf: (root, callback) => uploads.onSession(root, callback),
      onSession: (session) => {
        observer.session(session)
        if (table.enter(session)) uploads.serveOn(session)
      },
      keep: (session) => uploads.keep(session),
      dial: async (list, ended, origin) => rates.limit(await dial(list, ended, origin)),
      dialSelf: (root) => (registry.findWhole(providerDigest(root)) === undefined ? undefined : callSelf()),
    }
    const scrubs = new ScrubService({
      ...search,
      disk,
      shares: shares.scrubbed,
      note: new RepairNote(join(resolved.home, 'repairing'), disk),
    })
    const watch = new SourceWatch({ shares: shares.watched, disk, workers, seams })
    parts.watch = watch
    const platform = process.platform === 'win32' ? 'win32' : 'posix'
    const fetches = new FetchService({
      ...search,
      trace: traceFetch,
      disk,
      stagings: store.stagings,
      hasNetwork: isOnline,
      serving: { registry, uploads },
      seeds: new SeedService({ shares, registry, uploads, workers, disk, rates, seams }),
      platform,
    })
    const lists = new ListService(search)
    const runs = new OperationRuns(observer.operations)
    const spaces = openSpaces({
      home: paths.home,
      runs,
      shares,
      store,
      fetches,
      lists,
      links: { network, peerId: host.peerId, addresses },
      net: host,
      seams,
      deviceName: systemDeviceName,
      onWarning: notice,
      onChange: (space) => changes.onSpace(space),
      onRequests: (space, requests) => changes.onRequests(space, requests),
    })
    parts.spaces = spaces.service
    const node = new RunningNode({
      host,
      options: resolved,
      paths,
      shares,
      inputs: new InputService(store.inputs, shares),
      fetches,
      lists,
      reads: new ReadService({
        ...search,
        ownPart: (root) => (registry.find(providerDigest(root)) === undefined ? undefined : callSelf),
      }),
      verifies: new VerifyService({ ...search, disk }),
      scrubs,
      spaces,
      runs,
      doctor: new Doctor({ home: paths.home, disk, seams, host, shares }),
      metrics,
      rates,
      ledger,
      bandwidth,
      clock: seams.clock,
      watchdog: shedding,
      parts,
      // Not waited for: whoever starts a node wants to use it.
      clearing: store.stagings.clear(workers),
    })
    const begin = await openControl({
      node,
      options: resolved,
      paths,
      seams,
      disk,
      parts,
      ledger,
      store,
      shares,
      serving: uploads,
      scrubs,
      bandwidth,
      changes,
      notice,
      observer,
      facts: { host, workers, metrics, table, registry, rates },
      platform,
    })
    signal?.throwIfAborted()
    watch.start()
    observer.started(resolved, host)
    begin()
    await spaces.service.start()
    // A start itself keeps the loop for longer than anything later.
    shedding.start()
    return node
  } catch (error) {
    await stopParts(parts)
    throw error
  }
}
