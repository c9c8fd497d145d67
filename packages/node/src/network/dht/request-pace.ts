/**
 * How fast requests of others reach kad-dht. The library takes what comes as fast as it comes, hundreds of requests in one turn
 * of the event loop, and one stream of one peer is enough to keep a process from everything else. Here each peer has so
 * many a second, all together have so many, in turns, and what is more waits at the peer: its window is not opened.
 */
import type { Stream } from '@libp2p/interface'
import { Bucket } from '../../util/bucket.ts'
import type { Clock, TimerHandle, Timers } from '../../util/seams.ts'
import { ReceiveCredit } from '../receive-credit.ts'
import { guardStream, PassedMessageEvent, type FrameLimits } from './frame-guard.ts'
import { PACE_LIMITS } from './limits.ts'

export interface RequestPaceInit {
  readonly clock: Clock
  readonly timers: Timers
}

/** Peers that are looked at for each that comes, whether they are gone and may be forgotten. */
const LOOKED_AT = 4

/** One stream of a peer. */
interface Asker {
  readonly stream: Stream
  readonly credit: ReceiveCredit
  isEnded: boolean
}

interface Request {
  readonly asker: Asker
  readonly framed: Uint8Array
}

/** One peer. */
interface Lane {
  readonly bucket: Bucket
  streams: number
  heldBytes: number
  waiting: Request[]
}

export class RequestPace {
  readonly #init: RequestPaceInit
  readonly #all: Bucket
  /** Peers with streams. Whose turn was last stands last. */
  readonly #lanes = new Map<string, Lane>()
  #heldBytes = 0
  #timer: TimerHandle | undefined

  constructor(init: RequestPaceInit) {
    this.#init = init
    this.#all = new Bucket(init.clock, PACE_LIMITS.total, PACE_LIMITS.burst)
  }

  /**
   * Guards a stream that a peer opened. To be called before anybody else listens to it.
   *
   * @param messages limits of one message
   */
  guard(stream: Stream, peer: string, messages: FrameLimits): Stream {
    const lane = this.#laneOf(peer)
    const asker: Asker = { stream, credit: new ReceiveCredit(stream), isEnded: false }
    lane.streams++
    asker.credit.hold(PACE_LIMITS.windowBytes)
    stream.addEventListener('close', () => this.#left(asker, lane), { once: true })
    return guardStream(stream, messages, (framed) => this.#take(lane, { asker, framed }))
  }

  #laneOf(peer: string): Lane {
    let lane = this.#lanes.get(peer)
    if (lane === undefined) {
      this.#forgetSome()
      const bucket = new Bucket(this.#init.clock, PACE_LIMITS.perPeer, PACE_LIMITS.burstPerPeer)
      lane = { bucket, streams: 0, heldBytes: 0, waiting: [] }
      this.#lanes.set(peer, lane)
    }
    return lane
  }

  #take(lane: Lane, request: Request): void {
    // What came together with the message that ended the stream.
    if (request.asker.isEnded) return
    const bytes = request.framed.byteLength
    lane.waiting.push(request)
    lane.heldBytes += bytes
    this.#heldBytes += bytes
    if (lane.heldBytes > PACE_LIMITS.maxHeldBytesPerPeer || this.#heldBytes > PACE_LIMITS.maxHeldBytes) {
      request.asker.stream.abort(new RangeError('too many requests to the table wait'))
      return
    }
    // kad-dht hears nothing more of a stream once the peer has ended its side of it, as those do who announce: who asks
    // little is not held up by those who ask much.
    const isModest = lane.bucket.level > PACE_LIMITS.burstPerPeer - PACE_LIMITS.freePerPeer
    if (isModest && lane.waiting.length === 1) this.#passOne(lane)
    else if (lane.bucket.level >= 1 || this.#timer === undefined) this.#pass()
  }

  #pass(): void {
    let isAnyLeft = true
    while (isAnyLeft) {
      isAnyLeft = false
      for (const [peer, lane] of this.#lanes) {
        if (lane.waiting.length === 0 || lane.bucket.level < 1) continue
        if (this.#all.level < 1) return this.#waitFor(this.#all.msUntil(1))
        isAnyLeft = true
        // Its next turn is after that of all others, also when there is no more for all.
        this.#lanes.delete(peer)
        this.#lanes.set(peer, lane)
        this.#passOne(lane)
        break
      }
    }
    const waits = [...this.#lanes.values()].filter((lane) => lane.waiting.length > 0)
    if (waits.length > 0) this.#waitFor(Math.min(...waits.map((lane) => lane.bucket.msUntil(1))))
  }

  #passOne(lane: Lane): void {
    const request = lane.waiting.shift()
    if (request === undefined) return
    const { asker, framed } = request
    lane.bucket.take(1)
    this.#all.take(1)
    lane.heldBytes -= framed.byteLength
    this.#heldBytes -= framed.byteLength
    asker.stream.dispatchEvent(new PassedMessageEvent(framed))
    asker.credit.grant(framed.byteLength)
  }

  #waitFor(ms: number): void {
    this.#timer ??= this.#init.timers.set(
      () => {
        this.#timer = undefined
        this.#pass()
      },
      Math.max(1, Math.ceil(ms)),
    )
  }

  #left(asker: Asker, lane: Lane): void {
    asker.isEnded = true
    const dropped = lane.waiting.filter((request) => request.asker === asker)
    lane.waiting = lane.waiting.filter((request) => request.asker !== asker)
    for (const { framed } of dropped) {
      lane.heldBytes -= framed.byteLength
      this.#heldBytes -= framed.byteLength
    }
    lane.streams--
  }

  /** Who opens and closes streams saves up nothing by it: a peer that is gone stays until it might ask as much again. */
  #forgetSome(): void {
    for (const [peer, lane] of [...this.#lanes].slice(0, LOOKED_AT)) {
      this.#lanes.delete(peer)
      if (lane.streams > 0 || lane.bucket.level < PACE_LIMITS.burstPerPeer) this.#lanes.set(peer, lane)
    }
  }
}
