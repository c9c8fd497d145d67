/** The network interfaces of this machine: whether there is a network, and which addresses are neighbours. */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'

/** The interfaces as they are now. */
export type Interfaces = () => readonly NetworkInterfaceInfo[]

export const systemInterfaces: Interfaces = () =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])

/** Whether any interface leads out of this machine. A cable into nothing counts as well: only others can tell. */
export function hasNetwork(interfaces: Interfaces): boolean {
  return interfaces().some(({ internal }) => !internal)
}
