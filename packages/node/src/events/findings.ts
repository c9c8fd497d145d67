/** What the doctor tells. */
/**
 * What was looked at: docs/doctor.md says of each what is found and what to do. The list changes only with an ADR, like the
 * fields of `FindingEvent.data`.
 */
export type FindingId =
  | 'start'
  | 'runtime'
  | 'home'
  | 'disk'
  | 'files'
  | 'internet'
  | 'incoming'
  | 'local-network'
  | 'dht'
  | 'shares'
  | 'limits'

/** What a look at one thing found out. */
export interface FindingEvent {
  readonly type: 'finding'
  /** What was looked at. */
  readonly id: FindingId
  /** `problem`: something does not work. `warning`: something works less well than it could, or could not be looked at. */
  readonly severity: 'ok' | 'warning' | 'problem'
  /** What it means for the user, in plain words. It may change with any release. */
  readonly effect: string
  /** What to do about it, in plain words; null: nothing. */
  readonly remedy: string | null
  /** The facts behind it, by the names in docs/doctor.md. None of them is a secret. */
  readonly data: Readonly<Record<string, FindingValue>>
}

/** A fact of a finding: a number (bytes, seconds, bytes per second or a count), a text, or texts; null: not known. */
export type FindingValue = number | string | boolean | null | readonly string[]
