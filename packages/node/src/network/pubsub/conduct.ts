/** How peers behave in gossip: how much they send, what they do wrong, and who is not heard any more. */
import { Bucket } from '../../util/bucket.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import type { Clock } from '../../util/seams.ts'
import { PUBSUB_SCORES, type PubsubLimits } from './limits.ts'

interface Behaviour {
  /** Frames, messages and entries that it may send. */
  readonly units: Bucket
  /** Messages that may be opened and judged for it. */
  readonly opened: Bucket
  /** What it may do wrong yet. */
  readonly patience: Bucket
  judging: number
}

export interface ConductInit {
  readonly clock: Clock
  readonly limits: PubsubLimits
  /** Did this peer prove that it is a member of a space of ours? */
  readonly isMember: (peerId: string) => boolean
  /** Called when a peer is not heard any more. */
  readonly onBarred: (peerId: string) => void
}

export class Conduct {
  readonly #init: ConductInit
  readonly #peers = new Map<string, Behaviour>()
  /** Until when, by the monotonic clock. */
  readonly #barred = new Map<string, number>()
  /** What may be opened in all: strangers who come ever again under new ids take nothing from members. */
  readonly #openedOfMembers: Bucket
  readonly #openedOfStrangers: Bucket
  #judging = 0

  constructor(init: ConductInit) {
    const { clock, limits } = init
    this.#init = init
    const inAll = limits.openedPerSecondInAll
    this.#openedOfMembers = new Bucket(clock, inAll, inAll)
    this.#openedOfStrangers = new Bucket(clock, inAll, inAll)
  }

  /** Peers that are barred now. */
  get barred(): number {
    return [...this.#barred.keys()].filter((peerId) => this.isBarred(peerId)).length
  }

  /** Also of one that went and came back: nothing is forgiven by connecting again. */
  isBarred(peerId: string): boolean {
    const untilMs = this.#barred.get(peerId)
    if (untilMs === undefined) return false
    if (this.#init.clock.monotonic() < untilMs) return true
    this.#barred.delete(peerId)
    return false
  }

  /** What the library is told that it is worth, in points. */
  worth(peerId: string): number {
    if (this.isBarred(peerId)) return PUBSUB_SCORES.barred
    const { maxStrikes } = this.#init.limits
    const strikes = maxStrikes - (this.#peers.get(peerId)?.patience.level ?? maxStrikes)
    return (this.#init.isMember(peerId) ? PUBSUB_SCORES.member : 0) + strikes * PUBSUB_SCORES.strike
  }

  /** Takes a frame of so many units. False: it is above the rate, and to be dropped. */
  takeFrame(peerId: string, units: number): boolean {
    const { units: left } = this.#of(peerId)
    if (left.level >= units) {
      left.take(units)
      return true
    }
    this.strike(peerId, 1 / this.#init.limits.droppedPerStrike)
    return false
  }

  /** May a message of it be opened, and judged if it opens? False: too many came in this second. */
  mayOpen(peerId: string): boolean {
    const { opened } = this.#of(peerId)
    const inAll = this.#init.isMember(peerId) ? this.#openedOfMembers : this.#openedOfStrangers
    if (opened.level < 1 || inAll.level < 1) return false
    opened.take(1)
    inAll.take(1)
    return true
  }

  /** Begins to judge a message. False: too many are under way. */
  beginJudging(peerId: string): boolean {
    const { maxJudging, maxJudgingInAll } = this.#init.limits
    const behaviour = this.#of(peerId)
    if (behaviour.judging >= maxJudging || this.#judging >= maxJudgingInAll) return false
    behaviour.judging++
    this.#judging++
    return true
  }

  endJudging(peerId: string): void {
    this.#judging--
    const behaviour = this.#peers.get(peerId)
    if (behaviour !== undefined) behaviour.judging = Math.max(0, behaviour.judging - 1)
  }

  /** Holds against a peer what it did; with too much it is barred. */
  strike(peerId: string, strikes: number): void {
    const { patience } = this.#of(peerId)
    patience.take(strikes)
    if (patience.level > 0 || this.isBarred(peerId)) return
    const { clock, limits } = this.#init
    this.#barred.set(peerId, clock.monotonic() + limits.barredMs)
    keepNewest(this.#barred, limits.maxRemembered)
    this.#init.onBarred(peerId)
  }

  /** Nothing is kept of a peer that is gone, except that it is barred. */
  forget(peerId: string): void {
    this.#peers.delete(peerId)
  }

  #of(peerId: string): Behaviour {
    const known = this.#peers.get(peerId)
    if (known !== undefined) return known
    const { clock, limits } = this.#init
    const { unitsPerSecond, openedPerSecond, maxStrikes } = limits
    const behaviour = {
      units: new Bucket(clock, unitsPerSecond, unitsPerSecond),
      opened: new Bucket(clock, openedPerSecond, openedPerSecond),
      patience: new Bucket(clock, 1, maxStrikes),
      judging: 0,
    }
    this.#peers.set(peerId, behaviour)
    return behaviour
  }
}
