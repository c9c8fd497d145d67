/** When a payload may be sent: the seam through which a limit on the rate of sending works. */

export interface Pacer {
  /** Resolves when so many bytes may be sent to this peer; peers take turns. Rejects when the signal aborts. */
  take: (peer: string, bytes: number, signal: AbortSignal) => Promise<void>
}
