/**
 * Answers pings. The library's own answerer reads on, into memory, while the other side does not take the answers: one
 * stream costs as much as a peer can send in ten seconds. This one stops reading instead.
 */
import type { Stream } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import type { TimerHandle, Timers } from '../../util/seams.ts'
import type { NetworkLimits } from '../limits.ts'

export const PING_PROTOCOL = '/ipfs/ping/1.0.0'
/** As the protocol advises: two of one peer. */
export const MAX_PING_STREAMS = 2

export function answerPings(stream: Stream, timers: Timers, limits: NetworkLimits): void {
  let received = 0
  let timer: TimerHandle | undefined
  const rest = (): void => {
    if (timer !== undefined) timers.clear(timer)
    timer = undefined
  }
  const wait = (): void => {
    rest()
    timer = timers.set(() => stream.abort(new ShoalError('ERR_LIMIT', 'no ping')), limits.pingTimeoutMs)
  }
  stream.addEventListener('close', rest, { once: true })
  stream.addEventListener('remoteCloseWrite', () => {
    stream.close().catch((error: unknown) => stream.abort(error as Error))
  })
  stream.addEventListener('message', ({ data }) => {
    wait()
    received += data.byteLength
    if (received > limits.maxPingBytes) stream.abort(new ShoalError('ERR_LIMIT', 'too many pings'))
    else if (stream.writeStatus === 'writable') stream.send(data)
  })
  wait()
}
