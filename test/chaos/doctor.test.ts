/** `shoal doctor` on networks made of namespaces: two devices nearby, and a way out that leads nowhere. */
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Lab, namespacesAreMissing, type Resident } from './namespaces.ts'
import type { Fact } from './strace.ts'

const COUNT = 11
const LAN = ['--network', 'lan']

async function home(): Promise<string[]> {
  return ['--json', '--home', join(await temporaryFolder(), 'home')]
}

/** What it finds, by id, once it has ended. */
async function findings(doctor: Resident): Promise<Map<string, Fact>> {
  expect(await doctor.ended).toBe(0)
  expect(doctor.stderr).toBe('')
  expect(doctor.facts).toHaveLength(COUNT)
  return new Map(doctor.facts.map((fact) => [String(fact['id']), fact]))
}

describe.skipIf(namespacesAreMissing !== undefined)(
  `doctor (${namespacesAreMissing ?? 'namespaces'})`,
  () => {
    test('another device of the local network is found nearby', async () => {
      const net = new Lab('doctor-lan')
      onTestFinished(() => net.remove())
      const bridge = net.bridge('br')
      const [here, there] = [net.machine('m1'), net.machine('m2')]
      net.join(here, bridge, '10.79.0.1/24')
      net.join(there, bridge, '10.79.0.2/24')
      const other = net.run(there, SHOAL, 'daemon', 'run', ...(await home()), ...LAN)
      await other.said('status')
      const found = await findings(net.run(here, SHOAL, 'doctor', ...(await home()), ...LAN))
      expect(found.get('local-network')).toMatchObject({ severity: 'ok', data: { devices: 1, networks: 1 } })
      expect(found.get('incoming')).toMatchObject({ severity: 'ok' })
      expect(await other.stop()).toBe(0)
    })

    test('a network without a way out is a problem in public, told with the port to forward', async () => {
      const net = new Lab('doctor-out')
      onTestFinished(() => net.remove())
      const machine = net.machine('m1')
      net.join(machine, net.bridge('br'), '10.79.1.1/24')
      const listen = ['--listen', '/ip4/0.0.0.0/tcp/4001']
      const found = await findings(net.run(machine, SHOAL, 'doctor', ...(await home()), ...listen))
      expect(found.get('internet')).toMatchObject({
        severity: 'problem',
        data: { ipv4: true, ipv6: false, used: true, reached: false },
      })
      expect(found.get('dht')).toMatchObject({ severity: 'problem', data: { known: 0 } })
      expect(found.get('incoming')).toMatchObject({
        severity: 'warning',
        remedy: 'turn on UPnP in the router, or forward TCP 4001 to 10.79.1.1',
        data: { way: 'none', public: [] },
      })
    })

    test('a machine without any network is told that, and nothing of routers', async () => {
      const net = new Lab('doctor-off')
      onTestFinished(() => net.remove())
      const found = await findings(net.run(net.machine('m1'), SHOAL, 'doctor', ...(await home())))
      expect(found.get('internet')).toMatchObject({
        severity: 'problem',
        effect: 'this device is on no network',
      })
      expect(found.get('local-network')).toMatchObject({ severity: 'warning', data: { networks: 0 } })
      expect(found.get('incoming')).toMatchObject({ severity: 'warning', data: { way: 'none' } })
      expect(found.get('incoming')?.['remedy']).not.toContain('UPnP')
    })
  },
)
