/** Does this node take part in the network that tells who has what? */
import type { StatusEvent } from '../../../events.ts'
import type { Looking, NodeFacts } from '../facts.ts'
import { ok, problem, warning, type Verdict } from '../finding.ts'
import { becomes } from '../settled.ts'

export async function checkDht({ status }: Pick<NodeFacts, 'status'>, looking: Looking): Promise<Verdict> {
  const { network, bootstrap } = status()
  const known = (): StatusEvent['discovery']['dht'] => status().discovery.dht
  if (known() === null) {
    return ok(
      network === 'lan' ? 'not used in the network lan' : 'left to the program that Shoal is part of',
      {
        used: false,
        mode: null,
        known: null,
        waiting: null,
      },
    )
  }
  const isMeantToKnow = network === 'public' || bootstrap.length > 0
  if (isMeantToKnow) await becomes(() => (known()?.known ?? 0) > 0, looking)
  const dht = known()
  const data = {
    used: true,
    mode: dht?.mode ?? null,
    known: dht?.known ?? null,
    waiting: dht?.waiting ?? null,
  }
  const count = dht?.known ?? 0
  if (count > 0) return ok(`${devices(count)} known there${queued(dht?.waiting ?? 0)}`, data)
  if (network === 'public') {
    return problem(
      'no device of the public network is known: a link works only where it names an address that answers',
      'look at the connection of this device, and at VPN and firewall',
      data,
    )
  }
  if (isMeantToKnow) {
    return warning(
      'none of the devices given by --bootstrap, or set, takes this one into its network',
      'check their addresses, and that they run Shoal with the same --network and key',
      data,
    )
  }
  return ok('no other device of this network is known yet', data)
}

const devices = (count: number): string => `${count} ${count === 1 ? 'device' : 'devices'}`
const queued = (count: number): string =>
  count === 0 ? '' : `, ${count} shared ${count === 1 ? 'item' : 'items'} still to be announced`
