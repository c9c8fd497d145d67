/** What may be said to each operation of a node, checked where a program says it. */
import type { DoctorOptions } from './control/doctor/doctor.ts'
import type {
  AddToSpaceOptions,
  GetFromSpaceOptions,
  InviteToSpaceOptions,
  JoinSpaceOptions,
  ListSpaceOptions,
  SearchSpaceOptions,
  SpaceHistoryOptions,
  SpaceOptions,
} from './spaces/host/space-options.ts'
import type { FetchOptions } from './transfer/fetch-service.ts'
import type { ShareInputOptions } from './transfer/input-service.ts'
import type { ListSharesOptions, UnshareOptions } from './transfer/known-share.ts'
import type { ListOptions, StatOptions } from './transfer/list-service.ts'
import type { ReadOptions } from './transfer/read-service.ts'
import type { SearchOptions } from './transfer/swarm/search-options.ts'
import type { ScrubOptions } from './transfer/scrub-service.ts'
import type { ServeOptions, ShareOptions } from './transfer/share-options.ts'
import type { VerifyOptions } from './transfer/verify-service.ts'
import type { OptionKinds } from './util/option-kinds.ts'

const SEARCH = {
  waitMs: 'milliseconds',
  peers: 'texts',
  up: 'rate',
  down: 'rate',
  signal: 'signal',
} as const satisfies OptionKinds<SearchOptions>

const SHARE_INPUT = {
  name: 'text',
  public: 'flag',
  preserve: 'flag',
  fresh: 'flag',
  times: 'number',
  up: 'rate',
  down: 'rate',
  onEvent: 'callback',
  signal: 'signal',
} as const satisfies OptionKinds<ShareInputOptions>

export const OPERATION_OPTIONS = {
  share: { ...SHARE_INPUT, skipUnreadable: 'flag', exclude: 'texts' },
  shareInput: SHARE_INPUT,
  serve: { times: 'number', up: 'rate', down: 'rate', onEvent: 'callback', signal: 'signal' },
  shares: { activeOnly: 'flag', onEvent: 'callback', signal: 'signal' },
  unshare: { signal: 'signal' },
  fetch: {
    ...SEARCH,
    directory: 'text',
    only: 'texts',
    overwrite: 'flag',
    seed: 'flag',
    priority: 'priority',
    onEvent: 'callback',
    onFile: 'callback',
  },
  list: { ...SEARCH, path: 'text', onEvent: 'callback' },
  stat: { ...SEARCH, path: 'text' },
  read: { ...SEARCH, path: 'text', range: 'object', onEvent: 'callback' },
  verify: { ...SEARCH, onEvent: 'callback' },
  scrub: {
    root: 'text',
    rate: 'rate',
    waitMs: 'milliseconds',
    peers: 'texts',
    onEvent: 'callback',
    signal: 'signal',
  },
  doctor: { signal: 'signal' },
  space: { signal: 'signal' },
  spaceAdd: { at: 'text', tags: 'texts', onEvent: 'callback', signal: 'signal' },
  spaceList: { query: 'text', under: 'text', limit: 'number', signal: 'signal' },
  spaceSearch: { under: 'text', limit: 'number', signal: 'signal' },
  spaceGet: { ...SEARCH, directory: 'text', overwrite: 'flag', seed: 'flag', onEvent: 'callback' },
  spaceHistory: { limit: 'number', signal: 'signal' },
  spaceJoin: { name: 'text', waitMs: 'milliseconds', onEvent: 'callback', signal: 'signal' },
  spaceInvite: { role: 'text', uses: 'number', forMs: 'number', instant: 'flag', signal: 'signal' },
} as const satisfies {
  readonly share: OptionKinds<ShareOptions>
  readonly shareInput: OptionKinds<ShareInputOptions>
  readonly serve: OptionKinds<ServeOptions>
  readonly shares: OptionKinds<ListSharesOptions>
  readonly unshare: OptionKinds<UnshareOptions>
  readonly fetch: OptionKinds<FetchOptions>
  readonly list: OptionKinds<ListOptions>
  readonly stat: OptionKinds<StatOptions>
  readonly read: OptionKinds<ReadOptions>
  readonly verify: OptionKinds<VerifyOptions>
  readonly scrub: OptionKinds<ScrubOptions>
  readonly doctor: OptionKinds<DoctorOptions>
  readonly space: OptionKinds<SpaceOptions>
  readonly spaceAdd: OptionKinds<AddToSpaceOptions>
  readonly spaceList: OptionKinds<ListSpaceOptions>
  readonly spaceSearch: OptionKinds<SearchSpaceOptions>
  readonly spaceGet: OptionKinds<GetFromSpaceOptions>
  readonly spaceHistory: OptionKinds<SpaceHistoryOptions>
  readonly spaceJoin: OptionKinds<JoinSpaceOptions>
  readonly spaceInvite: OptionKinds<InviteToSpaceOptions>
}

export type Operation = keyof typeof OPERATION_OPTIONS
