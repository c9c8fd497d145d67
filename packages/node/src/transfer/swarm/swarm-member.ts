/** One session of a fetch, and what the peer at its other end did so far. */
import type { FoundBy } from '../../events.ts'
import type { Clock } from '../../util/seams.ts'
import type { Lead, LeadSource } from './lead.ts'
import type { Message } from '../wire/messages.ts'
import type { Requester } from '../wire/requester.ts'
import type { Session } from '../wire/session.ts'
import type { SessionHandler } from '../wire/session-handler.ts'

export interface SwarmMemberInit {
  readonly requester: Requester
  /** How the peer was found; undefined when it opened the session. */
  readonly source: LeadSource | undefined
  readonly lead: Lead | undefined
  /** How long the handshake took, in milliseconds. */
  readonly handshakeMs: number
  readonly clock: Pick<Clock, 'monotonic'>
  readonly onEnd: (member: SwarmMember, error: Error | undefined) => void
  /** Told that the peer refuses without end because it is busy. */
  readonly onBusy: (member: SwarmMember, sinceMs: number) => void
}

export class SwarmMember implements SessionHandler {
  readonly requester: Requester
  readonly source: LeadSource | undefined
  readonly lead: Lead | undefined
  /** How long the handshake took, in milliseconds: about how far away it is, and how busy. */
  readonly handshakeMs: number
  /** Questions for nodes under way. */
  running = 0
  /** It is not to be asked for nodes before this time, monotonic milliseconds. */
  busyUntilMs = 0
  /** It was busy without end: what it gave before does not make that good. */
  isGivenUp = false
  /** Since when it is connected, monotonic milliseconds. */
  readonly sinceMs: number
  readonly #init: SwarmMemberInit
  /** Since when it is busy and nothing came. */
  #busySinceMs: number | undefined
  /** What had come when it was busy last. */
  #answers = 0

  constructor(init: SwarmMemberInit) {
    this.#init = init
    this.requester = init.requester
    this.sinceMs = init.clock.monotonic()
    this.source = init.source
    this.lead = init.lead
    this.handshakeMs = init.handshakeMs
  }

  get session(): Session {
    return this.requester.session
  }

  get peer(): string {
    return this.session.remoteName
  }

  /** Its last word was that it is busy. */
  get isBusy(): boolean {
    return this.#busySinceMs !== undefined && this.#answers === this.requester.answers
  }

  get foundBy(): FoundBy {
    return this.source?.name ?? 'exchange'
  }

  /** It sent something that was asked for. */
  get hasGiven(): boolean {
    return this.requester.answers > 0
  }

  /** This device itself. */
  get isSelf(): boolean {
    return this.source?.name === 'self'
  }

  payloadFor(): undefined {
    return undefined
  }

  onMessage(message: Message): void {
    if (message.t !== 'no' || message.why !== 'busy') return
    if (this.#answers !== this.requester.answers) this.#busySinceMs = undefined
    this.#answers = this.requester.answers
    this.#busySinceMs ??= this.#init.clock.monotonic()
    this.#init.onBusy(this, this.#busySinceMs)
  }

  onEnd(error: Error | undefined): void {
    this.#init.onEnd(this, error)
  }
}
