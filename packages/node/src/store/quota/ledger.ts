/**
 * How much lies under the home, and may: one ledger for each node. Who writes asks for room before each byte, so that writers
 * at the same time cannot pass the quota together; where there is none, what may go does, least needed first. It is counted
 * from the disk, when it is first asked for, and kept up from then on: nothing is remembered that the disk does not say.
 */
import { ShoalError } from '../../errors.ts'
import { formatBytes } from '../../util/sizes.ts'
import { Turns } from '../../util/turns.ts'
import type { Evictable, LedgerParts, StorageStatus } from './parts.ts'
import { Units } from './units.ts'
import { Writing } from './writing.ts'

const NO_PARTS: LedgerParts = { counted: [], evictors: [] }
/** One at a time makes room: two would remove more than is needed. */
const ROOM = 'room'

export class Ledger {
  readonly #units = new Units()
  readonly #turns = new Turns()
  #parts = NO_PARTS
  #quota: number
  #counting: Promise<void> | undefined
  #isCounted = false
  /** While it is counted: whose figures are newer than what the disk said. */
  #newer: Set<string> | undefined

  /** @param quota most bytes; 0 = no limit */
  constructor(quota = 0) {
    this.#quota = quota
  }

  /** What there is to count and to let go; to be said before anybody asks. */
  use(parts: LedgerParts): void {
    this.#parts = parts
  }

  get quota(): number {
    return this.#quota
  }

  /**
   * Sets how much may lie there; what may go is removed until the rest fits. False: it does not, and nothing more is taken in.
   *
   * @throws ShoalError ERR_DISK, ERR_PERMISSION when it cannot be counted; the limit holds all the same
   */
  async setQuota(quota: number): Promise<boolean> {
    this.#quota = quota
    return await this.enforce()
  }

  /** Removes what may go as long as there is too much. Returns and throws as `setQuota`. */
  async enforce(): Promise<boolean> {
    if (this.#quota === 0) return true
    await this.#count()
    return await this.#turns.run(ROOM, undefined, async () => {
      await this.#evict(() => this.#over, false)
      return this.#over <= 0
    })
  }

  /** Bytes of a unit that lie there; 0 as long as nothing was counted. */
  presentOf(unit: string): number {
    return this.#units.get(unit).present
  }

  /** Begins to write to a unit, which stays as long as that lasts. */
  write(unit: string): Writing {
    return new Writing(unit, {
      units: this.#units,
      isCounting: () => this.#newer !== undefined,
      keepsUp: () => this.#isCounted || this.#newer !== undefined,
      onNewer: (name) => this.#newer?.add(name),
      reserve: (bytes) => this.#reserve(unit, { granted: bytes }),
      measure: () => this.#measure(unit),
    })
  }

  /**
   * Keeps room for all that is to come of a unit.
   *
   * @param bytes in all, with what is there
   * @throws ShoalError ERR_QUOTA; ERR_DISK, ERR_PERMISSION when it cannot be counted
   */
  async promise(unit: string, bytes: number): Promise<void> {
    await this.#reserve(unit, { promised: bytes })
  }

  /** Nothing more is to come than what is there. */
  fulfil(unit: string): void {
    this.#units.change(unit, { promised: 0 })
  }

  /** A unit is there no more. */
  removed(unit: string): void {
    this.#newer?.add(unit)
    const { writers, turn } = this.#units.get(unit)
    // Who still writes may have put something there anew, and who measures may have seen what there was.
    this.#units.change(unit, { present: 0, promised: 0, turn: turn + 1, isUnsure: writers > 0 })
  }

  /** @throws ShoalError ERR_DISK, ERR_PERMISSION */
  async status(): Promise<StorageStatus> {
    await this.#count()
    let evictable = 0
    for await (const { unit } of this.#evictable()) evictable += this.#units.weightOf(unit)
    const { total, present } = this.#units
    const free = this.#quota === 0 ? null : Math.max(0, this.#quota - total)
    return { quota: this.#quota, used: present, reserved: total - present, evictable, free }
  }

  get #over(): number {
    return this.#quota === 0 ? 0 : this.#units.total - this.#quota
  }

  async #reserve(unit: string, more: Request): Promise<void> {
    if (this.#quota > 0) {
      // Without waiting where there is room, as nearly always.
      if (!this.#isCounted) await this.#count()
      if (this.#lack(unit, more) > 0) {
        await this.#turns.run(ROOM, undefined, () => this.#makeRoom(unit, more))
        return
      }
    }
    this.#grant(unit, more)
  }

  /** Without anything in between, what is granted is what there was room for. */
  async #makeRoom(unit: string, more: Request): Promise<void> {
    if (!(await this.#evict(() => this.#lack(unit, more), true))) throw this.#refusal(unit, more)
    this.#grant(unit, more)
  }

  /** By how much something does not fit. */
  #lack(unit: string, more: Request): number {
    return this.#quota === 0 ? 0 : this.#over + this.#units.growth(unit, wantedOf(this.#units, unit, more))
  }

  #grant(unit: string, more: Request): void {
    this.#units.change(unit, wantedOf(this.#units, unit, more))
  }

  /**
   * Removes what may go as long as something lacks. False: it does.
   *
   * @param isWhole nothing is removed where all together is not enough
   */
  async #evict(lack: () => number, isWhole: boolean): Promise<boolean> {
    const tried = new Set<string>()
    while (lack() > 0) {
      const found: Evictable[] = []
      let bytes = 0
      for await (const each of this.#evictable()) {
        if (tried.has(each.unit)) continue
        found.push(each)
        bytes += this.#units.weightOf(each.unit)
        if (bytes >= lack()) break
      }
      if (found.length === 0 || (isWhole && bytes < lack())) return false
      for (const { unit, evict } of found) {
        if (lack() <= 0) break
        tried.add(unit)
        // Of what cannot be removed now as much is left as the disk has.
        await evict().catch(() => false)
      }
    }
    return true
  }

  async *#evictable(): AsyncGenerator<Evictable> {
    for (const evictor of this.#parts.evictors) {
      for await (const each of evictor.evictable()) {
        if (this.#units.get(each.unit).writers === 0) yield each
      }
    }
  }

  async #count(): Promise<void> {
    this.#counting ??= this.#countOnce()
    try {
      await this.#counting
    } catch (error) {
      this.#counting = undefined
      throw error
    }
  }

  async #countOnce(): Promise<void> {
    const newer = new Set<string>()
    this.#newer = newer
    try {
      for (const unit of this.#units.written()) this.#units.change(unit, { isUnsure: true })
      for (const part of this.#parts.counted) {
        for (const { unit, present, promised } of await part.count()) {
          if (newer.has(unit)) continue
          const before = this.#units.get(unit)
          this.#units.change(unit, { present, promised: Math.max(before.promised, promised) })
        }
      }
      this.#isCounted = true
    } finally {
      this.#newer = undefined
    }
  }

  async #measure(unit: string): Promise<number> {
    for (const part of this.#parts.counted) {
      const present = await part.measure(unit)
      if (present !== undefined) return present
    }
    return 0
  }

  #refusal(unit: string, more: Request): ShoalError {
    const { granted, promised } = wantedOf(this.#units, unit, more)
    const { present } = this.#units.get(unit)
    const used = this.#units.total - this.#units.weightOf(unit) + present
    const wanted = Math.max(promised - present, granted)
    return new ShoalError(
      'ERR_QUOTA',
      `Shoal may use ${formatBytes(this.#quota)} of this disk and ${formatBytes(used)} are used: ${formatBytes(wanted)} do not fit`,
    )
  }
}

/** More bytes that are to be written now, or all that is to come. */
type Request = { readonly granted: number } | { readonly promised: number }

function wantedOf(units: Units, name: string, more: Request): { granted: number; promised: number } {
  const { granted, promised } = units.get(name)
  return 'granted' in more
    ? { granted: granted + more.granted, promised }
    : { granted, promised: Math.max(promised, more.promised) }
}
