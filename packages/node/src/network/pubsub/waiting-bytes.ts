/**
 * What waits to be sent to peers that take it slowly or not at all: bounded for one peer and for all. The library itself sends
 * without looking whether anything is taken.
 */
import type { Stream } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import type { PubsubLimits } from './limits.ts'

export interface WaitingBytesInit {
  readonly limits: Pick<PubsubLimits, 'maxPeerWaitingBytes' | 'maxWaitingBytes' | 'waitingCheckBytes'>
  /** Called when the stream of a peer was reset since it takes too little. */
  readonly onStalled: (peerId: string) => void
}

export class WaitingBytes {
  readonly #init: WaitingBytesInit
  readonly #streams = new Map<Stream, string>()
  #sinceCheck = 0

  constructor(init: WaitingBytesInit) {
    this.#init = init
  }

  get sum(): number {
    let sum = 0
    for (const stream of this.#streams.keys()) sum += stream.writeBufferLength
    return sum
  }

  /** Watches what is sent on a stream until it ends. */
  watch(peerId: string, stream: Stream): void {
    this.#streams.set(stream, peerId)
    stream.addEventListener('close', () => this.#streams.delete(stream), { once: true })
    const send = stream.send.bind(stream)
    stream.send = (data) => {
      const takesMore = send(data)
      if (stream.writeBufferLength > this.#init.limits.maxPeerWaitingBytes) this.#giveUp(stream)
      this.#sinceCheck += data.byteLength
      if (this.#sinceCheck >= this.#init.limits.waitingCheckBytes) this.#check()
      return takesMore
    }
  }

  /** Half of the bound is left then: those that take nothing go all at once, and not one with each message. */
  #check(): void {
    this.#sinceCheck = 0
    const { maxWaitingBytes } = this.#init.limits
    let sum = this.sum
    if (sum <= maxWaitingBytes) return
    const fullest = [...this.#streams.keys()].toSorted((a, b) => b.writeBufferLength - a.writeBufferLength)
    for (const stream of fullest) {
      if (sum <= maxWaitingBytes / 2) return
      sum -= stream.writeBufferLength
      this.#giveUp(stream)
    }
  }

  #giveUp(stream: Stream): void {
    const peerId = this.#streams.get(stream)
    if (peerId === undefined) return
    this.#streams.delete(stream)
    stream.abort(new ShoalError('ERR_PROTOCOL', 'the other device takes too little of what is sent'))
    this.#init.onStalled(peerId)
  }
}
