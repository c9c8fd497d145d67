/** What the control API steers: a node, or what a test puts in its place. */
import type {
  FetchStreamEvent,
  FindingEvent,
  ListEvent,
  PeerEvent,
  ReceiversEvent,
  ScrubStreamEvent,
  ShareEvent,
  SharedEvent,
  SharesEvent,
  SourcesEvent,
  StatusEvent,
  VerifyEvent,
} from '../events.ts'
import type { SpaceHandle, Spaces } from '../shoal-spaces.ts'
import type { ContentStat } from '../transfer/list-service.ts'
import type { StorageStatus } from '../store/quota/parts.ts'
import type { ConfigAccess } from './config/home-config.ts'
import type { ContentOutput } from './content-stream.ts'
import type { Write } from './event-stream.ts'
import type { NodeChanges } from './events/node-changes.ts'
import type { Jobs } from './jobs/jobs.ts'
import type {
  FetchRequest,
  ListRequest,
  ReadRequest,
  ScrubRequest,
  ShareInputJobRequest,
  ShareInputRequest,
  ShareJobRequest,
  ShareRequest,
  ShareUploadRequest,
  SharesRequest,
  StatRequest,
  VerifyRequest,
} from './schemas.ts'
import type { Uploads } from './uploads/uploads.ts'

/** The spaces of a node. */
export interface SteeredSpaces extends Spaces {
  /** What may be done in the space of an id. Where there is none, all of it rejects with ERR_SPACE_UNKNOWN. */
  of: (id: string) => Omit<SpaceHandle, 'id' | 'name'>
}

export interface ControlTarget {
  status: () => StatusEvent
  /** Ends the process that the node runs in; undefined: no client may do that. */
  end: (() => void) | undefined
  /** The settings of its home. */
  config: ConfigAccess
  /** Shares until the signal aborts. */
  share: (request: ShareRequest, onEvent: (event: ShareEvent) => void, signal: AbortSignal) => Promise<void>
  /** Shares what comes until the signal aborts. */
  shareInput: (
    request: ShareInputRequest,
    source: AsyncIterable<Uint8Array>,
    onEvent: (event: ShareEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  fetch: (request: FetchRequest, write: Write<FetchStreamEvent>, signal: AbortSignal) => Promise<void>
  list: (request: ListRequest, write: Write<ListEvent>, signal: AbortSignal) => Promise<void>
  stat: (request: StatRequest, signal: AbortSignal) => Promise<ContentStat>
  /** Shares, and keeps that up by itself: resolves when it is told that it is ready and goes on over restarts. */
  keepShare: (
    request: ShareJobRequest,
    key: string | undefined,
    onEvent: (event: ShareEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  /** The same of what comes. */
  keepInput: (
    request: ShareInputJobRequest,
    source: AsyncIterable<Uint8Array>,
    key: string | undefined,
    onEvent: (event: ShareEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  /** What clients hand in. */
  uploads: Pick<Uploads, 'begin' | 'offsetOf' | 'append' | 'makeFolder' | 'drop'>
  /** As `keepShare`, of what was handed in. */
  shareUpload: (
    id: string,
    request: ShareUploadRequest,
    key: string | undefined,
    onEvent: (event: ShareEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  /** The log of what changes. */
  changes: Pick<NodeChanges, 'lastId' | 'after'>
  /** Who gets what is served now. */
  receivers: () => Promise<readonly ReceiversEvent[]>
  /** What the node fetches by itself. */
  jobs: Pick<Jobs, 'list' | 'fetch' | 'change' | 'sources'>
  /** Who gives each fetch that runs what it brings. */
  sources: (root?: string) => readonly SourcesEvent[]
  shares: (request: SharesRequest, write: Write<SharesEvent>, signal: AbortSignal) => Promise<void>
  unshare: (root: string) => Promise<readonly Omit<SharedEvent, 'type'>[]>
  /** How much lies in the home, and may. */
  storage: () => Promise<StorageStatus>
  setPinned: (root: string, isPinned: boolean) => Promise<readonly Omit<SharedEvent, 'type'>[]>
  verify: (
    request: VerifyRequest,
    onEvent: (event: VerifyEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  scrub: (
    request: ScrubRequest,
    onEvent: (event: ScrubStreamEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  peers: () => Promise<readonly PeerEvent[]>
  /** Numbers for a monitoring system, as text. */
  metrics: () => Promise<string>
  doctor: (write: Write<FindingEvent>, signal: AbortSignal) => Promise<void>
  spaces: SteeredSpaces
  read: (request: ReadRequest, output: ContentOutput, signal: AbortSignal) => Promise<void>
}
