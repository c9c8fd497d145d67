/** Devices that lied, stalled or broke the rules are left alone, longer each time; so are those that begin sessions in vain. */
import { keepNewest } from '../../util/keep-newest.ts'
import type { Clock } from '../../util/seams.ts'
import { FAULT_MS, MAX_FAULT_MS, MAX_FAULTY_DEVICES, MAX_VAIN_SESSIONS } from './limits.ts'

interface Record {
  readonly faults: number
  readonly vain: number
  readonly untilMs: number
}

const NONE: Record = { faults: 0, vain: 0, untilMs: 0 }

export class Faults {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #records = new Map<string, Record>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Is nothing to be had to do with it now? */
  isBarred(peerId: string): boolean {
    return this.#of(peerId).untilMs > this.#clock.monotonic()
  }

  fault(peerId: string): void {
    const faults = this.#of(peerId).faults + 1
    const forMs = Math.min(FAULT_MS * 2 ** (faults - 1), MAX_FAULT_MS)
    this.#note(peerId, { faults, vain: 0, untilMs: this.#clock.monotonic() + forMs })
  }

  /** It began a session and is no member, or there was none to be had. */
  vain(peerId: string): void {
    const record = this.#of(peerId)
    if (record.vain + 1 >= MAX_VAIN_SESSIONS) this.fault(peerId)
    else this.#note(peerId, { ...record, vain: record.vain + 1 })
  }

  /** A session ended in order. */
  worked(peerId: string): void {
    this.#records.delete(peerId)
  }

  #of(peerId: string): Record {
    return this.#records.get(peerId) ?? NONE
  }

  #note(peerId: string, record: Record): void {
    this.#records.delete(peerId)
    this.#records.set(peerId, record)
    keepNewest(this.#records, MAX_FAULTY_DEVICES)
  }
}
