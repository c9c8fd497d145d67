/** The networks that this machine is in. */
import { networkInterfaces } from 'node:os'
import type { Subnet } from '../address-rules.ts'

type Interfaces = ReturnType<typeof networkInterfaces>

/** @param interfaces as the system lists them */
export function ownSubnets(interfaces: Interfaces = networkInterfaces()): Subnet[] {
  return Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .flatMap(({ address, cidr }) => {
      const length = Number(cidr?.split('/')[1])
      return Number.isInteger(length) ? [{ address, prefixLength: length }] : []
    })
}
