/** The facade: builds the modules of a node, starts and stops them in order, and delegates. No logic of its own. */
import { writeFile } from 'node:fs/promises'
import { providerDigest } from './content/cid.ts'
import { startControlServer } from './control/server.ts'
import { controlTarget } from './control/target.ts'
import { ShoalError } from './errors.ts'
import type { StatusEvent, WarningEvent } from './events.ts'
import { loadIdentity } from './identity/identity.ts'
import { peerIdBytes } from './identity/peer-id.ts'
import type { Host } from './network/host.ts'
import { hasNetwork, systemInterfaces } from './network/interfaces.ts'
import { memoryChannels } from './network/memory-channel.ts'
import { resolveListen } from './network/listen-port.ts'
import { stopParts, type Parts } from './node-parts.ts'
import { nodeStatus } from './node-status.ts'
import { resolveOptions, type NodeOptions, type ResolvedNodeOptions } from './options.ts'
import { BlockWorkers } from './store/block-workers.ts'
import { systemDisk } from './store/disk.ts'
import { takeHome } from './store/home-lock.ts'
import { homePaths, loadPort, savePort, type HomePaths } from './store/home.ts'
import { workerThread } from './store/share-index.ts'
import { ShareStore } from './store/share-store.ts'
import { PROTOCOL } from './transfer/constants.ts'
import { FetchService, type FetchOptions, type FetchResult } from './transfer/fetch-service.ts'
import { TRANSFER_LIMITS } from './transfer/limits.ts'
import { InputService, type ShareInputOptions } from './transfer/input-service.ts'
import type { KnownShare } from './transfer/known-share.ts'
import { ListService, type ListEntry, type ListOptions } from './transfer/list-service.ts'
import { ReadService, type ReadOptions } from './transfer/read-service.ts'
import type { SearchParts } from './transfer/search-options.ts'
import { ShareRegistry } from './transfer/share-registry.ts'
import { SeedService } from './transfer/seed-service.ts'
import type { ListSharesOptions, Share, ShareOptions } from './transfer/share-options.ts'
import { ShareService } from './transfer/share-service.ts'
import { SourceReport } from './transfer/source-report.ts'
import { UploadService } from './transfer/upload-service.ts'
import { VerifyService, type VerifyOptions, type VerifyResult } from './transfer/verify-service.ts'
import type { ShoalNode } from './shoal-node.ts'
import { systemSeams } from './util/system.ts'

const TOKEN_BYTES = 32

/**
 * Starts a node: takes its home, loads or makes its identity, listens, and opens the home's control socket.
 *
 * @throws ShoalError ERR_HOME_BUSY when another process has the home, ERR_HOME_INVALID, ERR_LISTEN,
 *   ERR_OPTIONS_INVALID
 */
export async function createNode(options: NodeOptions = {}): Promise<ShoalNode> {
  const resolved = resolveOptions(options, process.env)
  const paths = homePaths(resolved.home, process.env)
  // Makes the home, which the lock lies in.
  const identity = await loadIdentity(resolved.home)
  const lock = takeHome(resolved.home)
  if (lock === undefined) {
    throw new ShoalError('ERR_HOME_BUSY', `another Shoal process uses ${resolved.home}`)
  }
  const parts: Parts = { lock }
  try {
    const limits = TRANSFER_LIMITS
    const seams = systemSeams
    const disk = systemDisk
    const registry = new ShareRegistry({
      onServed: (digest) => parts.host?.discovery.announce(digest),
      onGone: (digest) => parts.host?.discovery.withdraw(digest),
    })
    const uploads = new UploadService({ registry, seams, limits })
    const notices: WarningEvent[] = []
    const store = new ShareStore({
      paths,
      disk,
      seams,
      thread: workerThread(),
      onWarning: (warning) => void notices.push({ type: 'warning', ...warning }),
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
    // A library so large that what the threads do is done when it is loaded.
    const { startHost } = await import('./network/host.ts')
    const host = await startHost({
      privateKey: identity.privateKey,
      listen: await resolveListen(resolved.listen, {
        load: () => loadPort(paths),
        save: (port) => savePort(paths, port),
      }),
      network: resolved.network,
      bootstrap: resolved.bootstrap,
      mdns: resolved.mdns,
      networkKey: resolved.networkKey,
      isDebugged: process.env['DEBUG'] !== undefined,
      seams,
      disk,
      bookFile: paths.peersFile,
      protocol: PROTOCOL,
      onChannel: (channel) => uploads.accept(channel),
      isServed: (digest) => registry.find(digest) !== undefined,
      onWarning: (warning) => void notices.push({ type: 'warning', ...warning }),
    })
    parts.host = host
    const { network, peers } = resolved
    const isOnline = (): boolean => hasNetwork(systemInterfaces)
    const addresses = (): string[] => host.addresses()
    const shares = new ShareService({
      registry,
      uploads,
      store,
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
    parts.shares = shares
    const metrics = new SourceReport([])
    const search: SearchParts = {
      workers,
      seams,
      limits,
      metrics,
      network,
      peers,
      discovery: host.discovery,
      dial: (list, signal, origin) => host.dial(list, signal, origin),
      dialSelf: (root) => {
        if (registry.findWhole(providerDigest(root)) === undefined) return undefined
        const [ours, theirs] = memoryChannels(peerIdBytes(identity.publicKey), identity.peerId)
        uploads.accept(theirs)
        return ours
      },
    }
    const platform = process.platform === 'win32' ? 'win32' : 'posix'
    const node = new Node({
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
        seeds: new SeedService({ shares, registry, uploads, workers, disk, seams }),
        platform,
      }),
      lists: new ListService(search),
      reads: new ReadService(search),
      verifies: new VerifyService({ ...search, disk }),
      metrics,
      parts,
      // Not waited for: whoever starts a node wants to use it.
      clearing: store.stagings.clear(workers),
    })
    const token = Buffer.from(seams.random.bytes(TOKEN_BYTES)).toString('base64url')
    await writeFile(paths.tokenFile, `${token}\n`, { mode: 0o600 })
    parts.control = await startControlServer({ socket: paths.socket, token, target: controlTarget(node) })
    return node
  } catch (error) {
    await stopParts(parts)
    throw error
  }
}

interface NodeInit {
  readonly host: Host
  readonly options: ResolvedNodeOptions
  readonly paths: HomePaths
  readonly shares: ShareService
  readonly inputs: InputService
  readonly fetches: FetchService
  readonly lists: ListService
  readonly reads: ReadService
  readonly verifies: VerifyService
  readonly metrics: SourceReport
  readonly parts: Parts
  /** What is cleared away beside the start. */
  readonly clearing: Promise<void>
}

class Node implements ShoalNode {
  readonly #host: Host
  readonly #options: ResolvedNodeOptions
  readonly #paths: HomePaths
  readonly #shares: ShareService
  readonly #inputs: InputService
  readonly #fetches: FetchService
  readonly #lists: ListService
  readonly #reads: ReadService
  readonly #verifies: VerifyService
  readonly #metrics: SourceReport
  readonly #parts: Parts
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  #stopped: Promise<void> | undefined

  constructor(init: NodeInit) {
    this.#host = init.host
    this.#options = init.options
    this.#paths = init.paths
    this.#shares = init.shares
    this.#inputs = init.inputs
    this.#fetches = init.fetches
    this.#lists = init.lists
    this.#reads = init.reads
    this.#verifies = init.verifies
    this.#metrics = init.metrics
    this.#parts = init.parts
    void this.#track(init.clearing)
  }

  get peerId(): string {
    return this.#host.peerId
  }

  addresses(): string[] {
    return this.#host.addresses()
  }

  status(): StatusEvent {
    return nodeStatus(this.#host, this.#options, this.#paths, this.#metrics)
  }

  share(path: string, options: ShareOptions = {}): Promise<Share> {
    return this.#track(this.#shares.share(path, { ...options, signal: this.#signal(options.signal) }))
  }

  shareInput(source: AsyncIterable<Uint8Array>, options: ShareInputOptions = {}): Promise<Share> {
    return this.#track(this.#inputs.share(source, { ...options, signal: this.#signal(options.signal) }))
  }

  shares(options: ListSharesOptions = {}): AsyncIterableIterator<KnownShare> {
    return this.#shares.list(options)
  }

  unshare(root: string): Promise<KnownShare[]> {
    return this.#track(this.#shares.unshare(root))
  }

  fetch(link: string, options: FetchOptions = {}): Promise<FetchResult> {
    return this.#track(this.#fetches.fetch(link, { ...options, signal: this.#signal(options.signal) }))
  }

  list(link: string, options: ListOptions = {}): AsyncIterableIterator<ListEntry> {
    return this.#lists.list(link, { ...options, signal: this.#signal(options.signal) })
  }

  read(link: string, options: ReadOptions = {}): AsyncIterableIterator<Uint8Array> {
    return this.#reads.read(link, { ...options, signal: this.#signal(options.signal) })
  }

  verify(path: string, link: string, options: VerifyOptions = {}): Promise<VerifyResult> {
    const signal = this.#signal(options.signal)
    return this.#track(this.#verifies.verify(path, link, { ...options, signal }))
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
    await Promise.allSettled(this.#running)
    await stopParts(this.#parts)
  }

  #signal(own: AbortSignal | undefined): AbortSignal {
    return own === undefined ? this.#stopping.signal : AbortSignal.any([own, this.#stopping.signal])
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => void this.#running.delete(work)
    this.#running.add(work)
    work.then(forget, forget)
    return work
  }
}
