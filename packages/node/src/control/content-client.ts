/** The client's side of `content-stream.ts`: bytes, and by which header and trailer they are known to be whole. */
import { ShoalError } from '../errors.ts'
import type { ContentEvent, ErrorEvent, ReadEndEvent, ReadEvent } from '../events.ts'
import { CONTENT_HEADER, END_TRAILER, fromHeader } from './headers.ts'
import type { ReadRequest } from './schemas.ts'
import { ended, type SocketTransport } from './socket-transport.ts'

/** Throws as `ControlClient.read`. */
export async function* readContent(
  transport: SocketTransport,
  body: ReadRequest,
  signal: AbortSignal,
  onEvent: (event: ReadEvent) => void,
): AsyncGenerator<Uint8Array> {
  await using operation = await transport.begin('/v1/operations/read', body, signal)
  const { response } = operation
  const content = response.headers[CONTENT_HEADER]
  if (typeof content === 'string') onEvent(fromHeader(content) as ContentEvent)
  try {
    for await (const bytes of response) {
      if (signal.aborted) return
      yield bytes as Uint8Array
    }
  } catch (error) {
    if (!signal.aborted) throw ended(error)
  }
  if (signal.aborted) return
  const end = response.trailers[END_TRAILER]
  if (end === undefined) throw ended()
  const event = fromHeader(end) as ReadEndEvent | ErrorEvent
  if (event.type === 'error') throw ShoalError.fromJSON(event)
  onEvent(event)
}
