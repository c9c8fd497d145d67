/** One request whose answer lasts as long as the work for it. */
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OPERATION_HEADER, type Operations } from './operations.ts'

export interface OperationInit {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly stopping: AbortSignal
  readonly operations: Operations
}

/** What an operation answers with, and when it is to end. */
export interface Operation {
  readonly response: ServerResponse
  /** Aborts when the client asks for the end or goes away, and when the node stops. */
  readonly signal: AbortSignal
}

/**
 * Runs the work of an operation to its end, which it is to tell itself.
 *
 * @param fail told why the work failed, unless nobody is there any more who wants to know
 */
export async function operate(
  { request, reply, stopping, operations }: OperationInit,
  work: (operation: Operation) => Promise<void>,
  fail: (response: ServerResponse, error: unknown) => void,
): Promise<void> {
  const gone = new AbortController()
  const id = request.headers[OPERATION_HEADER]
  const asked = operations.enter(id)
  const response: ServerResponse = reply.raw
  reply.hijack()
  response.on('close', () => gone.abort())
  try {
    await work({ response, signal: AbortSignal.any([gone.signal, asked.signal, stopping]) })
    if (!asked.signal.aborted) stopping.throwIfAborted()
  } catch (error) {
    if (!gone.signal.aborted && !asked.signal.aborted) fail(response, error)
  } finally {
    operations.leave(id)
  }
  response.end()
}

/** Sends a piece of an answer. What it returns resolves when the client has taken enough to send more, or is gone. */
export function send(response: ServerResponse, piece: string | Uint8Array): Promise<void> | undefined {
  if (response.writableEnded || response.destroyed) return undefined
  return response.write(piece) ? undefined : drained(response)
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle)
      resolve()
    }
    response.on('drain', settle).on('close', settle)
  })
}
