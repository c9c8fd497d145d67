/** Does this device get out to others at all? */
import type { NetworkInterfaceInfo } from 'node:os'
import { rangeOf } from '../../../network/address-rules.ts'
import { hasNetwork } from '../../../network/interfaces.ts'
import type { Looking, NodeFacts } from '../facts.ts'
import { SWITCH_ON, ok, problem, type Verdict } from '../finding.ts'
import { SETTLE_MS } from '../limits.ts'

export async function checkInternet(
  facts: Pick<NodeFacts, 'status' | 'interfaces' | 'peers' | 'reachBootstrap'>,
  looking: Looking,
): Promise<Verdict> {
  const own = facts.interfaces()
  const ipv4 = own.some((each) => leadsOut(each, 'IPv4'))
  const ipv6 = own.some((each) => leadsOut(each, 'IPv6'))
  const data = { ipv4, ipv6 }
  const { network } = facts.status()
  if (network !== 'public')
    return ok(`not used in the network ${network}`, { ...data, used: false, reached: null })
  if (!hasNetwork(facts.interfaces)) {
    return problem('this device is on no network', SWITCH_ON, {
      ...data,
      used: true,
      reached: false,
    })
  }
  const reached = await isReached(facts, looking)
  const families = ipv4 && ipv6 ? 'IPv4 and IPv6' : ipv6 ? 'IPv6' : 'IPv4'
  const known = { ...data, used: true, reached: reached ?? null }
  if (reached === true) return ok(`others are reached over ${families}`, known)
  if (reached === undefined) return ok(`this device has ${families}; nobody is named to ask there`, known)
  return problem(
    'nobody on the internet answers',
    'look at the connection of this device, and at VPN and firewall: they have to let Shoal out',
    known,
  )
}

/** An address of the kind that a router gives out, or of the internet itself. */
function leadsOut({ address, family, internal }: NetworkInterfaceInfo, wanted: 'IPv4' | 'IPv6'): boolean {
  if (internal || family !== wanted) return false
  const range = rangeOf(`/${wanted === 'IPv4' ? 'ip4' : 'ip6'}/${address}`)
  return range === 'public' || (wanted === 'IPv4' && range === 'private')
}

async function isReached(
  { peers, reachBootstrap }: Pick<NodeFacts, 'peers' | 'reachBootstrap'>,
  { timers, signal }: Looking,
): Promise<boolean | undefined> {
  const connected = await peers()
  if (connected.some(({ address }) => ['public', 'name'].includes(rangeOf(address)))) return true
  const late = new AbortController()
  const timer = timers.set(() => late.abort(new Error('no answer in time')), SETTLE_MS)
  try {
    return await reachBootstrap(AbortSignal.any([signal, late.signal]))
  } finally {
    timers.clear(timer)
  }
}
