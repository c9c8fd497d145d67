/** Are devices on the local network found? */
import type { NodeFacts } from '../facts.ts'
import { ok, warning, type Verdict } from '../finding.ts'

export function checkLocalNetwork({ status, localState }: Pick<NodeFacts, 'status' | 'localState'>): Verdict {
  const state = localState()
  if (state === undefined) {
    const { network } = status()
    // What a program brought along of its own has nothing of this, either.
    const how = network === 'private' ? '; --mdns turns that on' : ''
    return ok(`devices nearby are not looked for${how}`, {
      used: false,
      networks: null,
      listening: null,
      devices: null,
    })
  }
  const { networks, listening, devices } = state
  const data = { used: true, networks, listening, devices }
  if (networks === 0) {
    return warning(
      'this device is on no local network: devices nearby are not found',
      'join a Wi-Fi or plug in a cable, without a VPN that hides it',
      data,
    )
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
