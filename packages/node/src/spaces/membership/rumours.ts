/** Statements that are news, until all neighbours have them. At most `MAX_RUMOURS`, none older than `RUMOUR_MS`. */
import { keepNewest } from '../../util/keep-newest.ts'
import type { Hex } from '../auth/action.ts'
import { FANOUT, MANY_RUMOURS, MAX_RUMOURS, PIGGYBACK_BYTES, RUMOUR_MS, SMALL_FANOUT } from './limits.ts'
import { speakerOf, type Statement } from './statement.ts'

interface Rumour {
  readonly statement: Statement
  readonly bornMs: number
  /** Neighbours that have it. */
  readonly heldBy: Set<Hex>
  /** To how many it was passed on. */
  passed: number
}

export class Rumours {
  /** By what they are about and who says it. */
  readonly #rumours = new Map<string, Rumour>()

  /** @param from who told us; undefined: we say it ourselves */
  add(statement: Statement, from: Hex | undefined, nowMs: number): void {
    const { type, member, incarnation } = statement
    // What a newer incarnation says ends what was said of older ones.
    for (const [key, { statement: older }] of this.#rumours)
      if (older.member === member && (older.incarnation < incarnation || type === 'gone'))
        this.#rumours.delete(key)
    const key = `${type} ${member} ${speakerOf(statement)}`
    const heldBy = new Set(from === undefined ? [member] : [from, member])
    // Who is accused is told by everybody, at once: it alone can answer.
    if (type === 'suspect') heldBy.delete(member)
    this.#rumours.delete(key)
    this.#rumours.set(key, { statement, bornMs: nowMs, heldBy, passed: 0 })
    keepNewest(this.#rumours, MAX_RUMOURS)
  }

  forgetOld(nowMs: number): void {
    for (const [key, { bornMs }] of this.#rumours) {
      if (nowMs - bornMs <= RUMOUR_MS) return
      this.#rumours.delete(key)
    }
  }

  clear(): void {
    this.#rumours.clear()
  }

  /** Is there one that is to be passed on ahead of probes? */
  get isUrgent(): boolean {
    for (const { passed } of this.#rumours.values()) if (passed < this.#fanout) return true
    return false
  }

  /** What a member does not have yet, the newest first, up to `PIGGYBACK_BYTES`; it counts as told. */
  take(to: Hex, mostStatements: number, isPush = false): Uint8Array[] {
    if (this.#rumours.size === 0) return []
    const isMuch = this.#isMuch
    const fanout = this.#fanout
    const frames: Uint8Array[] = []
    let bytes = 0
    for (const [key, rumour] of [...this.#rumours].toReversed()) {
      const { statement, heldBy } = rumour
      // Who missed that somebody is alive would judge it wrongly: that goes along with each probe, unless there is so much.
      const isLimited = isMuch || statement.type !== 'alive'
      if (rumour.passed >= fanout) {
        if (isLimited) this.#rumours.delete(key)
        if (isLimited || isPush) continue
      }
      if (heldBy.has(to)) continue
      bytes += statement.frame.byteLength
      if (bytes > PIGGYBACK_BYTES || frames.length >= mostStatements) break
      heldBy.add(to)
      rumour.passed++
      frames.push(statement.frame)
    }
    return frames
  }

  get #isMuch(): boolean {
    return this.#rumours.size > MANY_RUMOURS
  }

  get #fanout(): number {
    return this.#isMuch ? SMALL_FANOUT : FANOUT
  }

  /** Is it being told that this member is alive? */
  tellsOf(member: Hex): boolean {
    return this.#rumours.has(`alive ${member} ${member}`)
  }

  /** A neighbour told us the same. */
  heldBy(statement: Statement, member: Hex): void {
    const rumour = this.#rumours.get(`${statement.type} ${statement.member} ${speakerOf(statement)}`)
    if (rumour?.statement.incarnation === statement.incarnation) rumour.heldBy.add(member)
  }
}
