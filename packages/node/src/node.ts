/** The facade: builds the modules of a node, starts and stops them in order, and delegates. No logic of its own. */
import { pid } from 'node:process'
import { writeFile } from 'node:fs/promises'
import { providerDigest } from './content/cid.ts'
import { startControlServer, type ControlServer } from './control/server.ts'
import { ShoalError } from './errors.ts'
import type { StatusEvent, WarningEvent } from './events.ts'
import { loadIdentity } from './identity/identity.ts'
import { peerIdBytes } from './identity/peer-id.ts'
import { startHost, type Host } from './network/host.ts'
import { memoryChannels } from './network/memory-channel.ts'
import { resolveListen } from './network/listen-port.ts'
import { resolveOptions, type NodeOptions, type ResolvedNodeOptions } from './options.ts'
import { BlockWorkers } from './store/block-workers.ts'
import { systemDisk } from './store/disk.ts'
import { takeHome, type HomeLock } from './store/home-lock.ts'
import { homePaths, loadPort, savePort, type HomePaths } from './store/home.ts'
import { PROTOCOL } from './transfer/constants.ts'
import type { ProviderDial } from './transfer/dial-provider.ts'
import { FetchService, type FetchOptions, type FetchResult } from './transfer/fetch-service.ts'
import { TRANSFER_LIMITS } from './transfer/limits.ts'
import { ListService, type ListEntry, type ListOptions } from './transfer/list-service.ts'
import { ShareRegistry } from './transfer/share-registry.ts'
import { ShareService, type Share, type ShareOptions } from './transfer/share-service.ts'
import { UploadService } from './transfer/upload-service.ts'
import { systemSeams } from './util/system.ts'

const TOKEN_BYTES = 32

export interface ShoalNode extends AsyncDisposable {
  readonly peerId: string
  /** Where this node can be reached: multiaddrs, each with its peer id. */
  addresses: () => string[]
  status: () => StatusEvent
  /**
   * Shares a file or folder where it lies. Resolves when others can fetch it.
   *
   * @param path of a file or folder
   */
  share: (path: string, options?: ShareOptions) => Promise<Share>
  /** Fetches what a link names. Resolves when it stands under its own name, synced. */
  fetch: (link: string, options?: FetchOptions) => Promise<FetchResult>
  /**
   * Lists what a link names, without fetching it: entries in order, while they arrive. Leaving the loop ends it.
   *
   * @example for await (const { path, bytes } of node.list(link, { path: 'photos' })) console.log(bytes, path)
   */
  list: (link: string, options?: ListOptions) => AsyncIterableIterator<ListEntry>
  /** Ends all shares, fetches, listings and the control socket, and gives up the home. */
  stop: () => Promise<void>
}

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
    const registry = new ShareRegistry()
    const uploads = new UploadService({ registry, seams, limits })
    const workers = new BlockWorkers(
      resolved.workerThreads === undefined ? {} : { threads: resolved.workerThreads },
    )
    parts.workers = workers
    parts.uploads = uploads
    const host = await startHost({
      privateKey: identity.privateKey,
      listen: await resolveListen(resolved.listen, {
        load: () => loadPort(paths),
        save: (port) => savePort(paths, port),
      }),
      protocol: PROTOCOL,
      onChannel: (channel) => uploads.accept(channel),
    })
    parts.host = host
    const { network, peers } = resolved
    const addresses = (): string[] => host.addresses()
    const shares = new ShareService({
      registry,
      uploads,
      workers,
      disk,
      seams,
      network,
      peerId: host.peerId,
      addresses,
    })
    const provider: ProviderDial = {
      network,
      peers,
      dial: (list, signal) => host.dial(list, signal),
      dialSelf: (root) => {
        if (registry.find(providerDigest(root)) === undefined) return undefined
        const [ours, theirs] = memoryChannels(peerIdBytes(identity.publicKey), identity.peerId)
        uploads.accept(theirs)
        return ours
      },
    }
    const platform = process.platform === 'win32' ? 'win32' : 'posix'
    const fetches = new FetchService({ ...provider, workers, disk, seams, limits, platform })
    const lists = new ListService({ ...provider, workers, seams, limits })
    const node = new Node({ host, options: resolved, paths, shares, fetches, lists, parts })
    const token = Buffer.from(seams.random.bytes(TOKEN_BYTES)).toString('base64url')
    await writeFile(paths.tokenFile, `${token}\n`, { mode: 0o600 })
    parts.control = await startControlServer({ socket: paths.socket, token, target: controlOf(node) })
    return node
  } catch (error) {
    await stopParts(parts)
    throw error
  }
}

/** What was started so far, in the order in which it is stopped. */
interface Parts {
  control?: ControlServer
  uploads?: UploadService
  host?: Host
  workers?: BlockWorkers
  readonly lock: HomeLock
}

async function stopParts(parts: Parts): Promise<void> {
  const failures: unknown[] = []
  const steps: (() => Promise<void> | void | undefined)[] = [
    () => parts.control?.stop(),
    () => parts.uploads?.stop(),
    () => parts.host?.stop(),
    () => parts.workers?.close(),
    () => parts.lock.release(),
  ]
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'stopping the node')
}

interface NodeInit {
  readonly host: Host
  readonly options: ResolvedNodeOptions
  readonly paths: HomePaths
  readonly shares: ShareService
  readonly fetches: FetchService
  readonly lists: ListService
  readonly parts: Parts
}

class Node implements ShoalNode {
  readonly #host: Host
  readonly #options: ResolvedNodeOptions
  readonly #paths: HomePaths
  readonly #shares: ShareService
  readonly #fetches: FetchService
  readonly #lists: ListService
  readonly #parts: Parts
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  #stopped: Promise<void> | undefined

  constructor(init: NodeInit) {
    this.#host = init.host
    this.#options = init.options
    this.#paths = init.paths
    this.#shares = init.shares
    this.#fetches = init.fetches
    this.#lists = init.lists
    this.#parts = init.parts
  }

  get peerId(): string {
    return this.#host.peerId
  }

  addresses(): string[] {
    return this.#host.addresses()
  }

  status(): StatusEvent {
    const { network, listen } = this.#options
    const { socket, tokenFile } = this.#paths
    const addresses = this.addresses()
    return {
      type: 'status',
      pid,
      peerId: this.peerId,
      network,
      listen,
      addresses,
      api: null,
      socket,
      tokenFile,
    }
  }

  share(path: string, options: ShareOptions = {}): Promise<Share> {
    return this.#track(this.#shares.share(path, { ...options, signal: this.#signal(options.signal) }))
  }

  fetch(link: string, options: FetchOptions = {}): Promise<FetchResult> {
    return this.#track(this.#fetches.fetch(link, { ...options, signal: this.#signal(options.signal) }))
  }

  list(link: string, options: ListOptions = {}): AsyncIterableIterator<ListEntry> {
    return this.#lists.list(link, { ...options, signal: this.#signal(options.signal) })
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

/** The node as the control API steers it: every operation lives as long as its connection. */
function controlOf(node: ShoalNode): Parameters<typeof startControlServer>[0]['target'] {
  return {
    status: () => node.status(),
    share: async ({ path, ...options }, onEvent, signal) => {
      const share = await node.share(path, { ...options, onEvent, signal })
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await share.stop()
    },
    fetch: async ({ link, ...options }, onEvent, signal) => {
      await node.fetch(link, { ...options, onEvent, signal })
    },
    list: async ({ link, ...options }, write, signal) => {
      const onEvent = (event: WarningEvent): void => void write(event)
      for await (const entry of node.list(link, { ...options, onEvent, signal })) {
        await write({ type: 'entry', ...entry })
      }
    },
  }
}
