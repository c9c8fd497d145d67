/**
 * One route of the control API, as data: what it takes, what it answers with, and who does the work. What serves
 * requests and what documents them both come from here.
 */
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import type { ShoalEvent } from '../events.ts'
import type { ContentOutput } from './content-stream.ts'
import type { BrowserAccess } from './browser-access.ts'
import type { ControlTarget } from './control-target.ts'
import type { Write } from './event-stream.ts'
import type { Operations } from './operations.ts'
import type { Once } from './spaces/once.ts'

export type EventType = ShoalEvent['type']
/** What an answer that is one object holds; its schema has the same name. */
export type AnswerName =
  | 'status'
  | 'peers'
  | 'config'
  | 'fetch'
  | 'sources'
  | 'folder'
  | 'upload'
  | 'offset'
  | 'made'
  | 'dropped'
  | 'removed'
  | 'pinned'
  | 'storage'
  | 'address'
  | 'revoked'
  | 'code'
  | 'token'
  | 'stopped'
  | 'stopping'
  | 'spaces'
  | 'space'
  | 'found'
  | 'history'
  | 'members'
  | 'invitations'
  | 'invited'
  | 'requests'
  | 'refusal'
  | 'written'
  | 'checked'
  | 'nothing'
type EventOf<T extends EventType> = Extract<ShoalEvent, { readonly type: T }>

/** What a request says, once its schemas took it; what has no schema is undefined. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly target: ControlTarget
  readonly operations: Operations
  /** Does what has a key once. */
  readonly once: Once
  /** What is there for a browser. */
  readonly browser: Pick<BrowserAccess, 'content' | 'login'>
  readonly params: P
  readonly query: Q
  readonly body: B
  /** By which a request that is sent twice is taken once. */
  readonly key: string | undefined
  /** The last event that the client knows. */
  readonly lastEventId: string | undefined
  /** For who reads a body of any size as it comes. */
  readonly request: IncomingMessage
  /** Calls back when the answer has left. */
  readonly onSent: (callback: () => void) => void
  /** Aborts when the client of an answer that is one object goes away. */
  readonly gone: AbortSignal
}

/** What the parts of a request have to be; one that is not told of is not looked at. */
interface Schemas<P, Q, B> {
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
  readonly body?: z.ZodType<B>
}

interface Facts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With the parameters as `:name`. */
  readonly path: string
  /** One sentence for who reads the document of the API. */
  readonly summary: string
  /** Most bytes of the body, where it is not as everywhere. */
  readonly bodyLimit?: number
  /** It is for who has no token yet, and for none but a page of this node. */
  readonly forPage?: true
  /** Whether it looks at the key of a request. */
  readonly takesKey?: true
  /** Whether it looks at the last event that the client knows. */
  readonly takesLastEventId?: true
  /** The body is content, of any size. */
  readonly takesContent?: true
}

type JsonWork<P, Q, B> = (call: Call<P, Q, B>) => unknown
type EventsWork<P, Q, B, E extends object> = (
  call: Call<P, Q, B>,
  write: Write<E>,
  signal: AbortSignal,
) => Promise<void>
type TextWork<P, Q, B> = (call: Call<P, Q, B>) => Promise<string>
type ContentWork<P, Q, B> = (call: Call<P, Q, B>, output: ContentOutput, signal: AbortSignal) => Promise<void>

/**
 * A route whatever it takes: who serves it has checked that by the schemas first. `json` answers with one object;
 * `events` with one event a line for as long as the work lasts, of the types that it `tells` and an `error` at most, the last;
 * `content` with bytes; `text` with a text of a type of its own.
 */
export type Route = Facts &
  Schemas<unknown, unknown, unknown> &
  (
    | {
        readonly answer: 'json'
        readonly gives: AnswerName
        readonly work: JsonWork<never, never, never>
      }
    | {
        readonly answer: 'events'
        readonly tells: readonly EventType[]
        readonly work: EventsWork<never, never, never, object>
      }
    | { readonly answer: 'content'; readonly work: ContentWork<never, never, never> }
    | { readonly answer: 'text'; readonly type: string; readonly work: TextWork<never, never, never> }
  )

export function json<P, Q, B>(
  route: Facts & Schemas<P, Q, B> & { readonly gives: AnswerName; readonly work: JsonWork<P, Q, B> },
): Route {
  return { ...route, answer: 'json' }
}

export function events<P, Q, B, const T extends EventType>(
  route: Facts &
    Schemas<P, Q, B> & { readonly tells: readonly T[]; readonly work: EventsWork<P, Q, B, EventOf<T>> },
): Route {
  return { ...route, answer: 'events' }
}

export function content<P, Q, B>(
  route: Facts & Schemas<P, Q, B> & { readonly work: ContentWork<P, Q, B> },
): Route {
  return { ...route, answer: 'content' }
}

/** @param route its `type` is the media type of the answer */
export function text<P, Q, B>(
  route: Facts & Schemas<P, Q, B> & { readonly type: string; readonly work: TextWork<P, Q, B> },
): Route {
  return { ...route, answer: 'text' }
}
