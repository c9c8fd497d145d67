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
import { Bucket } from '../../util/bucket.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import { Allowance } from './allowance.ts'
import { Chance } from './chance.ts'
import { Detector } from './detector.ts'
import { Exchange } from './exchange.ts'
import { Health } from './health.ts'
import {
  ACCUSATIONS_AT_ONCE,
  ACCUSATIONS_PER_SECOND,
  BEACON_MS,
  CHECKS_AT_ONCE,
  CHECKS_PER_SECOND,
  CONTACT_MS,
  CONTACTS_PER_PERIOD,
  FRAME_OVERHEAD_BYTES,
  HASTY_LIST_MS,
  HASTY_MIX_MS,
  JITTER,
  JUMP_MS,
  LIST_MS,
  LOOKERS,
  MAX_HEALTH,
  MAX_STATEMENTS,
  MESSAGES_AT_ONCE,
  MESSAGES_PER_SECOND,
  MIX_MS,
  MUCH_NEWS,
  RECONTACT_MS,
  SEND_BURST_BYTES,
  SEND_BYTES_PER_SECOND,
  TICK_MS,
} from './limits.ts'
import { decodeMessage, encodeMessage, type Message } from './message.ts'
import { Neighbours } from './neighbours.ts'
import { OwnVoice, type OwnVoiceInit } from './own-voice.ts'
import { evidenceOf, Roster, type PresenceState, type Row } from './roster.ts'
import { Rumours } from './rumours.ts'
import {
  bodyOf,
  decodeStatement,
  messageOf,
  signatureOf,
  speakerOf,
  type BeaconContent,
  type Statement,
} from './statement.ts'

export interface Presence {
  readonly member: Hex
  /** A suspect is online until it is decided. */
  readonly state: PresenceState
  /** Milliseconds since 1970; undefined: never. */
  readonly lastSeenMs: number | undefined
  /** What it told of itself last. */
  readonly content: BeaconContent | undefined
}

export interface SpaceMembershipInit extends OwnVoiceInit {
  readonly seams: Seams
  /** Is this the signature of the message under the key of this member? */
  readonly verify: (member: Hex, message: Uint8Array, signature: Uint8Array) => boolean
  /** Brings a message to a member, in order of all to it, or calls `sendFailed`, not from within. */
  readonly send: (member: Hex, bytes: Uint8Array) => void
  /** How late the event loop runs what is due, lately, in milliseconds. */
  readonly loopDelayMs: () => number
  /** A member came or went. */
  readonly onPresence: (presence: Presence) => void
}

export class SpaceMembership {
  readonly #init: SpaceMembershipInit
  readonly #chance: Chance
  readonly #health: Health
  readonly #roster: Roster
  readonly #neighbours: Neighbours
  readonly #rumours = new Rumours()
  readonly #detector: Detector
  readonly #exchange: Exchange
  readonly #voice: OwnVoice
  readonly #budget: Bucket
  readonly #messages: Allowance
  readonly #checks: Allowance
  readonly #accusations: Allowance
  #timer: TimerHandle | undefined
  #tickedMs: number
  #heardMs = Number.NEGATIVE_INFINITY
  #beaconDueMs = 0
  #mixDueMs = 0
  #listDueMs = 0
  #contactDueMs = 0
  /** Who handed on what is looked at now. */
  #from: Hex | undefined

  constructor(init: SpaceMembershipInit) {
    const { seams, self, loopDelayMs } = init
    const { clock } = seams
    this.#init = init
    this.#chance = new Chance(seams.random)
    this.#health = new Health(loopDelayMs)
    this.#neighbours = new Neighbours(this.#chance)
    this.#voice = new OwnVoice(init, Math.max(1, Math.floor(clock.now())))
    this.#budget = new Bucket(clock, SEND_BYTES_PER_SECOND, SEND_BURST_BYTES)
    this.#messages = new Allowance(clock, MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
    this.#checks = new Allowance(clock, CHECKS_PER_SECOND, CHECKS_AT_ONCE)
    this.#accusations = new Allowance(clock, ACCUSATIONS_PER_SECOND, ACCUSATIONS_AT_ONCE)
    this.#tickedMs = clock.monotonic()
    this.#roster = new Roster({
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      isSigned: (statement) => this.#isTaken(statement),
      onChange: (row) => init.onPresence(presenceOf(row, clock.now())),
    })
    this.#exchange = new Exchange(self, this.#roster, this.#chance)
    this.#detector = new Detector({
      now: () => clock.monotonic(),
      chance: this.#chance,
      health: this.#health,
      neighbours: this.#neighbours,
      ping: (to, id, wish) => this.#post(to, { type: 'ping', id, wish, told: [] }, wish > 0),
      ask: (to, id, member) => this.#post(to, { type: 'ask', id, member, told: [] }),
      answer: (to, id, isAlive) =>
        this.#post(
          to,
          isAlive ? { type: 'ack', id, isNeighbour: false, told: [] } : { type: 'nack', id, told: [] },
        ),
      onSilent: (member) => this.#accuse(member),
    })
  }

  /** Members by the auth log, this one among them or not. */
  setMembers(members: ReadonlySet<Hex>): void {
    for (const member of this.#roster.setMembers(members)) {
      this.#neighbours.drop(member)
      this.#messages.forget(member)
      this.#checks.forget(member)
      this.#accusations.forget(member)
    }
    this.#neighbours.setSize(this.#roster.size)
    this.#exchange.setMembers(members)
  }

  /** When an earlier run saw a member last, in milliseconds since 1970. */
  remember(member: Hex, lastSeenMs: number): void {
    this.#roster.remember(member, lastSeenMs)
  }

  start(): void {
    if (this.#timer !== undefined) return
    this.#tickedMs = this.#init.seams.clock.monotonic()
    this.#beaconDueMs = this.#tickedMs + this.#chance.float() * TICK_MS
    this.#listDueMs = this.#tickedMs + this.#chance.float() * HASTY_LIST_MS
    this.#voice.sayAlive((statement) => this.#tell(statement))
    this.#wait()
  }

  /** Says to its neighbours that it goes, and then nothing more. */
  stop(): void {
    if (this.#timer === undefined) return
    this.#init.seams.timers.clear(this.#timer)
    this.#timer = undefined
    this.#voice.sayGone(({ frame }) => {
      for (const member of this.#neighbours.active) this.#send(member, { type: 'told', told: [frame] })
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
    this.#from = from
    let news = 0
    const stale = new Set<Hex>()
    for (const statement of statements) if (this.#take(statement, from, stale)) news++
    this.#from = undefined
    this.#correct(from, stale)
    this.#answer(from, message, news)
  }

  #answer(from: Hex, message: Message, news: number): void {
    switch (message.type) {
      case 'ping': {
        const { id, wish } = message
        const isNeighbour = this.#neighbours.admit(from, wish)
        this.#post(from, { type: 'ack', id, isNeighbour, told: [] }, wish > 0)
        return
      }
      case 'ack':
        if (this.#detector.onAck(from, message) === undefined) return
        if (message.isNeighbour) this.#neighbours.add(from)
        else this.#neighbours.release(from)
        return
      case 'ask':
        this.#detector.onAsk(from, message)
        return
      case 'nack':
        this.#detector.onNack(from, message)
        return
      case 'mix':
        if (!message.isAnswer) this.#mix(from, true)
        return
      case 'list': {
        const told = this.#exchange.corrections(message)
        if (told.length > 0 && this.#budget.level > 0) this.#send(from, { type: 'told', told })
        return
      }
      case 'told':
        // That is the answer to a list that brought much: there is more where it came from.
        if (news >= MUCH_NEWS) this.#listDueMs = Math.min(this.#listDueMs, this.#heardMs + HASTY_LIST_MS)
    }
  }

  #wait(): void {
    this.#timer = this.#init.seams.timers.set(() => {
      this.#wait()
      this.#wake()
      this.#tick()
    }, TICK_MS)
  }

  /**
   * Looks whether this process stood still: stopped, asleep, or kept from running. Then what is under way tells of its own
   * absence and nothing of others, so it begins anew, and says that it is back.
   */
  #wake(): void {
    const nowMs = this.#init.seams.clock.monotonic()
    const hasJumped = nowMs - this.#tickedMs > TICK_MS + JUMP_MS
    this.#tickedMs = Math.max(this.#tickedMs, hasJumped ? nowMs : this.#tickedMs)
    if (!hasJumped) return
    this.#detector.clear()
    this.#roster.beginAgain()
    this.#rumours.clear()
    this.#health.worse(MAX_HEALTH)
    this.#heardMs = Number.NEGATIVE_INFINITY
    this.#voice.renew(0, (statement) => this.#tell(statement))
  }

  #tick(): void {
    const nowMs = this.#init.seams.clock.monotonic()
    this.#tickedMs = nowMs
    for (const member of this.#roster.decide()) this.#neighbours.drop(member)
    if (this.#detector.tick()) this.#fill()
    if (nowMs >= this.#beaconDueMs) {
      this.#beaconDueMs = nowMs + this.#chance.around(BEACON_MS, JITTER)
      this.#voice.sayBeacon()
    }
    if (nowMs >= this.#contactDueMs) {
      this.#contactDueMs = nowMs + this.#chance.around(RECONTACT_MS, JITTER)
      const member = this.#exchange.missing()
      if (member !== undefined) this.#detector.contact(member)
    }
    this.#rumours.forgetOld(nowMs)
    if (this.#budget.level > 0) this.#chat(nowMs)
  }

  /** What can wait until there is room. */
  #chat(nowMs: number): void {
    if (this.#rumours.isUrgent) this.#push()
    const neighbour = this.#chance.pick(this.#neighbours.active)
    if (neighbour === undefined) return
    if (nowMs >= this.#mixDueMs) {
      const everyMs = this.#neighbours.isLacking ? HASTY_MIX_MS : MIX_MS
      this.#mixDueMs = nowMs + this.#chance.around(everyMs, JITTER)
      this.#mix(neighbour, false)
    } else if (nowMs >= this.#listDueMs) {
      this.#listDueMs = nowMs + this.#chance.around(LIST_MS, JITTER)
      this.#send(neighbour, { ...this.#exchange.list(), told: [] })
    }
  }

  #push(): void {
    for (const member of this.#chance.sample(this.#neighbours.active, this.#neighbours.size)) {
      if (this.#budget.level <= 0) return
      const told = this.#rumours.take(member, MAX_STATEMENTS, true)
      if (told.length > 0) this.#send(member, { type: 'told', told })
    }
  }

  #mix(to: Hex, isAnswer: boolean): void {
    if (this.#budget.level <= 0) return
    const told = this.#exchange.beacons(to)
    if (told.length > 0 || !isAnswer) this.#send(to, { type: 'mix', isAnswer, told })
  }

  #fill(): void {
    for (let left = CONTACTS_PER_PERIOD; left > 0 && this.#neighbours.isLacking; left--) {
      const member = this.#neighbours.candidate() ?? this.#anyOnline()
      if (member === undefined) return
      this.#detector.contact(member)
    }
  }

  #anyOnline(): Hex | undefined {
    const { self } = this.#init
    return this.#chance.pick(
      [...this.#roster.online].filter((member) => member !== self && !this.#neighbours.has(member)),
    )
  }

  /** @returns whether it was news */
  #take(statement: Statement, from: Hex, stale: Set<Hex>): boolean {
    const { type, member, incarnation } = statement
    if (member === this.#init.self) {
      this.#takeOwn(statement)
      return false
    }
    const outcome = this.#roster.apply(statement)
    const row = this.#roster.get(member)
    if (outcome === 'refused' || row === undefined) return false
    if (outcome === 'known') this.#rumours.heldBy(statement, from)
    if (outcome === 'stale' && type !== 'beacon' && (type === 'alive') === (row.state === 'offline'))
      stale.add(member)
    if (outcome !== 'news') return false
    if (type === 'beacon') {
      if (row.state === 'online') this.#neighbours.note(member)
      return true
    }
    this.#rumours.add(statement, from, this.#init.seams.clock.monotonic())
    if (type === 'gone') this.#neighbours.drop(member)
    if (type === 'suspect' && row.incarnation === incarnation && this.#neighbours.has(member)) {
      if (this.#chance.float() * this.#neighbours.size < LOOKERS) this.#detector.hurry(member)
    }
    return true
  }

  /** Of ourselves: an accusation is answered, and what an earlier run said is outdone. */
  #takeOwn(statement: Statement): void {
    const { type, incarnation } = statement
    const isAccused = type === 'suspect' && incarnation === this.#voice.incarnation
    const isOutdone = type !== 'suspect' && incarnation > this.#voice.incarnation
    if (!(isAccused || isOutdone) || !this.#isTaken(statement)) return
    if (isAccused) this.#health.worse(1)
    this.#voice.renew(incarnation, (renewed) => this.#tell(renewed))
  }

  #tell(statement: Statement): void {
    this.#rumours.add(statement, undefined, this.#init.seams.clock.monotonic())
  }

  /** Nobody got an answer of it. Who hears nobody says so to nobody: it may be cut off itself. */
  #accuse(member: Hex): void {
    const row = this.#roster.get(member)
    const { self, seams } = this.#init
    if (row === undefined || row.state === 'offline' || row.suspicion?.has(self) === true) return
    this.#roster.accuse(row, self, undefined)
    if (seams.clock.monotonic() - this.#heardMs > CONTACT_MS) return
    this.#voice.accuse(member, row.incarnation, (statement) => {
      if (row.incarnation !== statement.incarnation || row.state === 'offline') return
      if (this.#roster.accuse(row, self, statement.frame)) this.#tell(statement)
    })
  }

  /** Shows who told something outdated what is known here. */
  #correct(to: Hex, stale: ReadonlySet<Hex>): void {
    if (stale.size === 0 || this.#budget.level <= 0) return
    const told = [...stale]
      .filter((member) => !this.#rumours.tellsOf(member))
      .flatMap((member) => evidenceOf(this.#roster.get(member) as Row))
    if (told.length > 0) this.#send(to, { type: 'told', told: told.slice(0, MAX_STATEMENTS) })
  }

  /** With what the member is to know: that it is accused, how we are, and rumours. */
  #post(to: Hex, message: Message, isAboutUs = false): void {
    const row = this.#roster.get(to)
    const known = this.#neighbours.toldTo(to)
    const told = row?.suspicion?.frames ?? []
    for (const own of isAboutUs ? this.#voice.newerThan(known) : []) {
      told.push(own.frame)
      if (known === undefined) continue
      known.incarnation = own.incarnation
      if (own.type === 'beacon') known.sequence = own.sequence
    }
    if (known !== undefined && this.#budget.level > 0)
      told.push(...this.#rumours.take(to, MAX_STATEMENTS - told.length))
    this.#send(to, { ...message, told })
  }

  #send(to: Hex, message: Message): void {
    const bytes = encodeMessage(message)
    this.#budget.take(bytes.byteLength + FRAME_OVERHEAD_BYTES)
    this.#init.send(to, bytes)
  }

  /** Is it to be taken of who says it and who hands it on? */
  #isTaken(statement: Statement): boolean {
    const from = this.#from
    if (from === undefined || !this.#checks.take(from)) return false
    const speaker = speakerOf(statement)
    const isMember = this.#roster.get(speaker) !== undefined || speaker === this.#init.self
    const message = messageOf(this.#init.space, bodyOf(statement.frame))
    if (!isMember || !this.#init.verify(speaker, message, signatureOf(statement.frame))) return false
    return statement.type !== 'suspect' || this.#accusations.take(speaker)
  }
}

function presenceOf({ member, state, seenMs, beacon }: Row, nowMs: number): Presence {
  return { member, state, lastSeenMs: state === 'online' ? nowMs : seenMs, content: beacon?.content }
}
