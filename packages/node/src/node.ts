/** Builds the modules of a node and starts them in order. No logic of its own. */
import { providerDigest } from './content/cid.ts'
import { liveConfig } from './control/config/live-config.ts'
import { JobStore, jobThread } from './control/jobs/job-store.ts'
import { Jobs } from './control/jobs/jobs.ts'
import { Doctor } from './control/doctor/doctor.ts'
import { startControlServer } from './control/server.ts'
import { controlTarget } from './control/target.ts'
import { ShoalError } from './errors.ts'
import type { WarningEvent } from './events.ts'
import { peerIdBytesOf } from './identity/peer-id.ts'
import { hasNetwork, systemInterfaces } from './network/interfaces.ts'
import { memoryChannels } from './network/memory-channel.ts'
import { stopParts, type Parts } from './node-parts.ts'
import { openHost, openIdentity } from './node-host.ts'
import { resolveOptions, type NodeOptions } from './options.ts'
import { RunningNode } from './running-node.ts'
import { BlockWorkers } from './store/block-workers.ts'
import { systemDisk } from './store/disk.ts'
import { takeHome } from './store/home-lock.ts'
import { homePaths, saveToken } from './store/home.ts'
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
import { ShareService } from './transfer/share-service.ts'
import { loadSwarms } from './transfer/swarm/swarm-parts.ts'
import { SessionTable } from './transfer/wire/session-table.ts'
import { SourceReport } from './transfer/swarm/source-report.ts'
import { UploadService } from './transfer/serving/upload-service.ts'
import { VerifyService } from './transfer/verify-service.ts'
import type { ShoalNode } from './shoal-node.ts'
import { pushNewest } from './util/push-newest.ts'
import { systemSeams } from './util/system.ts'

const TOKEN_BYTES = 32
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
    const disk = systemDisk
    const rates = new RateLimits(seams, { up: resolved.up, down: resolved.down })
    const registry = new ShareRegistry({
      onServed: (digest) => parts.host?.discovery.announce(digest),
      onGone: (digest) => parts.host?.discovery.withdraw(digest),
    })
    const swarms = await loadSwarms({ ...identity, file: paths.barredFile, disk, seams, parts })
    parts.barred = swarms.barred
    const table = new SessionTable()
    const uploads = new UploadService({ registry, seams, limits, table, onOpen: swarms.onOpen })
    const notices: WarningEvent[] = []
    const notice = (warning: WarningEvent): void => pushNewest(notices, warning, MAX_NOTICES)
    const store = new ShareStore({
      paths,
      disk,
      seams,
      thread: workerThread(),
      onWarning: (warning) => notice({ type: 'warning', ...warning }),
    })
    parts.store = store
    // Beside the start of the host, which takes longer.
    const opened = store.open()
    opened.catch(() => {})
    const workers = new BlockWorkers(
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
      isServed: (digest) => registry.find(digest) !== undefined,
      onWarning: (warning) => notice({ type: 'warning', ...warning }),
    })
    parts.host = host
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
    })
    await opened
    signal?.throwIfAborted()
    parts.shares = shares
    const metrics = new SourceReport([])
    const search: SearchParts = {
      workers,
      seams,
      limits,
      rates,
      metrics,
      network,
      peers,
      discovery: host.discovery,
      ...swarms,
      sessionsOf: (root, callback) => uploads.onSession(root, callback),
      onSession: (session) => {
        if (table.enter(session)) uploads.serveOn(session)
      },
      keep: (session) => uploads.keep(session),
      dial: async (list, ended, origin) => rates.limit(await host.dial(list, ended, origin)),
      dialSelf: (root) => {
        if (registry.findWhole(providerDigest(root)) === undefined) return undefined
        const [ours, theirs] = memoryChannels(peerIdBytesOf(identity.peerId), identity.peerId)
        uploads.accept(theirs)
        return ours
      },
    }
    const platform = process.platform === 'win32' ? 'win32' : 'posix'
    const node = new RunningNode({
      host,
      options: resolved,
      paths,
      shares,
      inputs: new InputService(store.inputs, shares),
      fetches: new FetchService({
        ...search,
        disk,
        stagings: store.stagings,
        hasNetwork: isOnline,
        serving: { registry, uploads },
        seeds: new SeedService({ shares, registry, uploads, workers, disk, rates, seams }),
        platform,
      }),
      lists: new ListService(search),
      reads: new ReadService(search),
      verifies: new VerifyService({ ...search, disk }),
      doctor: new Doctor({ home: paths.home, disk, seams, host, shares }),
      metrics,
      rates,
      clock: seams.clock,
      parts,
      // Not waited for: whoever starts a node wants to use it.
      clearing: store.stagings.clear(workers),
    })
    const jobs = new Jobs({
      node,
      store: new JobStore({
        home: resolved.home,
        thread: jobThread(),
        onWarning: notice,
      }),
      seams,
      isBackground: resolved.onStopRequest !== undefined,
      onWarning: notice,
    })
    parts.jobs = jobs
    const token = Buffer.from(seams.random.bytes(TOKEN_BYTES)).toString('base64url')
    await saveToken(paths, token)
    parts.control = await startControlServer({
      socket: paths.socket,
      token,
      target: controlTarget(node, liveConfig(resolved.home, disk, node), jobs, resolved.onStopRequest),
      tcp: resolved.apiTcp,
    })
    signal?.throwIfAborted()
    // Not waited for: whoever starts a node wants to use it.
    if (resolved.onStopRequest !== undefined) void jobs.start()
    return node
  } catch (error) {
    await stopParts(parts)
    throw error
  }
}
