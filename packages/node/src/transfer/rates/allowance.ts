/** How much may be asked for now: what a limit on the download rate, and what goes first, give to a fetch. */

export interface Allowance {
  /** Takes the bytes if there is room now. */
  tryTake: (bytes: number) => boolean
  /** Calls back once when there is room again; returns how to stop that. */
  whenRoom: (callback: () => void) => () => void
  /** Part of what it might owe that it should, above 0 and up to 1: less while something goes before it. */
  readonly share: number
  /** To be told when something is owed, and when nothing is any more. */
  owes: (isOwing: boolean) => void
}
