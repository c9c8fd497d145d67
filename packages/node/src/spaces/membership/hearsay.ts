/**
 * What members say, of themselves and each other: whether it is taken, what follows from it, and what is said in return.
 * Everything here comes from members that may lie; what they cannot do is speak for others.
 */
import type { Hex } from '../auth/action.ts'
import type { Chance } from './chance.ts'
import type { Detector } from './detector.ts'
import type { Health } from './health.ts'
import { LOOKERS, MAX_STATEMENTS } from './limits.ts'
import type { Neighbours } from './neighbours.ts'
import type { Outbox } from './outbox.ts'
import type { OwnVoice } from './own-voice.ts'
import { evidenceOf, type Roster, type Row } from './roster.ts'
import type { Rumours } from './rumours.ts'
import type { Statement } from './statement.ts'

export interface HearsayInit {
  readonly self: Hex
  readonly chance: Chance
  readonly health: Health
  readonly roster: Roster
  readonly neighbours: Neighbours
  readonly rumours: Rumours
  readonly detector: Detector
  readonly voice: OwnVoice
  readonly outbox: Outbox
}

export class Hearsay {
  readonly #init: HearsayInit

  constructor(init: HearsayInit) {
    this.#init = init
  }

  /**
   * Takes what one member hands on.
   *
   * @param isSpread is news to be passed on?
   * @returns how much of it was news
   */
  take(from: Hex, statements: readonly Statement[], isSpread: boolean): number {
    const stale = new Set<Hex>()
    let news = 0
    for (const statement of statements) if (this.#take(statement, from, stale, isSpread)) news++
    this.#correct(from, stale)
    return news
  }

  /** @returns whether it was news */
  #take(statement: Statement, from: Hex, stale: Set<Hex>, isSpread: boolean): boolean {
    const { self, roster, rumours, outbox, neighbours } = this.#init
    const { type, member } = statement
    if (member === self) {
      this.#takeOwn(statement, from)
      return false
    }
    const outcome = roster.apply(statement, from)
    const row = roster.get(member)
    if (outcome === 'refused' || row === undefined) return false
    if (outcome === 'known') rumours.heldBy(statement, from)
    if (outcome === 'stale' && type !== 'beacon' && (type === 'alive') === (row.state === 'offline'))
      stale.add(member)
    if (outcome !== 'news') return false
    if (type === 'beacon') {
      if (row.state === 'online') neighbours.note(member)
      return true
    }
    if (isSpread) outbox.spread(statement, from)
    if (type === 'gone') neighbours.drop(member)
    if (type === 'suspect') this.#lookAt(member)
    return true
  }

  /** Of many neighbours of a suspect some look themselves at once, so that it is soon decided. */
  #lookAt(suspect: Hex): void {
    const { neighbours, chance, detector } = this.#init
    if (neighbours.has(suspect) && chance.float() * neighbours.size < LOOKERS) detector.hurry(suspect)
  }

  /** Of ourselves: an accusation is answered, and what an earlier run said is outdone. */
  #takeOwn(statement: Statement, from: Hex): void {
    const { voice, roster, health, outbox } = this.#init
    const { type, incarnation } = statement
    const isAccused = type === 'suspect' && incarnation === voice.incarnation
    const isOutdone = type !== 'suspect' && incarnation > voice.incarnation
    if (!(isAccused || isOutdone) || !roster.isTaken(statement, from)) return
    if (isAccused) health.worse(1)
    voice.renew(incarnation, (renewed) => outbox.spread(renewed))
  }

  /** Shows who told something outdated what is known here. */
  #correct(to: Hex, stale: ReadonlySet<Hex>): void {
    const { rumours, roster, outbox } = this.#init
    if (stale.size === 0 || !outbox.hasRoom) return
    const told = [...stale]
      .filter((member) => !rumours.tellsOf(member))
      .flatMap((member) => evidenceOf(roster.get(member) as Row))
    if (told.length > 0)
      outbox.send(to, { type: 'told', isAnswer: false, told: told.slice(0, MAX_STATEMENTS) })
  }
}
