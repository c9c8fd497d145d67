/** One who writes under the home: asks for room before each byte, and says at the end what is on the disk of it. */
import type { Units } from './units.ts'

export interface WritingInit {
  readonly units: Units
  /** Whether what lies there is being counted now. */
  readonly isCounting: () => boolean
  /** Whether what lies there was counted, or is being: else nobody knows, and nothing is kept up. */
  readonly keepsUp: () => boolean
  /** The figures of a unit are newer than what a count that goes on has found. */
  readonly onNewer: (unit: string) => void
  readonly reserve: (bytes: number) => Promise<void>
  /** Bytes of the unit on the disk. */
  readonly measure: () => Promise<number>
}

export class Writing {
  readonly #unit: string
  readonly #init: WritingInit
  #granted = 0
  /** Of what was granted, bytes that have not come yet. */
  #expected = 0
  #hasEnded = false

  constructor(unit: string, init: WritingInit) {
    this.#unit = unit
    this.#init = init
    const { writers, turn, isUnsure } = init.units.get(unit)
    init.units.change(unit, {
      writers: writers + 1,
      turn: turn + 1,
      isUnsure: isUnsure || init.isCounting(),
    })
  }

  /** Bytes that it may write. */
  get granted(): number {
    return this.#granted
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Room for more bytes. @throws ShoalError ERR_QUOTA; ERR_DISK, ERR_PERMISSION when it cannot be counted */
  async grow(bytes: number): Promise<void> {
    await this.#init.reserve(bytes)
    this.#granted += bytes
  }

  /** Room for all that is said to come, beforehand. Throws as `grow`. */
  async expect(bytes: number): Promise<void> {
    await this.grow(bytes)
    this.#expected += bytes
  }

  /** What comes, each piece once there is room for it. */
  async *guard(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      const known = Math.min(this.#expected, bytes.byteLength)
      this.#expected -= known
      if (known < bytes.byteLength) await this.grow(bytes.byteLength - known)
      yield bytes
    }
  }

  /** @param added bytes that are on the disk now and were not before */
  async end(added: number): Promise<void> {
    this.#hasEnded = true
    const { units, keepsUp, onNewer } = this.#init
    const measured = await this.#measured()
    const { present, granted, writers, turn, isUnsure } = units.get(this.#unit)
    const isLast = writers === 1
    const ended = { writers: writers - 1, turn: turn + 1 }
    if (!keepsUp()) {
      units.change(this.#unit, { ...ended, granted: isLast ? 0 : granted - this.#granted })
    } else if (!isUnsure) {
      units.change(this.#unit, { ...ended, present: present + added, granted: granted - this.#granted })
    } else if (isLast) {
      onNewer(this.#unit)
      const known = measured ?? present + granted
      units.change(this.#unit, { ...ended, present: known, granted: 0, isUnsure: measured === undefined })
    } else {
      // What it wrote may not be in what was counted: it keeps its room until the last of them has ended.
      units.change(this.#unit, ended)
    }
  }

  /** What was written is another unit from now on, and nothing is left of this one. */
  endAs(unit: string, bytes: number): void {
    this.#hasEnded = true
    const { units, keepsUp, onNewer } = this.#init
    const { granted, writers, turn } = units.get(this.#unit)
    onNewer(this.#unit)
    const rest = granted - this.#granted
    units.change(this.#unit, { present: 0, granted: rest, writers: writers - 1, turn: turn + 1 })
    if (!keepsUp()) return
    onNewer(unit)
    units.change(unit, { present: bytes })
  }

  /** What the disk says, where it was counted while somebody wrote and nobody else does. */
  async #measured(): Promise<number | undefined> {
    const { units, measure } = this.#init
    for (;;) {
      const { isUnsure, writers, turn } = units.get(this.#unit)
      if (!isUnsure || writers > 1) return undefined
      const bytes = await measure().catch(() => undefined)
      if (bytes === undefined || units.get(this.#unit).turn === turn) return bytes
    }
  }
}
