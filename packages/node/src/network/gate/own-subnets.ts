/** The networks that this machine is in. */
import type { NetworkInterfaceInfo } from 'node:os'
import type { Subnet } from '../address-rules.ts'

export function ownSubnets(interfaces: readonly NetworkInterfaceInfo[]): Subnet[] {
  return interfaces.flatMap(({ address, cidr }) => {
    const length = Number(cidr?.split('/')[1])
    return Number.isInteger(length) ? [{ address, prefixLength: length }] : []
  })
}
