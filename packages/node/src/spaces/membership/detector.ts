/**
 * Probes (SWIM; A. Das, I. Gupta, A. Motivala, 2002): one neighbour in each period, in an order that is shuffled anew for each
 * round; who does not answer is probed by three others; who does not answer them either is accused. What comes late is
 * still an answer for as long as the probe lasts. All times grow with the health of this node.
 *
 * It judges nobody: it reports who answered and who did not.
 */
import type { Clock } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import type { Chance } from './chance.ts'
import type { Health } from './health.ts'
import { ACK_MS, HELPERS, MAX_PROBES, NACK_MS, PERIOD_MS, PROBE_MS } from './limits.ts'
import type { Ack, Ask, Nack } from './message.ts'
import type { Neighbours } from './neighbours.ts'
import type { Outbox } from './outbox.ts'

/** watch: of a neighbour. contact: of who may become one. help: for another member. */
type Kind = 'watch' | 'contact' | 'help'

interface Probe {
  readonly id: number
  readonly kind: Kind
  readonly target: Hex
  readonly startedMs: number
  /** Of a watch: who was asked, undefined before. */
  helpers: ReadonlySet<Hex> | undefined
  /** Helpers that said that they heard nothing: so we are well. */
  readonly nacks: Set<Hex>
  hasFailed: boolean
  /** Of a help: who asked was told that nothing came yet. */
  isReported: boolean
  /** Of a help: who asked, and its number. */
  readonly forMember?: Hex
  readonly forId?: number
}

export interface DetectorInit {
  readonly clock: Clock
  readonly chance: Chance
  readonly health: Health
  readonly neighbours: Neighbours
  readonly outbox: Outbox
  /** A neighbour gave no sign of life in time, to nobody. */
  readonly onSilent: (member: Hex) => void
}

export class Detector {
  readonly #init: DetectorInit
  readonly #probes = new Map<number, Probe>()
  #round: Hex[] = []
  /** To be probed before the round goes on. */
  readonly #next = new Set<Hex>()
  #dueMs: number
  #id: number

  constructor(init: DetectorInit) {
    this.#init = init
    this.#id = init.chance.below(2 ** 32)
    this.#dueMs = init.clock.monotonic() + init.chance.float() * PERIOD_MS
  }

  /** @returns whether a period began */
  tick(): boolean {
    const { clock, health } = this.#init
    const nowMs = clock.monotonic()
    for (const probe of this.#probes.values()) this.#look(probe, nowMs)
    if (nowMs < this.#dueMs) return false
    this.#dueMs = Math.max(nowMs, this.#dueMs + PERIOD_MS * health.factor)
    const target = this.#target()
    if (target !== undefined) this.#start('watch', target)
    return true
  }

  /** Asks one that is no neighbour to become one. */
  contact(member: Hex): void {
    for (const { target, kind } of this.#probes.values()) if (target === member && kind === 'contact') return
    this.#start('contact', member)
  }

  /** Probes a neighbour ahead of the others. */
  hurry(member: Hex): void {
    this.#next.add(member)
  }

  /** Another member asks us to probe one. */
  onAsk(from: Hex, { id, member }: Ask): void {
    if (this.#probes.size >= MAX_PROBES) return
    this.#start('help', member, { forMember: from, forId: id })
  }

  /** @returns whether it is of the target of a probe, so that what it says of us is to be taken */
  onAck(from: Hex, { id }: Ack): boolean {
    const probe = this.#probes.get(id)
    if (probe === undefined || (probe.target !== from && probe.helpers?.has(from) !== true)) return false
    this.#probes.delete(id)
    if (probe.forMember !== undefined && probe.forId !== undefined)
      this.#report(probe.forMember, probe.forId, true)
    this.#init.health.better()
    return probe.target === from && probe.kind !== 'help'
  }

  onNack(from: Hex, { id }: Nack): void {
    const probe = this.#probes.get(id)
    if (probe?.helpers?.has(from) === true) probe.nacks.add(from)
  }

  /** Nothing can be sent to it now. */
  sendFailed(member: Hex): void {
    for (const probe of this.#probes.values()) {
      if (probe.target !== member) continue
      probe.hasFailed = true
      if (probe.kind === 'contact') this.#probes.delete(probe.id)
    }
  }

  /** Forgets what is under way: it tells of a time in which this node was not there. */
  clear(): void {
    this.#probes.clear()
    this.#next.clear()
    this.#dueMs = this.#init.clock.monotonic()
  }

  #look(probe: Probe, nowMs: number): void {
    const { health, outbox, neighbours, chance, onSilent } = this.#init
    const factor = health.factor
    const ageMs = nowMs - probe.startedMs
    if (ageMs >= PROBE_MS * factor) {
      this.#probes.delete(probe.id)
      if (probe.kind !== 'watch') return
      health.worse((probe.helpers?.size ?? 0) - probe.nacks.size)
      onSilent(probe.target)
      return
    }
    const { forMember, forId } = probe
    if (forMember !== undefined && forId !== undefined && !probe.isReported) {
      if (ageMs < NACK_MS && !probe.hasFailed) return
      probe.isReported = true
      this.#report(forMember, forId, false)
    }
    if (probe.kind !== 'watch' || probe.helpers !== undefined) return
    if (ageMs < ACK_MS * factor && !probe.hasFailed) return
    const others = neighbours.active.filter((member) => member !== probe.target)
    probe.helpers = new Set(chance.sample(others, HELPERS))
    const { id, target } = probe
    for (const helper of probe.helpers) outbox.post(helper, { type: 'ask', id, member: target, told: [] })
  }

  #start(kind: Kind, target: Hex, request: { forMember?: Hex; forId?: number } = {}): void {
    const { clock, neighbours, outbox } = this.#init
    this.#id = (this.#id + 1) >>> 0
    const id = this.#id
    this.#probes.set(id, {
      id,
      kind,
      target,
      startedMs: clock.monotonic(),
      helpers: undefined,
      nacks: new Set(),
      hasFailed: false,
      isReported: false,
      ...request,
    })
    const wish = kind === 'help' ? 0 : neighbours.wish
    outbox.post(target, { type: 'ping', id, wish, told: [] }, wish > 0)
  }

  /** Tells who asked for help whether the target answered. */
  #report(to: Hex, id: number, isAlive: boolean): void {
    const { outbox } = this.#init
    outbox.post(
      to,
      isAlive ? { type: 'ack', id, isNeighbour: false, told: [] } : { type: 'nack', id, told: [] },
    )
  }

  #target(): Hex | undefined {
    const { neighbours, chance } = this.#init
    for (const member of this.#next) {
      this.#next.delete(member)
      if (neighbours.has(member)) return member
    }
    for (;;) {
      const member = this.#round.pop()
      if (member === undefined) break
      if (neighbours.has(member)) return member
    }
    this.#round = chance.sample(neighbours.active, neighbours.size)
    return this.#round.pop()
  }
}
