/** Reads the one message that the other side of a stream sends before it ends its side. */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'

/**
 * To be called before anything is awaited that the other side could send meanwhile.
 *
 * @throws ShoalError ERR_PROTOCOL when it sends more than `maxBytes` or breaks off; what the signal aborts with
 */
export function wholeMessage(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = []
    let length = 0
    const end = (): void => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('remoteCloseWrite', onEnd)
      stream.removeEventListener('close', onClose)
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown): void => {
      end()
      reject(error)
    }
    const onMessage = ({ data }: StreamMessageEvent): void => {
      length += data.byteLength
      if (length > maxBytes) fail(new ShoalError('ERR_PROTOCOL', 'who-has: a message is too long'))
      // The chunk is only ours during the call.
      else parts.push(data.subarray().slice())
    }
    const onEnd = (): void => {
      end()
      resolve(Buffer.concat(parts))
    }
    const onClose = ({ error }: StreamCloseEvent): void => {
      if (error === undefined) onEnd()
      else fail(new ShoalError('ERR_PROTOCOL', 'who-has: the other device broke off', { cause: error }))
    }
    const onAbort = (): void => fail(signal.reason)
    stream.addEventListener('message', onMessage)
    stream.addEventListener('remoteCloseWrite', onEnd)
    stream.addEventListener('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}
