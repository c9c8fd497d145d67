/**
 * What this node knows of each member: whether it is there, and what proves it. Whoever is no member by the auth log has no
 * row; nothing here ever changes who is a member.
 *
 * A statement counts by its incarnation: `alive` and `gone` of a higher one than is known, a suspicion of exactly the one that
 * is known. So an accuser cannot speak of an incarnation that the member has not signed, and what is played back later is stale.
 */
import type { Clock } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import { Suspicion } from './suspicion.ts'
import { speakerOf, type Beacon, type Statement } from './statement.ts'

export type PresenceState = 'online' | 'offline'

export interface Row {
  readonly member: Hex
  state: PresenceState
  /** 0: nothing was heard of it in this run. */
  incarnation: number
  /** Shows that incarnation: `alive` or a beacon. */
  alive: Uint8Array | undefined
  beacon: (Beacon & { readonly frame: Uint8Array }) | undefined
  /** When that came, on the monotonic clock. */
  beaconMs: number
  gone: Uint8Array | undefined
  /** Of that incarnation; stays when it led to a verdict, to be shown to others. */
  suspicion: Suspicion | undefined
  /** When a sign of life came last, on the wall clock, in milliseconds since 1970. */
  seenMs: number | undefined
}

/** news: it changed what is known. known: it did not. stale: we know better. refused: of no member, or not signed by who says it. */
export type Outcome = 'news' | 'known' | 'stale' | 'refused'

export interface RosterInit {
  readonly clock: Clock
  /** Is it believed, handed on by this member? Asked for news only. */
  readonly isBelieved: (statement: Statement, from: Hex) => boolean
  /** After what is shown of a member changed. */
  readonly onChange: (row: Row) => void
}

export class Roster {
  readonly #init: RosterInit
  readonly #rows = new Map<Hex, Row>()
  readonly #online = new Set<Hex>()
  /** Those whose time to answer runs. */
  readonly #suspected = new Set<Row>()

  constructor(init: RosterInit) {
    this.#init = init
  }

  get(member: Hex): Row | undefined {
    return this.#rows.get(member)
  }

  get rows(): Iterable<Row> {
    return this.#rows.values()
  }

  get size(): number {
    return this.#rows.size
  }

  /** Members that are there, as this node sees it. */
  get online(): ReadonlySet<Hex> {
    return this.#online
  }

  /** Takes these and no others for members. @returns those that are none any more */
  setMembers(members: ReadonlySet<Hex>): Hex[] {
    const left = [...this.#rows.keys()].filter((member) => !members.has(member))
    for (const member of left) {
      const row = this.#rows.get(member)
      if (row !== undefined) this.#suspected.delete(row)
      this.#rows.delete(member)
      this.#online.delete(member)
    }
    for (const member of members) if (!this.#rows.has(member)) this.#rows.set(member, newRow(member))
    return left
  }

  /** What an earlier run remembered. */
  remember(member: Hex, seenMs: number): void {
    const row = this.#rows.get(member)
    if (row !== undefined) row.seenMs ??= seenMs
  }

  /** Is this said by a member, and believed? */
  isTaken(statement: Statement, from: Hex): boolean {
    return this.#rows.has(speakerOf(statement)) && this.#init.isBelieved(statement, from)
  }

  /** It spoke to us itself. */
  heard(row: Row): void {
    row.seenMs = this.#init.clock.now()
  }

  apply(statement: Statement, from: Hex): Outcome {
    const row = this.#rows.get(statement.member)
    if (row === undefined) return 'refused'
    switch (statement.type) {
      case 'alive':
        return this.#alive(row, statement, from)
      case 'beacon':
        return this.#beacon(row, statement, from)
      case 'gone':
        return this.#gone(row, statement, from)
      case 'suspect':
        return this.#suspect(row, statement, from)
    }
  }

  /** Our own suspicion. @param frame undefined: it is not passed on */
  accuse(row: Row, by: Hex, frame: Uint8Array | undefined): boolean {
    if (row.suspicion === undefined) {
      row.suspicion = new Suspicion(this.#init.clock.monotonic())
      if (row.state === 'online') this.#suspected.add(row)
    }
    return row.suspicion.add(by, frame)
  }

  /** Judges those who had their time to say that they are alive. @returns who is not there any more */
  decide(): Hex[] {
    const { clock } = this.#init
    const nowMs = clock.monotonic()
    const judged: Hex[] = []
    for (const row of this.#suspected) {
      const { suspicion } = row
      if (suspicion === undefined || !suspicion.isOver(nowMs)) continue
      this.#suspected.delete(row)
      // What was heard last may be old, while nobody suspected it before.
      row.seenMs = Math.max(row.seenMs ?? 0, clock.now() - (nowMs - suspicion.sinceMs))
      this.#show(row, 'offline')
      judged.push(row.member)
    }
    return judged
  }

  /** Gives all suspects their whole time again. */
  beginAgain(): void {
    const nowMs = this.#init.clock.monotonic()
    for (const { suspicion } of this.#suspected) if (suspicion !== undefined) suspicion.sinceMs = nowMs
  }

  #alive(row: Row, statement: Statement, from: Hex): Outcome {
    if (statement.incarnation < row.incarnation) return 'stale'
    if (statement.incarnation === row.incarnation) return row.state === 'online' ? 'known' : 'stale'
    if (!this.isTaken(statement, from)) return 'refused'
    row.incarnation = statement.incarnation
    row.alive = statement.frame
    row.gone = undefined
    this.#clear(row)
    this.heard(row)
    this.#show(row, 'online')
    return 'news'
  }

  #beacon(row: Row, statement: Beacon & { readonly frame: Uint8Array }, from: Hex): Outcome {
    const { incarnation, sequence } = statement
    const known = row.beacon
    const isNewer =
      known === undefined ||
      incarnation > known.incarnation ||
      (incarnation === known.incarnation && sequence > known.sequence)
    if (!isNewer) return incarnation < row.incarnation ? 'stale' : 'known'
    if (incarnation <= row.incarnation && !this.isTaken(statement, from)) return 'refused'
    if (incarnation > row.incarnation && this.#alive(row, statement, from) === 'refused') return 'refused'
    row.beacon = statement
    row.beaconMs = this.#init.clock.monotonic()
    if (row.state === 'online') this.heard(row)
    return 'news'
  }

  #gone(row: Row, statement: Statement, from: Hex): Outcome {
    if (statement.incarnation < row.incarnation) return 'stale'
    if (row.gone !== undefined && statement.incarnation === row.incarnation) return 'known'
    if (!this.isTaken(statement, from)) return 'refused'
    row.incarnation = statement.incarnation
    row.gone = statement.frame
    this.#clear(row)
    this.heard(row)
    this.#show(row, 'offline')
    return 'news'
  }

  #suspect(row: Row, statement: Statement & { readonly type: 'suspect' }, from: Hex): Outcome {
    if (statement.incarnation < row.incarnation) return 'stale'
    // A higher one has not been signed by the member, as far as we know.
    if (statement.incarnation > row.incarnation || row.gone !== undefined) return 'known'
    if (row.suspicion?.has(statement.by) === true) return 'known'
    if (!this.isTaken(statement, from)) return 'refused'
    return this.accuse(row, statement.by, statement.frame) ? 'news' : 'known'
  }

  #clear(row: Row): void {
    row.suspicion = undefined
    this.#suspected.delete(row)
  }

  #show(row: Row, state: PresenceState): void {
    if (row.state === state) return
    row.state = state
    if (state === 'online') this.#online.add(row.member)
    else this.#online.delete(row.member)
    this.#init.onChange(row)
  }
}

function newRow(member: Hex): Row {
  return {
    member,
    state: 'offline',
    incarnation: 0,
    alive: undefined,
    beacon: undefined,
    beaconMs: 0,
    gone: undefined,
    suspicion: undefined,
    seenMs: undefined,
  }
}

/** Shows others what this node knows of a member. */
export function evidenceOf(row: Row): Uint8Array[] {
  if (row.gone !== undefined) return [row.gone]
  const alive = row.alive === undefined ? [] : [row.alive]
  return row.suspicion === undefined ? alive : [...alive, ...row.suspicion.frames]
}
