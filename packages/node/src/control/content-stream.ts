/**
 * Answers that are the bytes of a file. What they are stands in a header; how it ended in a trailer, without which the
 * answer is not whole, however it looks (docs/adr/0015-reading.md).
 */
import type { ServerResponse } from 'node:http'
import type { ReadEvent } from '../events.ts'
import { asShoalError, statusOf } from './answers.ts'
import { CONTENT_HEADER, END_TRAILER, toHeader } from './headers.ts'
import { operate, send, type OperationInit } from './operation.ts'

/** Takes what a read gives. */
export interface ContentOutput {
  onEvent: (event: ReadEvent) => void
  /** Sends bytes. What it returns resolves when the client has taken enough to send more, or is gone. */
  write: (bytes: Uint8Array) => Promise<void> | undefined
}

export function streamContent(
  init: OperationInit,
  work: (output: ContentOutput, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return operate(
    init,
    ({ response, signal }) => {
      const onEvent = (event: ReadEvent): void => {
        if (event.type === 'content') begin(response, event)
        else response.addTrailers({ [END_TRAILER]: toHeader(event) })
      }
      return work({ onEvent, write: (bytes) => send(response, bytes) }, signal)
    },
    fail,
  )
}

function begin(response: ServerResponse, content: ReadEvent): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    [CONTENT_HEADER]: toHeader(content),
    trailer: END_TRAILER,
  })
  response.flushHeaders()
}

function fail(response: ServerResponse, error: unknown): void {
  const told = asShoalError(error)
  if (response.headersSent) {
    response.addTrailers({ [END_TRAILER]: toHeader({ type: 'error', ...told.toJSON() }) })
    return
  }
  response.writeHead(statusOf(told), { 'content-type': 'application/json' })
  void send(response, JSON.stringify(told))
}
