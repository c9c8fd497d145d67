/** Can others connect to this device? */
import { parseDiallable, rangeOf } from '../../../network/address-rules.ts'
import { hasNetwork } from '../../../network/interfaces.ts'
import type { AddressFact } from '../../../network/own-addresses.ts'
import type { Looking, NodeFacts } from '../facts.ts'
import { SWITCH_ON, ok, warning, type Verdict } from '../finding.ts'
import { LISTEN_EVERYWHERE } from '../remedies.ts'
import { becomes } from '../settled.ts'

/** In what way others reach a node of the public network, the best first. */
type Way = 'confirmed' | 'forwarded' | 'public' | 'indirect' | 'none'

const RELAYED = '/p2p-circuit'

export async function checkIncoming(
  { status, addresses, interfaces }: Pick<NodeFacts, 'status' | 'addresses' | 'interfaces'>,
  looking: Looking,
): Promise<Verdict> {
  const { network } = status()
  const listening = (): AddressFact[] => addresses().filter(({ from }) => from === 'own')
  if (listening().length === 0) {
    return warning(
      'this device accepts no connections: others can send to it only what it asks them for itself',
      'give an address to listen on: --listen ADDRESS, or shoal config set listen ADDRESS',
      { listening: [], way: null },
    )
  }
  if (network !== 'public') return beside(network, listening())
  if (!hasNetwork(interfaces)) {
    const data = { listening: listening().map(({ address }) => address), public: [], way: 'none' }
    return warning('nobody can connect while this device is on no network', SWITCH_ON, data)
  }
  await becomes(() => ['confirmed', 'forwarded'].includes(wayOf(addresses())), looking)
  return fromOutside(addresses())
}

/** On a network without strangers: nobody has to come in from outside. */
function beside(network: 'lan' | 'private', listening: readonly AddressFact[]): Verdict {
  const data = { listening: listening.map(({ address }) => address), way: null }
  const isOpen = listening.some(({ address }) => rangeOf(address) !== 'loopback')
  if (isOpen) return ok('others on this network can connect', data)
  const effect = 'only programs on this device itself can connect'
  // Tests and tools do so on purpose.
  if (network === 'private') return ok(effect, data)
  return warning(effect, `connect this device to the local network, or ${LISTEN_EVERYWHERE}`, data)
}

function fromOutside(facts: readonly AddressFact[]): Verdict {
  const way = wayOf(facts)
  const direct = facts.filter(isPublic)
  const listening = facts.filter(({ from }) => from === 'own').map(({ address }) => address)
  const data = { listening, public: direct.map(({ address }) => address), way }
  switch (way) {
    case 'confirmed':
      return ok('others reach this device', data)
    case 'forwarded':
      return ok('the router lets others in to this device', data)
    case 'public':
      return ok(
        'this device has an address of the internet; whether a firewall keeps others out is not known',
        data,
      )
    case 'indirect':
      return warning('others reach this device only indirectly, which is slower', remedyOf(facts), data)
    case 'none':
      return warning(
        'others on the internet cannot connect to this device; it can still connect to those that let others in',
        remedyOf(facts),
        data,
      )
  }
}

function wayOf(facts: readonly AddressFact[]): Way {
  const direct = facts.filter(isPublic)
  if (direct.some(({ isConfirmed }) => isConfirmed)) return 'confirmed'
  if (direct.some(({ from }) => from === 'router')) return 'forwarded'
  if (direct.some(({ from }) => from === 'own')) return 'public'
  return facts.some(({ address }) => address.includes(RELAYED)) ? 'indirect' : 'none'
}

function isPublic({ address }: AddressFact): boolean {
  return !address.includes(RELAYED) && ['public', 'name'].includes(rangeOf(address))
}

function remedyOf(facts: readonly AddressFact[]): string {
  for (const { address, from } of facts) {
    const target = from === 'own' ? parseDiallable(address) : undefined
    if (target === undefined || !address.startsWith('/ip4/') || rangeOf(address) !== 'private') continue
    return `turn on UPnP in the router, or forward TCP ${target.port} to ${target.host}`
  }
  return 'turn on UPnP in the router, or let it forward a port to this device'
}
