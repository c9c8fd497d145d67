/** How much a peer may have under way to us when what comes is limited. */
import { NETWORK_LIMITS } from '../../network/limits.ts'
import { RATE_LIMITS } from '../limits.ts'

/**
 * In bytes: what passes in a round trip at the limit, so that the limit is reached and no more than that waits here.
 *
 * @param isOpen whether the peer has proved that it knows the content: no other gets more than it has at first
 */
export function receiveWindow(bytesPerSecond: number, isOpen: boolean): number {
  const { firstWindowBytes, leastWindowBytes, windowMs } = RATE_LIMITS
  if (!isOpen) return firstWindowBytes
  const wanted = Math.floor((bytesPerSecond * windowMs) / 1_000)
  return Math.min(Math.max(wanted, leastWindowBytes), NETWORK_LIMITS.maxStreamWindowBytes)
}
