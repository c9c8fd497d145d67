/** Ends the sessions of peers that are of no use, when nobody is. */
import { ShoalError } from '../../errors.ts'
import type { TransferLimits } from '../limits.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** What is missing was changed by all who had it. */
export class SourceChangedError extends ShoalError {
  constructor() {
    super('ERR_CONTENT_GONE', 'a file of this share was changed after it was shared')
  }
}

export class StuckPeers {
  readonly #limits: TransferLimits
  #sinceMs: number | undefined

  constructor(limits: TransferLimits) {
    this.#limits = limits
  }

  /** @param isStuck something may be asked for, somebody is there, and nobody owes anything */
  check(isStuck: boolean, peers: ReadonlySet<SwarmPeer>, nowMs: number): void {
    if (!isStuck) {
      this.#sinceMs = undefined
      return
    }
    this.#sinceMs ??= nowMs
    const { idleTimeoutMs, maxBusyRetryMs } = this.#limits
    const sinceMs = this.#sinceMs
    // An end changes who is there.
    const all = [...peers]
    const isGone = all.every(
      (peer) => peer.hasAll && peer.refusal !== undefined && peer.pausedUntilMs <= nowMs,
    )
    for (const peer of all) {
      const patienceMs = peer.pausedUntilMs > 0 ? idleTimeoutMs + maxBusyRetryMs : idleTimeoutMs
      const uselessMs = nowMs - Math.max(sinceMs, peer.usefulAtMs)
      if (isGone || uselessMs >= patienceMs) peer.provider.session.fail(uselessness(peer))
    }
  }
}

function uselessness({ refusal }: SwarmPeer): ShoalError {
  if (refusal === undefined) {
    return new ShoalError('ERR_NO_PROVIDER', 'the other device has nothing of what is missing')
  }
  if (refusal === 'changed') return new SourceChangedError()
  return new ShoalError('ERR_CONTENT_GONE', 'the other device no longer has all of this share')
}
