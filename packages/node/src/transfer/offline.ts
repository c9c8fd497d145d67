/** What is said, once, when there is no network. */
import type { WarningEvent } from '../events.ts'
import type { NetworkPreset } from '../options.ts'

export interface Connectivity {
  readonly network: NetworkPreset
  /** Whether anything leads out of this machine. */
  readonly hasNetwork: () => boolean
}

/** A private network may be this machine alone. */
export function offlineWarning({ network, hasNetwork }: Connectivity): WarningEvent | undefined {
  if (network === 'private' || hasNetwork()) return undefined
  const message = 'this device is offline; what needs the network goes on by itself when it is back'
  return { type: 'warning', code: 'WARN_OFFLINE', message }
}
