/** The network interfaces of this machine: whether there is a network, and which addresses are neighbours. */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Clock } from '../util/seams.ts'

/** The addresses of all interfaces as they are now. */
export type Interfaces = () => readonly NetworkInterfaceInfo[]

/** By the name of the interface. */
export const systemInterfacesByName: typeof networkInterfaces = () => networkInterfaces()

export const systemInterfaces: Interfaces = () =>
  Object.values(systemInterfacesByName()).flatMap((addresses) => addresses ?? [])

/** Whether any interface leads out of this machine. A cable into nothing counts as well: only others can tell. */
export function hasNetwork(interfaces: Interfaces): boolean {
  return interfaces().some(({ internal }) => !internal)
}

/** Asking the system takes a tenth of a millisecond, and the DHT judges addresses by the hundred. In milliseconds. */
const RECENT_MS = 1_000

/** The same, asked of the system at most once a second. */
export function recent(interfaces: Interfaces, clock: Pick<Clock, 'monotonic'>): Interfaces {
  let known = interfaces()
  let askedMs = clock.monotonic()
  return () => {
    if (clock.monotonic() - askedMs >= RECENT_MS) {
      known = interfaces()
      askedMs = clock.monotonic()
    }
    return known
  }
}
