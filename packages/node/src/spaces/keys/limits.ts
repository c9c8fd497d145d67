/** Bounds of the keys of a space. What they bound comes from members, who may be hostile. */

const DAY_MS = 86_400_000

/** Devices that one announcement is sealed to: 118 kB, and 1 s of work for who makes it. */
export const MAX_SEALED_DEVICES = 1_000
/** Epochs that one new epoch can follow: as many concurrent rotations heal at once. */
export const MAX_PREDECESSORS = 16
/** Epochs that one author may announce. An author that goes beyond loses only the epochs beyond it. */
export const MAX_EPOCHS_PER_AUTHOR = 1_024
/** An epoch key is replaced when it is so old, also when nobody was removed, in milliseconds. */
export const ROTATE_AFTER_MS: number = 30 * DAY_MS
/** How long a name by which a space is found is announced, in milliseconds. */
export const NAME_PERIOD_MS: number = DAY_MS
/** How long before and after a change of names both are listened to, in milliseconds: clocks may differ by that. */
export const NAME_OVERLAP_MS = 3_600_000
