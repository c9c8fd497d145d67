/** What this node sends, within its budget: each message takes along what its receiver is to know. */
import { Bucket } from '../../util/bucket.ts'
import type { Clock } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import type { Chance } from './chance.ts'
import {
  FRAME_OVERHEAD_BYTES,
  MAX_STATEMENTS,
  SEND_BURST_BYTES,
  SEND_BYTES_PER_SECOND,
  SEND_RESERVE_BYTES,
} from './limits.ts'
import { encodeMessage, type Message } from './message.ts'
import type { Neighbours } from './neighbours.ts'
import type { OwnVoice } from './own-voice.ts'
import type { Roster } from './roster.ts'
import type { Rumours } from './rumours.ts'
import type { Statement } from './statement.ts'

export interface OutboxInit {
  readonly clock: Clock
  readonly chance: Chance
  readonly roster: Roster
  readonly neighbours: Neighbours
  readonly voice: OwnVoice
  readonly rumours: Rumours
  readonly send: (member: Hex, bytes: Uint8Array) => void
}

export class Outbox {
  readonly #init: OutboxInit
  readonly #budget: Bucket

  constructor(init: OutboxInit) {
    this.#init = init
    this.#budget = new Bucket(init.clock, SEND_BYTES_PER_SECOND, SEND_BURST_BYTES)
  }

  /** May more be sent than probes and their answers? */
  get hasRoom(): boolean {
    return this.#budget.level > 0
  }

  /** May what can wait be sent, too? */
  get hasPlenty(): boolean {
    return this.#budget.level > SEND_RESERVE_BYTES
  }

  send(to: Hex, message: Message): void {
    const bytes = encodeMessage(message)
    this.#budget.take(bytes.byteLength + FRAME_OVERHEAD_BYTES)
    this.#init.send(to, bytes)
  }

  /** With what the receiver is to know: that it is accused, how we are if it asks or is asked for that, and rumours. */
  post(to: Hex, message: Message, isAboutUs = false): void {
    const { roster, neighbours, voice, rumours } = this.#init
    const known = neighbours.toldTo(to)
    const told = roster.get(to)?.suspicion?.frames ?? []
    const own = isAboutUs && (known !== undefined || this.hasRoom) ? voice.newerThan(known) : []
    for (const statement of own) {
      told.push(statement.frame)
      if (known === undefined) continue
      known.incarnation = statement.incarnation
      if (statement.type === 'beacon') known.sequence = statement.sequence
    }
    if (known !== undefined && this.hasRoom) told.push(...rumours.take(to, MAX_STATEMENTS - told.length))
    this.send(to, { ...message, told })
  }

  /** Spreads a statement. @param from who told us; undefined: it is our own */
  spread(statement: Statement, from?: Hex): void {
    this.#init.rumours.add(statement, from, this.#init.clock.monotonic())
  }

  /** Passes on what cannot wait for the next probe. */
  push(): void {
    const { rumours, neighbours, chance } = this.#init
    if (!rumours.isUrgent) return
    for (const member of chance.sample(neighbours.active, neighbours.size)) {
      if (!this.hasRoom) return
      const told = rumours.take(member, MAX_STATEMENTS, true)
      if (told.length > 0) this.send(member, { type: 'told', isAnswer: false, told })
    }
  }
}
