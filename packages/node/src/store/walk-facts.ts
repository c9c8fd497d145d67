/** What a walk is asked, and what it finds. */
import type { Entry } from '../content/entry.ts'
import type { Disk, FileFacts } from './disk.ts'
import type { Location } from './shared-paths.ts'

export type WalkWarningCode =
  | 'WARN_EXCLUDE_UNUSED'
  | 'WARN_SKIPPED_LINK'
  | 'WARN_SKIPPED_NAME'
  | 'WARN_SKIPPED_SPECIAL'
  | 'WARN_SKIPPED_UNREADABLE'
  | 'WARN_UNPORTABLE_NAME'

export interface WalkWarning {
  readonly code: WalkWarningCode
  readonly message: string
}

export interface WalkedEntry extends Entry, Location {
  readonly facts: FileFacts
}

export interface Walk {
  readonly kind: 'file' | 'folder'
  readonly entries: readonly WalkedEntry[]
}

export interface WalkOptions {
  readonly disk: Disk
  /** Patterns of what to leave out, besides those of `.shoalignore` files. @defaultValue [] */
  readonly exclude?: readonly string[]
  /** Leave out what cannot be read instead of failing. @defaultValue false */
  readonly skipUnreadable?: boolean
  /** Paths on this disk to leave out; they were told about before. */
  readonly without?: ReadonlySet<string>
  readonly onWarning?: (warning: WalkWarning) => void
  readonly signal?: AbortSignal
}
