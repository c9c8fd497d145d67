/** Names of the control API's own headers and trailers, and objects as their values. */

/** Header of an answer that is content: a `ContentEvent`. */
export const CONTENT_HEADER = 'x-shoal-content'
/** Trailer of an answer that is content: a `ReadEndEvent` or an `ErrorEvent`. Without it the content was cut off. */
export const END_TRAILER = 'x-shoal-end'

/** Header of a request that may be sent twice and is to be taken once: a UUID of the client's making. */
export const KEY_HEADER = 'idempotency-key'

/** Header of every answer to GET: the id of an event of the node's log at which, or after which, it is true. */
export const AS_OF_HEADER = 'x-shoal-as-of'
/** Header of a request for the log: the last event that is known. As of server-sent events (HTML, section 9.2). */
export const LAST_EVENT_HEADER = 'last-event-id'

/** JSON in ASCII, which is all that a header carries safely. */
export function toHeader(object: object): string {
  return JSON.stringify(object).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function fromHeader(value: string): unknown {
  return JSON.parse(value)
}
