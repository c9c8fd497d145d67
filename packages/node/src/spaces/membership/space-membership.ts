/**
 * Which members of one space are there, and how they can be reached. A protocol without any input or output of its own: time,
 * chance, signatures and what carries a message to a member are given to it, so it runs the same over streams and in a simulation.
 *
 *     const membership = new SpaceMembership({ space, self, seams, sign, verify, send, describe, loopDelayMs, onPresence })
 *     membership.setMembers(authorised)          // by the auth log, each time that it changes
 *     membership.start()
 *     membership.met(author)                     // a peer has proved to be this member
 *     membership.received(author, bytes)         // of that member, as it was sent
 *     membership.sendFailed(author)              // nothing gets to it now
 *
 * It never changes who is a member: who is not there is not there, and no more.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import { Allowance } from './allowance.ts'
import { Chance } from './chance.ts'
import { Credence } from './credence.ts'
import { Detector } from './detector.ts'
import { Exchange } from './exchange.ts'
import { Health } from './health.ts'
import { Hearsay } from './hearsay.ts'
import {
  CONTACT_MS,
  JUMP_MS,
  MAX_HEALTH,
  MESSAGES_AT_ONCE,
  MESSAGES_PER_SECOND,
  MUCH_NEWS,
  TICK_MS,
} from './limits.ts'
import { decodeMessage, type Message } from './message.ts'
import { Neighbours } from './neighbours.ts'
import { Outbox } from './outbox.ts'
import { OwnVoice, type OwnVoiceInit } from './own-voice.ts'
import { presenceOf, type Presence } from './presence.ts'
import { Roster } from './roster.ts'
import { Routine } from './routine.ts'
import { Rumours } from './rumours.ts'
import { decodeStatement } from './statement.ts'

export interface SpaceMembershipInit extends OwnVoiceInit {
  readonly seams: Seams
  /** Is this the signature of the message under the key of this member? */
  readonly verify: (member: Hex, message: Uint8Array, signature: Uint8Array) => boolean
  /** Brings a message to a member, or calls `sendFailed`, later. */
  readonly send: (member: Hex, bytes: Uint8Array) => void
  /** How late the event loop runs what is due, lately, in milliseconds. */
  readonly loopDelayMs: () => number
  /** A member came or went. */
  readonly onPresence: (presence: Presence) => void
}

export class SpaceMembership {
  readonly #init: SpaceMembershipInit
  readonly #health: Health
  readonly #roster: Roster
  readonly #neighbours: Neighbours
  readonly #rumours = new Rumours()
  readonly #detector: Detector
  readonly #exchange: Exchange
  readonly #voice: OwnVoice
  readonly #credence: Credence
  readonly #outbox: Outbox
  readonly #hearsay: Hearsay
  readonly #routine: Routine
  readonly #messages: Allowance
  #timer: TimerHandle | undefined
  /** When this node ran last: on the monotonic clock and on the wall. Asleep, many machines stop the first. */
  #ranMs: number
  #ranWallMs: number
  /** When anybody was heard last. */
  #heardMs = Number.NEGATIVE_INFINITY

  constructor(init: SpaceMembershipInit) {
    const { seams, self, space, loopDelayMs, verify, send, onPresence } = init
    const { clock } = seams
    const chance = new Chance(seams.random)
    this.#init = init
    this.#ranMs = clock.monotonic()
    this.#ranWallMs = clock.now()
    this.#health = new Health(loopDelayMs)
    this.#neighbours = new Neighbours(chance)
    this.#voice = new OwnVoice(init, Math.max(1, Math.floor(clock.now())))
    this.#messages = new Allowance(clock, MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
    this.#credence = new Credence(clock, space, verify)
    this.#roster = new Roster({
      clock,
      isBelieved: (statement, from) => this.#credence.has(statement, from),
      onChange: (row) => onPresence(presenceOf(row, clock.now())),
    })
    this.#exchange = new Exchange(self, this.#roster, chance)
    this.#outbox = new Outbox({
      clock,
      chance,
      send,
      roster: this.#roster,
      neighbours: this.#neighbours,
      voice: this.#voice,
      rumours: this.#rumours,
    })
    this.#detector = new Detector({
      clock,
      chance,
      health: this.#health,
      neighbours: this.#neighbours,
      outbox: this.#outbox,
      onSilent: (member) => this.#accuse(member),
    })
    const parts = {
      self,
      chance,
      health: this.#health,
      roster: this.#roster,
      neighbours: this.#neighbours,
      rumours: this.#rumours,
      detector: this.#detector,
      exchange: this.#exchange,
      voice: this.#voice,
      outbox: this.#outbox,
    }
    this.#hearsay = new Hearsay(parts)
    this.#routine = new Routine(parts)
  }

  /** Members by the auth log, this one among them. */
  setMembers(members: ReadonlySet<Hex>): void {
    for (const member of this.#roster.setMembers(members)) {
      this.#neighbours.drop(member)
      this.#messages.forget(member)
      this.#credence.forget(member)
    }
    this.#neighbours.setSize(members.size)
    this.#exchange.setMembers(members)
  }

  /** When an earlier run saw a member last, in milliseconds since 1970. */
  remember(member: Hex, lastSeenMs: number): void {
    this.#roster.remember(member, lastSeenMs)
  }

  start(): void {
    if (this.#timer !== undefined) return
    this.#ran()
    this.#routine.begin(this.#ranMs)
    this.#voice.sayAlive((statement) => this.#outbox.spread(statement))
    this.#wait()
  }

  /** Says to its neighbours that it goes, and then nothing more. */
  stop(): void {
    if (this.#timer === undefined) return
    this.#init.seams.timers.clear(this.#timer)
    this.#timer = undefined
    this.#voice.sayGone(({ frame }) => {
      for (const member of this.#neighbours.active)
        this.#outbox.send(member, { type: 'told', isAnswer: false, told: [frame] })
    })
  }

  /** A peer has proved to be this member: it may become a neighbour. */
  met(member: Hex): void {
    if (this.#timer !== undefined && this.#roster.get(member) !== undefined) this.#detector.contact(member)
  }

  /** Nothing gets to this member now. */
  sendFailed(member: Hex): void {
    this.#detector.sendFailed(member)
  }

  /** Presence of all other members. */
  presence(): Presence[] {
    const nowMs = this.#init.seams.clock.now()
    return [...this.#roster.rows]
      .filter(({ member }) => member !== this.#init.self)
      .map((row) => presenceOf(row, nowMs))
  }

  /** Presence of one; undefined: no member. */
  of(member: Hex): Presence | undefined {
    const row = this.#roster.get(member)
    return row === undefined ? undefined : presenceOf(row, this.#init.seams.clock.now())
  }

  /** Members that this node keeps in touch with. */
  get neighbours(): readonly Hex[] {
    return this.#neighbours.active
  }

  /**
   * Takes a message of a member.
   *
   * @throws ShoalError ERR_PROTOCOL when it is none: whatever it comes by is of no use any more
   */
  received(from: Hex, untrusted: Uint8Array): void {
    const row = this.#roster.get(from)
    if (row === undefined || this.#timer === undefined || !this.#messages.take(from)) return
    this.#wake()
    const message = decodeMessage(untrusted)
    const statements = message.told.map(decodeStatement)
    this.#heardMs = this.#init.seams.clock.monotonic()
    this.#roster.heard(row)
    const isAnswer = message.type === 'told' && message.isAnswer
    const news = this.#hearsay.take(from, statements, !isAnswer)
    this.#answer(from, message)
    if (isAnswer && news >= MUCH_NEWS) this.#routine.hurry(this.#heardMs)
  }

  #answer(from: Hex, message: Message): void {
    switch (message.type) {
      case 'ping': {
        const { id, wish } = message
        const isNeighbour = this.#neighbours.admit(from, wish)
        this.#outbox.post(from, { type: 'ack', id, isNeighbour, told: [] }, wish > 0)
        return
      }
      case 'ack':
        if (this.#detector.onAck(from, message)) this.#neighbours.answered(from, message.isNeighbour)
        return
      case 'ask':
        this.#detector.onAsk(from, message)
        return
      case 'nack':
        this.#detector.onNack(from, message)
        return
      case 'mix':
        if (!message.isAnswer) this.#routine.mix(from, true)
        return
      case 'list': {
        const told = this.#outbox.hasPlenty ? this.#exchange.corrections(message) : []
        if (told.length > 0) this.#outbox.send(from, { type: 'told', isAnswer: true, told })
        return
      }
      case 'told':
    }
  }

  #wait(): void {
    this.#timer = this.#init.seams.timers.set(() => {
      this.#wait()
      this.#tick()
    }, TICK_MS)
  }

  #tick(): void {
    this.#wake()
    this.#ran()
    const nowMs = this.#ranMs
    for (const member of this.#roster.decide()) this.#neighbours.drop(member)
    this.#rumours.forgetOld(nowMs)
    this.#routine.tick(nowMs)
  }

  /**
   * Looks whether this process stood still: stopped, asleep, or kept from running. Then what is under way tells of its own
   * absence and nothing of others, so it begins anew, and says that it is back.
   */
  #wake(): void {
    const { clock } = this.#init.seams
    const passedMs = Math.max(clock.monotonic() - this.#ranMs, clock.now() - this.#ranWallMs)
    if (passedMs <= TICK_MS + JUMP_MS) return
    this.#ran()
    this.#detector.clear()
    this.#roster.beginAgain()
    this.#rumours.clear()
    this.#routine.begin(this.#ranMs)
    this.#health.worse(MAX_HEALTH)
    this.#heardMs = Number.NEGATIVE_INFINITY
    this.#voice.renew(0, (statement) => this.#outbox.spread(statement))
  }

  #ran(): void {
    const { clock } = this.#init.seams
    this.#ranMs = clock.monotonic()
    this.#ranWallMs = clock.now()
  }

  /** Nobody got an answer of it. Who hears nobody says so to nobody: it may be cut off itself. */
  #accuse(member: Hex): void {
    const { self, seams } = this.#init
    const row = this.#roster.get(member)
    if (row === undefined || row.state === 'offline' || row.suspicion?.has(self) === true) return
    this.#roster.accuse(row, self, undefined)
    if (seams.clock.monotonic() - this.#heardMs > CONTACT_MS) return
    this.#voice.accuse(member, row.incarnation, (statement) => {
      if (row.incarnation !== statement.incarnation || row.state === 'offline') return
      if (this.#roster.accuse(row, self, statement.frame)) this.#outbox.spread(statement)
    })
  }
}
