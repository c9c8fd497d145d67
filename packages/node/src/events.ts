/**
 * What operations report while they run: one JSON object each, the same over the control API and as lines of
 * `shoal --json`. Scripts of users rely on the shapes; they change only with an ADR.
 */
import type { ChangeEvent, GapEvent, GoneEvent } from './events/changes.ts'
import type {
  AskingEvent,
  DoneEvent,
  FetchStateEvent,
  FileEvent,
  FilesEvent,
  PlanEvent,
  ProgressEvent,
} from './events/fetching.ts'
import type { FindingEvent } from './events/findings.ts'
import type { BadEvent, ContentEvent, EntryEvent, ReadEndEvent, StatEvent } from './events/looking.ts'
import type { ConfigEvent, IdEvent, PeerEvent, StatusEvent } from './events/node-state.ts'
import type { ErrorEvent, WarningEvent } from './events/notices.ts'
import type { DamagedEvent, ScrubEvent, ScrubbedEvent } from './events/scrubbing.ts'
import type { HashingEvent, ReadyEvent, ReceiversEvent, ServedEvent, SharedEvent } from './events/sharing.ts'
import type {
  AddedEvent,
  GotEvent,
  JoinedEvent,
  JoiningEvent,
  ListedEvent,
  MatchesEvent,
  RequestsEvent,
  TouchedEvent,
} from './events/spaces.ts'
import type { SourcesEvent, WaitingEvent } from './events/waiting.ts'

export type * from './events/changes.ts'
export type * from './events/fetching.ts'
export type * from './events/findings.ts'
export type * from './events/looking.ts'
export type * from './events/node-state.ts'
export type * from './events/notices.ts'
export type * from './events/scrubbing.ts'
export type * from './events/sharing.ts'
export type * from './events/space-lines.ts'
export type * from './events/spaces.ts'
export type * from './events/waiting.ts'

/** What `share` and `shareInput` tell. */
export type ShareEvent = HashingEvent | ReadyEvent | ServedEvent | ReceiversEvent | WarningEvent
/** What `fetch` tells. `served` and `receivers` only with `seed`, and after `done`. */
export type FetchEvent =
  | AskingEvent
  | WaitingEvent
  | PlanEvent
  | ProgressEvent
  | FilesEvent
  | DoneEvent
  | ServedEvent
  | ReceiversEvent
  | WarningEvent
/** What `fetch` tells over the control API; in a program `FetchOptions.onFile` is told of files. */
export type FetchStreamEvent = FetchEvent | FileEvent
/** What `read` tells. */
export type ReadEvent = ContentEvent | ReadEndEvent
/** What `verify` tells. */
export type VerifyEvent = HashingEvent | BadEvent | DoneEvent | WarningEvent
/** What a scrub tells over the control API; in a program `scrubbed` is what it gives. */
export type ScrubStreamEvent = ScrubEvent | DamagedEvent | ScrubbedEvent | WarningEvent
/** What a listing tells over the control API; in a program the entries are what `list` gives. */
export type ListEvent = EntryEvent | WarningEvent
/** What `shares` tells over the control API; in a program the shares are what it gives. */
export type SharesEvent = SharedEvent | WarningEvent
/** What putting files into a space tells over the control API; in a program the last is what `add` gives. */
export type AddStreamEvent = ShareEvent | AddedEvent
/** What fetching of a space tells over the control API; in a program the last ones are what `get` gives. */
export type GetStreamEvent = FetchEvent | GotEvent
/** What joining a space tells; `joined` is the last. */
export type JoinEvent = JoiningEvent | JoinedEvent
/** Every event. */
export type ShoalEvent =
  | ShareEvent
  | FetchStreamEvent
  | ListEvent
  | SharesEvent
  | ReadEvent
  | VerifyEvent
  | ScrubStreamEvent
  | StatusEvent
  | StatEvent
  | PeerEvent
  | FindingEvent
  | IdEvent
  | ConfigEvent
  | FetchStateEvent
  | SourcesEvent
  | ListedEvent
  | MatchesEvent
  | AddedEvent
  | GotEvent
  | JoinEvent
  | TouchedEvent
  | RequestsEvent
  | GoneEvent
  | ChangeEvent
  | GapEvent
  | ErrorEvent
