/** What a node does now and then without being asked: beacons, looking for neighbours, comparing with them. */
import type { Hex } from '../auth/action.ts'
import type { Chance } from './chance.ts'
import type { Detector } from './detector.ts'
import type { Exchange } from './exchange.ts'
import {
  BEACON_MS,
  CONTACTS_PER_PERIOD,
  HASTY_LIST_MS,
  HASTY_MIX_MS,
  JITTER,
  LIST_MS,
  MIX_MS,
  RECONTACT_MS,
  RECONTACTED_MS,
  YOUNG_LIST_MS,
  YOUNG_MS,
} from './limits.ts'
import type { Neighbours } from './neighbours.ts'
import type { Outbox } from './outbox.ts'
import type { OwnVoice } from './own-voice.ts'
import type { Roster } from './roster.ts'

export interface RoutineInit {
  readonly self: Hex
  readonly chance: Chance
  readonly roster: Roster
  readonly neighbours: Neighbours
  readonly detector: Detector
  readonly exchange: Exchange
  readonly voice: OwnVoice
  readonly outbox: Outbox
}

export class Routine {
  readonly #init: RoutineInit
  #beaconDueMs = 0
  #mixDueMs = 0
  #listDueMs = 0
  #contactedMs = 0
  /** More or less of the time between two tries. */
  #jitter = 1
  #youngUntilMs = 0

  constructor(init: RoutineInit) {
    this.#init = init
  }

  tick(nowMs: number): void {
    const { chance, detector, voice, outbox } = this.#init
    if (detector.tick()) this.#fill()
    if (nowMs >= this.#beaconDueMs) {
      this.#beaconDueMs = nowMs + chance.around(BEACON_MS, JITTER)
      voice.sayBeacon()
    }
    this.#recontact(nowMs)
    if (outbox.hasRoom) outbox.push()
    if (outbox.hasPlenty) this.#compare(nowMs)
  }

  /** This node begins, or is back: it knows little of what happened meanwhile, and compares often. */
  begin(nowMs: number): void {
    this.#youngUntilMs = nowMs + YOUNG_MS
    this.#listDueMs = nowMs
  }

  /** The last comparison brought much: there is more where it came from. */
  hurry(nowMs: number): void {
    this.#listDueMs = Math.min(this.#listDueMs, nowMs + HASTY_LIST_MS)
  }

  /** Sends some beacons. */
  mix(to: Hex, isAnswer: boolean): void {
    const { outbox, exchange } = this.#init
    if (!outbox.hasPlenty) return
    const told = exchange.beacons(to)
    if (told.length > 0 || !isAnswer) outbox.send(to, { type: 'mix', isAnswer, told })
  }

  /** The fewer are missing the more there are to look for them: how often is judged anew each time. */
  #recontact(nowMs: number): void {
    const { chance, detector, exchange, roster } = this.#init
    const missing = Math.max(1, roster.size - 1 - roster.online.size)
    const everyMs = Math.max(RECONTACT_MS, (RECONTACTED_MS * roster.online.size) / missing)
    if (nowMs - this.#contactedMs < everyMs * this.#jitter) return
    this.#contactedMs = nowMs
    this.#jitter = chance.around(1, JITTER)
    const member = exchange.missing()
    if (member !== undefined) detector.contact(member)
  }

  #compare(nowMs: number): void {
    const { chance, neighbours, outbox, exchange } = this.#init
    if (nowMs < this.#mixDueMs && nowMs < this.#listDueMs) return
    const neighbour = chance.pick(neighbours.active)
    if (neighbour === undefined) return
    if (nowMs >= this.#mixDueMs) {
      const everyMs = neighbours.isLacking ? HASTY_MIX_MS : MIX_MS
      this.#mixDueMs = nowMs + chance.around(everyMs, JITTER)
      this.mix(neighbour, false)
    } else if (nowMs >= this.#listDueMs) {
      const everyMs = nowMs < this.#youngUntilMs ? YOUNG_LIST_MS : LIST_MS
      this.#listDueMs = nowMs + chance.around(everyMs, JITTER)
      outbox.send(neighbour, { ...exchange.list(), told: [] })
    }
  }

  #fill(): void {
    const { neighbours, detector } = this.#init
    for (let left = CONTACTS_PER_PERIOD; left > 0 && neighbours.isLacking; left--) {
      const member = neighbours.candidate() ?? this.#anyOnline()
      if (member === undefined) return
      detector.contact(member)
    }
  }

  #anyOnline(): Hex | undefined {
    const { self, chance, roster, neighbours } = this.#init
    return chance.pick([...roster.online].filter((member) => member !== self && !neighbours.has(member)))
  }
}
