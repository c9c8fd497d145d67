/** A clock by hand. */
import type { Clock } from '../../src/util/seams.ts'

export class ManualClock implements Clock {
  ms = 0
  now = (): number => this.ms
  monotonic = (): number => this.ms
}
