/** Options of a node: what may be set, what holds when it is not, and the check of both. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { ShoalError } from './errors.ts'
import { LOG_LEVELS, LOG_MODULES, type LogLevel, type LogModule } from './util/log.ts'
import { checkKind, checkOptions, type OptionKinds } from './util/option-kinds.ts'
import type { Schedule } from './util/schedule/schedule.ts'
import { parseSchedule } from './util/schedule/schedule-text.ts'

/**
 * Which network a node belongs to. `private`: one of your own, loopback included, nothing public is asked; `lan`: this
 * local network; `public`: everything.
 */
export type NetworkPreset = 'public' | 'lan' | 'private'

export const NETWORK_PRESETS: readonly NetworkPreset[] = ['public', 'lan', 'private']

/** Whether the connection costs by what passes: as the system says, or as the user does. */
export type Metered = 'auto' | 'on' | 'off'
export const METERED: readonly Metered[] = ['auto', 'on', 'off']

/** What becomes of downloads of the background while the connection is metered. */
export type WhenMetered = 'pause' | 'go'
export const WHEN_METERED: readonly WhenMetered[] = ['pause', 'go']

/** Every address of the machine, each on the home's port. */
export const DEFAULT_LISTEN: readonly string[] = ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0']

const MAX_WORKER_THREADS = 64
const MAX_BOOTSTRAP = 64
const NETWORK_KEY_BYTES = 32

type Environment = Readonly<Record<string, string | undefined>>

/** The home when nothing else is said: SHOAL_HOME, else `.shoal` in the user's own folder. */
export function defaultHome(env: Environment): string {
  const { SHOAL_HOME } = env
  return SHOAL_HOME !== undefined && SHOAL_HOME !== '' ? resolve(SHOAL_HOME) : join(homedir(), '.shoal')
}

/** What Shoal uses of a libp2p node that a program brings along. Every node of libp2p 3 has it. */
export type HostLibp2p = Pick<
  Libp2p,
  | 'peerId'
  | 'status'
  | 'dial'
  | 'handle'
  | 'unhandle'
  | 'getMultiaddrs'
  | 'getPeers'
  | 'getConnections'
  | 'contentRouting'
  | 'peerRouting'
  | 'peerStore'
  | 'addEventListener'
  | 'removeEventListener'
>

/** What is logged, and where to. */
export interface LogOptions {
  /** Of all modules that are not named. @defaultValue 'info' */
  level?: LogLevel
  /** Of single modules. @defaultValue none has a level of its own */
  modules?: Partial<Record<LogModule, LogLevel>>
  /**
   * Given each line, with its end: one JSON object with `time`, `level`, `module`, `msg` and facts (docs/observability.md). No
   * line has a key, a token or what follows `#` in a link. It is to return soon; what it throws is passed over.
   */
  write: (line: string) => void
}

/** How a node is to be. Each option may be left out; one that is unknown or makes no sense is refused. */
export interface NodeOptions {
  /** Directory of identity, index and control socket. One node at a time owns it. @defaultValue SHOAL_HOME or ~/.shoal */
  home?: string
  /** Which network to belong to. @defaultValue 'public' */
  network?: NetworkPreset
  /** Multiaddrs to listen on; port 0 is a free port chosen once per home and kept. @defaultValue all addresses */
  listen?: readonly string[]
  /** Multiaddrs with peer ids that a fetch asks besides those in the link. @defaultValue [] */
  peers?: readonly string[]
  /**
   * Multiaddrs with peer ids of devices through which this one joins the DHT, at most 64. Not in `lan`, which has none.
   * @defaultValue those of IPFS in `public`, none in `private`
   */
  bootstrap?: readonly string[]
  /** Find devices on the local network by mDNS, and be found. @defaultValue false in `private`, true otherwise */
  mdns?: boolean
  /**
   * 32 bytes that all devices of a `private` network know: who does not have them cannot even begin to connect. The
   * environment variable SHOAL_NETWORK_KEY, 64 hexadecimal digits, does the same. @defaultValue none
   */
  networkKey?: Uint8Array
  /** Threads for hashing, sealing and disk work, 1 to 64. @defaultValue the processors of the machine, at most 4 */
  workerThreads?: number
  /**
   * Most that is sent for all transfers together, in bytes per second; 0 = no limit (docs/limits.md). `setLimits` changes
   * it later. @defaultValue 0
   */
  up?: number
  /** Most that is received for all transfers together, in bytes per second; 0 = no limit. @defaultValue 0 */
  down?: number
  /**
   * Most bytes of content that may lie in the home, in bytes; 0 = no limit (docs/storage.md). It counts what came from standard
   * input and over the control API, and no files of the user. `setQuota` changes it later. @defaultValue 0
   */
  quota?: number
  /**
   * Limits by day and time in place of `up` and `down`, such as `mon-fri 08:00-18:00 down=1MB up=500kB` or `sat,sun
   * 00:00-24:00 pause`, in the time of the machine, at most 64; the first that fits a moment holds (docs/limits.md).
   * `setSchedule` changes them later. @defaultValue []
   */
  schedule?: readonly string[]
  /** Is the connection metered? Only a node of the background asks the system. @defaultValue 'auto' */
  metered?: Metered
  /** What fetches of the background do while the connection is metered. Others go on. @defaultValue 'pause' */
  whenMetered?: WhenMetered
  /**
   * A started libp2p node of your own, with an Ed25519 key, that Shoal is to work on: its identity, addresses,
   * connections and content routing are used, and it is left running when the node stops. Not together with `listen`,
   * `bootstrap`, `mdns` and `networkKey`, which it decides. What Shoal then cannot guarantee: docs/embedding.md.
   *
   * @defaultValue a node of Shoal's own
   */
  libp2p?: HostLibp2p
  /**
   * Serve the control API on loopback TCP too, as a browser needs it, at a port of the system's choice that `status` tells.
   * It asks for the token of the home as the socket does. @defaultValue false
   */
  apiTcp?: boolean
  /**
   * Told when a client of the control API asks that this process ends, as `shoal daemon stop` does. With it the node counts as
   * one in the background, `daemon` in its status. @defaultValue nobody else may end it
   */
  onStopRequest?: () => void
  /** Log what happens. The engine itself prints nothing. @defaultValue nothing is logged */
  log?: LogOptions
  /** Gives up the start. A node that runs is ended by `stop`. */
  signal?: AbortSignal
}

export interface ResolvedNodeOptions {
  readonly home: string
  readonly network: NetworkPreset
  readonly listen: readonly string[]
  readonly peers: readonly string[]
  /** undefined: those of the preset. */
  readonly bootstrap: readonly string[] | undefined
  /** undefined: as the preset has it. */
  readonly mdns: boolean | undefined
  readonly networkKey: Uint8Array | undefined
  readonly workerThreads: number | undefined
  /** Bytes per second; 0 = no limit. */
  readonly up: number
  readonly down: number
  /** Bytes; 0 = no limit. */
  readonly quota: number
  readonly schedule: Schedule
  readonly metered: Metered
  readonly whenMetered: WhenMetered
  /** undefined: one of its own. */
  readonly libp2p: HostLibp2p | undefined
  readonly apiTcp: boolean
  /** undefined: nobody else may end it. */
  readonly onStopRequest: (() => void) | undefined
  /** undefined: nothing is logged. */
  readonly log: LogOptions | undefined
  readonly signal: AbortSignal | undefined
}

const KINDS = {
  home: 'text',
  network: 'text',
  listen: 'texts',
  peers: 'texts',
  bootstrap: 'texts',
  mdns: 'flag',
  networkKey: 'bytes',
  workerThreads: 'number',
  up: 'rate',
  down: 'rate',
  quota: 'size',
  schedule: 'texts',
  metered: 'text',
  whenMetered: 'text',
  libp2p: 'object',
  apiTcp: 'flag',
  onStopRequest: 'callback',
  log: 'object',
  signal: 'signal',
} as const satisfies OptionKinds<NodeOptions>

const LOG_KINDS = {
  level: 'text',
  modules: 'object',
  write: 'callback',
} as const satisfies OptionKinds<LogOptions>

/** What a libp2p node that was brought along decides by itself. */
const NOT_WITH_LIBP2P = ['listen', 'bootstrap', 'mdns', 'networkKey'] as const

/** @throws ShoalError ERR_OPTIONS_INVALID; a misspelt option is refused instead of ignored */
export function resolveOptions(options: NodeOptions, env: Environment): ResolvedNodeOptions {
  checkOptions(options, KINDS)
  const network = options.network ?? 'public'
  if (!NETWORK_PRESETS.includes(network)) {
    throw invalid(`network is one of ${NETWORK_PRESETS.join(', ')}, not ${network}`)
  }
  const { metered = 'auto', whenMetered = 'pause' } = options
  if (!METERED.includes(metered)) throw invalid(`metered is one of ${METERED.join(', ')}, not ${metered}`)
  if (!WHEN_METERED.includes(whenMetered)) {
    throw invalid(`on-metered (whenMetered) is one of ${WHEN_METERED.join(', ')}, not ${whenMetered}`)
  }
  const { workerThreads } = options
  const isCount = workerThreads === undefined || Number.isInteger(workerThreads)
  if (!isCount || (workerThreads ?? 1) < 1 || (workerThreads ?? 1) > MAX_WORKER_THREADS) {
    throw invalid(`workerThreads is a whole number from 1 to ${MAX_WORKER_THREADS}`)
  }
  const { bootstrap, mdns } = options
  for (const peer of [...(options.peers ?? []), ...(bootstrap ?? [])]) {
    if (!peer.includes('/p2p/')) throw invalid(`${peer} names no device: it has to end in /p2p/ID`)
  }
  if (bootstrap !== undefined && network === 'lan') {
    throw invalid('the network lan has no bootstrap devices: it is this local network only')
  }
  if ((bootstrap?.length ?? 0) > MAX_BOOTSTRAP) {
    throw invalid(`at most ${MAX_BOOTSTRAP} bootstrap devices can be named`)
  }
  if (mdns === false && network === 'lan') throw invalid('the network lan needs mDNS')
  const networkKey = networkKeyOf(options, network, env)
  const { libp2p, onStopRequest, log, signal } = options
  if (log !== undefined) checkLog(log)
  if (libp2p !== undefined) refuseWithLibp2p(options, networkKey)
  return {
    home: options.home === undefined ? defaultHome(env) : resolve(options.home),
    network,
    listen: libp2p === undefined ? (options.listen ?? DEFAULT_LISTEN) : [],
    peers: options.peers ?? [],
    bootstrap: libp2p === undefined ? bootstrap : [],
    mdns: libp2p === undefined ? mdns : false,
    networkKey,
    workerThreads,
    up: options.up ?? 0,
    down: options.down ?? 0,
    quota: options.quota ?? 0,
    schedule: parseSchedule(options.schedule ?? []),
    metered,
    whenMetered,
    libp2p,
    apiTcp: options.apiTcp ?? false,
    onStopRequest,
    log,
    signal,
  }
}

function checkLog(log: LogOptions): void {
  checkOptions(log, LOG_KINDS)
  checkKind('write', log.write, 'callback')
  const { level = 'info', modules = {} } = log
  for (const module of Object.keys(modules)) {
    if (!LOG_MODULES.some((name) => name === module)) {
      throw invalid(`${module} is no module of the log: those are ${LOG_MODULES.join(', ')}`)
    }
  }
  for (const given of [level, ...Object.values(modules)]) {
    if (!LOG_LEVELS.includes(given)) throw invalid(`levels of the log are ${LOG_LEVELS.join(', ')}`)
  }
}

function refuseWithLibp2p(options: NodeOptions, networkKey: Uint8Array | undefined): void {
  const [other] = NOT_WITH_LIBP2P.filter((name) => options[name] !== undefined)
  if (other !== undefined)
    throw invalid(`${other} does not go with libp2p: the node brought along decides it`)
  // Whoever set it wants nobody else to connect, which only the libp2p node itself can see to.
  if (networkKey !== undefined) throw invalid('SHOAL_NETWORK_KEY does not go with libp2p')
}

function networkKeyOf(
  { networkKey }: NodeOptions,
  network: NetworkPreset,
  { SHOAL_NETWORK_KEY: text }: Environment,
): Uint8Array | undefined {
  const key = networkKey ?? (text === undefined || text === '' ? undefined : Buffer.from(text, 'hex'))
  if (key === undefined) return undefined
  if (network !== 'private') throw invalid(`a network key goes with the network private, not ${network}`)
  const isHex = networkKey !== undefined || /^[0-9a-f]{64}$/i.test(text ?? '')
  if (key.byteLength !== NETWORK_KEY_BYTES || !isHex) {
    throw invalid('a network key is 32 bytes, in SHOAL_NETWORK_KEY 64 hexadecimal digits')
  }
  return key
}

function invalid(message: string): ShoalError {
  return new ShoalError('ERR_OPTIONS_INVALID', message)
}
