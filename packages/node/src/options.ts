/** Options of a node: what may be set, what holds when it is not, and the check of both. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ShoalError } from './errors.ts'

export type NetworkPreset = 'public' | 'lan' | 'private'

export const NETWORK_PRESETS: readonly NetworkPreset[] = ['public', 'lan', 'private']

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

export interface NodeOptions {
  /** Directory of identity, index and control socket. One node at a time owns it. @defaultValue SHOAL_HOME or ~/.shoal */
  home?: string
  /**
   * Which network to belong to. `private`: loopback too, nothing public is asked; `lan`: this local network;
   * `public`: everything. @defaultValue 'public'
   */
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
}

const KEYS: readonly (keyof NodeOptions)[] = [
  'home',
  'network',
  'listen',
  'peers',
  'bootstrap',
  'mdns',
  'networkKey',
  'workerThreads',
]

/** @throws ShoalError ERR_OPTIONS_INVALID; a misspelt option is refused instead of ignored */
export function resolveOptions(options: NodeOptions, env: Environment): ResolvedNodeOptions {
  const unknown = Object.keys(options).filter((key) => !(KEYS as readonly string[]).includes(key))
  if (unknown.length > 0) throw invalid(`unknown option ${unknown.join(', ')}`)
  const network = options.network ?? 'public'
  if (!NETWORK_PRESETS.includes(network)) {
    throw invalid(`network is one of ${NETWORK_PRESETS.join(', ')}, not ${network}`)
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
  return {
    home: options.home === undefined ? defaultHome(env) : resolve(options.home),
    network,
    listen: options.listen ?? DEFAULT_LISTEN,
    peers: options.peers ?? [],
    bootstrap,
    mdns,
    networkKey: networkKeyOf(options, network, env),
    workerThreads,
  }
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
