/** Are devices on the local network found? */
import type { LanState } from '../../../network/lan/lan.ts'
import type { Looking, NodeFacts } from '../facts.ts'
import { ok, warning, type Verdict } from '../finding.ts'
import { SETTLE_MS } from '../limits.ts'
import { LISTEN_EVERYWHERE } from '../remedies.ts'
import { becomes } from '../settled.ts'

export async function checkLocalNetwork(
  { status, localState }: Pick<NodeFacts, 'status' | 'localState'>,
  looking: Looking,
): Promise<Verdict> {
  // Whoever is there takes a moment to answer; a node that has been running has heard of them.
  const isSettled = (): boolean => status().uptime * 1_000 >= SETTLE_MS
  await becomes(() => localState()?.devices !== 0 || isSettled(), looking)
  const state = localState()
  if (state !== undefined) return judge(state)
  const { network, discovery } = status()
  // A libp2p node that a program brought along has nothing of this, and no DHT that is known here.
  const how = network === 'private' && discovery.dht !== null ? '; --mdns turns that on' : ''
  const data = { used: false, networks: null, listening: null, devices: null }
  return ok(`devices nearby are not looked for${how}`, data)
}

function judge({ networks, wanted, listening, devices }: LanState): Verdict {
  const data = { used: true, networks, listening, devices }
  if (networks === 0) {
    return warning(
      'this device is on no local network: devices nearby are not found',
      'join a Wi-Fi or plug in a cable, without a VPN that hides it',
      data,
    )
  }
  if (wanted === 0) {
    const effect = 'devices nearby are not found: Shoal listens only for programs on this device itself'
    return warning(effect, `give it an address of the local network, or ${LISTEN_EVERYWHERE}`, data)
  }
  if (listening === 0) {
    return warning(
      'devices nearby cannot be heard: another program keeps UDP port 5353 to itself, or it may not be used',
      'end that program, or let Shoal through the firewall of this device',
      data,
    )
  }
  return ok(`${devices} Shoal ${devices === 1 ? 'device' : 'devices'} nearby`, data)
}
