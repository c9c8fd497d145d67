/** What the log of a node tells. */
import type { FetchStateEvent } from './fetching.ts'
import type { ConfigEvent, StatusEvent } from './node-state.ts'
import type { WarningEvent } from './notices.ts'
import type { ReceiversEvent, ServedEvent, SharedEvent } from './sharing.ts'
import type { RequestsEvent, TouchedEvent } from './spaces.ts'

/** Something that there is no more, and that was told of before. */
export interface GoneEvent {
  readonly type: 'gone'
  /** A fetch of the background, or all shares of a root. */
  readonly kind: 'fetch' | 'share'
  /** Of a fetch its id; of a share the CID of the whole content, as text. */
  readonly id: string
  /** `quota`: it was removed to make room, and nobody asked for that. */
  readonly why?: 'quota'
}

/** What the log of a node tells, each event with everything that there is to say of a thing; of spaces only that they changed, and who asks to be let in. */
export type LoggedEvent =
  | FetchStateEvent
  | SharedEvent
  | GoneEvent
  | ServedEvent
  | ReceiversEvent
  | TouchedEvent
  | RequestsEvent
  | ConfigEvent
  | StatusEvent
  | WarningEvent

/** An event of the log of a node. Numbers that are left out tell nothing that later ones do not tell. */
export interface ChangeEvent {
  readonly type: 'change'
  /** Epoch and number, joined by a dash: the epoch is another with each start of the node, the number grows. */
  readonly id: string
  /** How the thing that it is about stands since. */
  readonly event: LoggedEvent
}

/** What happened before is not told, or no longer: who wants to know how everything stands asks anew. */
export interface GapEvent {
  readonly type: 'gap'
  /** As `ChangeEvent.id`: of the last event that is not told. */
  readonly id: string
}
