/** What the control API steers: a node, or what a test puts in its place. */
import type {
  FetchStreamEvent,
  FindingEvent,
  ListEvent,
  PeerEvent,
  ShareEvent,
  SharedEvent,
  SharesEvent,
  StatusEvent,
  VerifyEvent,
} from '../events.ts'
import type { ConfigAccess } from './config/home-config.ts'
import type { ContentOutput } from './content-stream.ts'
import type { Write } from './event-stream.ts'
import type { Jobs } from './jobs/jobs.ts'
import type {
  FetchRequest,
  ListRequest,
  ReadRequest,
  ShareInputJobRequest,
  ShareInputRequest,
  ShareJobRequest,
  ShareRequest,
  SharesRequest,
  VerifyRequest,
} from './schemas.ts'

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
  /** What the node fetches by itself. */
  jobs: Pick<Jobs, 'list' | 'fetch' | 'change'>
  shares: (request: SharesRequest, write: Write<SharesEvent>, signal: AbortSignal) => Promise<void>
  unshare: (root: string) => Promise<readonly Omit<SharedEvent, 'type'>[]>
  verify: (
    request: VerifyRequest,
    onEvent: (event: VerifyEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  peers: () => Promise<readonly PeerEvent[]>
  doctor: (write: Write<FindingEvent>, signal: AbortSignal) => Promise<void>
  read: (request: ReadRequest, output: ContentOutput, signal: AbortSignal) => Promise<void>
}
