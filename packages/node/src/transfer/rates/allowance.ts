/** How much may be asked for now: what a limit on the download rate gives to a fetch. */

export interface Allowance {
  /** Takes the bytes if there is room now. */
  tryTake: (bytes: number) => boolean
  /** Calls back once when there is room again; returns how to stop that. */
  whenRoom: (callback: () => void) => () => void
}
