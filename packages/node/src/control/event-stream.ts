/** Answers that are one JSON event a line, until the work ends, its client asks it to or goes away, or the node stops. */
import { asShoalError } from './answers.ts'
import { operate, send, type OperationInit } from './operation.ts'

/** Sends an event. What it returns resolves when the client has taken enough to send more, or is gone. */
export type Write<E> = (event: E) => Promise<void> | undefined

export function streamEvents(
  init: OperationInit,
  work: (write: Write<object>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return operate(
    init,
    async ({ response, signal }) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.flushHeaders()
      await work((event) => send(response, `${JSON.stringify(event)}\n`), signal)
    },
    (response, error) =>
      void send(response, `${JSON.stringify({ type: 'error', ...asShoalError(error).toJSON() })}\n`),
  )
}
