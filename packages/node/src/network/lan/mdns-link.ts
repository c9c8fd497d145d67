/** Multicast DNS on one local network: when to ask, when to answer, and what was heard. */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { QUESTION, encodeAnnouncement, hear, sourceOn, type Announcement } from './announcement.ts'
import { MDNS_LIMITS, MDNS_TIMES } from './limits.ts'
import type { LocalNetwork } from './local-networks.ts'
import type { MulticastSocket, OpenMulticast } from './multicast.ts'

export interface MdnsLinkInit {
  readonly network: LocalNetwork
  readonly open: OpenMulticast
  readonly seams: Seams
  /** Name of this node in its answers, which says nothing. */
  readonly instance: string
  /** What our answers on this network name. None: no answers. */
  readonly addresses: readonly string[]
  /** May one more packet from this source be read? */
  readonly admits: (source: string) => boolean
  readonly onHeard: (announcement: Announcement, source: string) => void
  readonly onFailure: (error: Error) => void
}

/** RFC 6762 section 8.3: whoever comes says so twice. */
const ANNOUNCEMENTS = 2

export class MdnsLink {
  readonly #init: MdnsLinkInit
  readonly #socket: MulticastSocket
  #queryTimer: TimerHandle | undefined
  #answerTimer: TimerHandle | undefined
  /** Between the last question and the next, in milliseconds; 0 while one of ours is due that others do not put off. */
  #pauseMs = 0
  #lastQueryMs = Number.NEGATIVE_INFINITY
  #lastAnswerMs = Number.NEGATIVE_INFINITY
  #announcementsLeft = ANNOUNCEMENTS
  #isClosed = false

  constructor(init: MdnsLinkInit) {
    this.#init = init
    this.#socket = init.open(init.network, {
      onPacket: (packet, source) => this.#take(packet, source),
      onFailure: (error) => {
        this.#end()
        init.onFailure(error)
      },
    })
    this.ask()
    this.#answerSoon()
  }

  /** Asks now, or when enough time passed since the last question, and goes on at short intervals. */
  ask(): void {
    if (this.#isClosed) return
    this.#pauseMs = 0
    const dueMs = this.#lastQueryMs + MDNS_TIMES.queryMs
    const waitMs = dueMs - this.#now()
    if (waitMs <= 0) this.#query()
    else this.#queryIn(waitMs)
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#end()
    const { instance, addresses } = this.#init
    if (addresses.length > 0) this.#socket.send(encodeAnnouncement(instance, addresses, 0))
    await this.#socket.close()
  }

  #end(): void {
    this.#isClosed = true
    const { timers } = this.#init.seams
    if (this.#queryTimer !== undefined) timers.clear(this.#queryTimer)
    if (this.#answerTimer !== undefined) timers.clear(this.#answerTimer)
  }

  #take(packet: Uint8Array, source: string): void {
    const { network, admits, onHeard } = this.#init
    // A socket also gets what came in over other interfaces.
    if (this.#isClosed || sourceOn(network, source) === undefined || !admits(source)) return
    const heard = hear(packet, source, network)
    if (heard === undefined) return
    if (heard.kind === 'question') this.#asked()
    else for (const announcement of heard.announcements) onHeard(announcement, source)
  }

  #asked(): void {
    // All hear the answers, so that one device's question serves all: not everybody asks every minute.
    const isEcho = this.#now() - this.#lastQueryMs < MDNS_TIMES.echoMs
    if (!isEcho && this.#pauseMs > 0) this.#queryLater()
    this.#answerSoon()
  }

  #query(): void {
    this.#lastQueryMs = this.#now()
    this.#socket.send(QUESTION)
    this.#queryLater()
  }

  /** After twice the last pause, more or less, so that devices differ and one of them asks first. */
  #queryLater(): void {
    this.#pauseMs = Math.min(this.#pauseMs * 2 || MDNS_TIMES.firstQueryMs, MDNS_TIMES.lastQueryMs)
    this.#queryIn(this.#pauseMs * (0.8 + 0.4 * this.#share()))
  }

  #queryIn(delayMs: number): void {
    const { timers } = this.#init.seams
    if (this.#queryTimer !== undefined) timers.clear(this.#queryTimer)
    this.#queryTimer = timers.set(() => this.#query(), delayMs)
  }

  /** After a random short time, and not before enough time passed since the last answer; one answer serves all. */
  #answerSoon(): void {
    if (this.#isClosed || this.#answerTimer !== undefined || this.#init.addresses.length === 0) return
    const { timers } = this.#init.seams
    const { leastAnswerDelayMs, mostAnswerDelayMs, answerMs } = MDNS_TIMES
    const delayMs = leastAnswerDelayMs + this.#share() * (mostAnswerDelayMs - leastAnswerDelayMs)
    const waitMs = Math.max(delayMs, this.#lastAnswerMs + answerMs - this.#now())
    this.#answerTimer = timers.set(() => this.#answer(), waitMs)
  }

  #answer(): void {
    this.#answerTimer = undefined
    this.#lastAnswerMs = this.#now()
    const { instance, addresses } = this.#init
    this.#socket.send(encodeAnnouncement(instance, addresses, MDNS_LIMITS.maxTtlSeconds))
    if (this.#announcementsLeft > 0) this.#announcementsLeft--
    if (this.#announcementsLeft > 0) this.#answerSoon()
  }

  /** From 0 to 1, at random. */
  #share(): number {
    const [high = 0, low = 0] = this.#init.seams.random.bytes(2)
    return (high * 256 + low) / 65_535
  }

  #now(): number {
    return this.#init.seams.clock.monotonic()
  }
}
