/** What any operation may tell besides its own. */
import type { ShoalErrorJson } from '../errors.ts'

/** Something that ends nothing, and that a person may want to know. */
export interface WarningEvent {
  readonly type: 'warning'
  /** `WARN_...`, of the second table in docs/errors.md. */
  readonly code: string
  /** One sentence for a person. It may change with any release. */
  readonly message: string
}

/** Why an operation failed. The last event, over the control API and with `--json` only: in a program it rejects. */
export interface ErrorEvent extends ShoalErrorJson {
  readonly type: 'error'
}
