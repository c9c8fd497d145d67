/** How the client of spaces asks: as its transport does, but that whatever becomes of the node is told as the node itself tells it. */
import { ShoalError } from '../../errors.ts'
import { queryOf } from '../query.ts'
import { isUnreachable } from '../reaching.ts'
import { ended, type SocketTransport } from '../socket-transport.ts'
import { MAX_QUERY_STRING_LENGTH } from './limits.ts'

type Event = { readonly type: string }

export class SpaceTransport {
  readonly #transport: SocketTransport

  constructor(transport: SocketTransport) {
    this.#transport = transport
  }

  /** What is one object. Rejects with the reason of `signal` when that aborts. */
  async ask<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    try {
      return await this.#transport.ask<T>(method, path, body, undefined, signal)
    } catch (error) {
      throw failure(error, signal)
    }
  }

  /** What is told until it ends by itself; throws the reason of `signal` when that aborts before. */
  async *tell<E extends Event>(path: string, signal: AbortSignal | undefined): AsyncGenerator<E> {
    yield* untilEnd(this.#transport.tell<E>(path, signal), signal)
  }

  /** As `tell`, of what something is done for. */
  async *operate<E extends Event>(
    path: string,
    body: object,
    signal: AbortSignal = new AbortController().signal,
  ): AsyncGenerator<E> {
    yield* untilEnd(this.#transport.operate<E>(path, body, signal), signal)
  }
}

/** @throws ShoalError ERR_LIMIT for what is longer than the node reads */
export function asked(path: string, query: object): string {
  const text = queryOf(query)
  if (text.length > MAX_QUERY_STRING_LENGTH)
    throw new ShoalError('ERR_LIMIT', 'what is asked for is too long')
  return `${path}?${text}`
}

async function* untilEnd<E>(events: AsyncGenerator<E>, signal: AbortSignal | undefined): AsyncGenerator<E> {
  try {
    signal?.throwIfAborted()
    yield* events
  } catch (error) {
    throw failure(error, signal)
  }
  signal?.throwIfAborted()
}

/** A connection that was cut, or that there is nobody for: the node ended. */
function failure(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  return isUnreachable(error) ? ended(error) : error
}
