/**
 * Streams that send no more while their connection is full. The library stops them then, and lets each go on at the next
 * update of its window, full or not: a peer that answers every small block with one makes all that its window allows, 16 MiB
 * with others' software, wait below the streams, where nobody who sends sees it and the connection is reset for it.
 */
import type { MessageStream, Stream } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'

/** What the library's streams have besides their interface. */
interface StreamInternals {
  sendData: (data: { readonly byteLength: number }) => { sentBytes: number; canSendMore: boolean }
}

/** The stream, which asks its connection before it sends; it goes on when the connection takes more again. */
export function holdWhileFull(stream: Stream, connection: Pick<MessageStream, 'writableNeedsDrain'>): Stream {
  const internals = stream as unknown as Partial<StreamInternals>
  const { sendData } = internals
  if (sendData === undefined) {
    throw new ShoalError('ERR_INTERNAL', 'the muxer has changed: streams cannot be held')
  }
  internals.sendData = (data) =>
    connection.writableNeedsDrain ? { sentBytes: 0, canSendMore: false } : sendData.call(stream, data)
  return stream
}
