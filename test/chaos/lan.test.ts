/** Devices find each other on a network of namespaces: as on a real one without internet, there is no route beyond it. */
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Lab, namespacesAreMissing } from './namespaces.ts'

const PROGRAM = fileURLToPath(new URL('lan-program.ts', import.meta.url))
/** How often the time to find is measured. */
const ROUNDS = Number(process.env['SHOAL_LAN_ROUNDS'] ?? 3)

function lab(name: string): Lab {
  const made = new Lab(name)
  onTestFinished(() => made.remove())
  return made
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

describe.skipIf(namespacesAreMissing !== undefined)(
  `on a local network (${namespacesAreMissing ?? 'namespaces'})`,
  () => {
    test('two devices joined by a bridge find each other, and a third outside learns nothing', async () => {
      const net = lab('a')
      const [bridge, elsewhere] = [net.bridge('br'), net.bridge('br2')]
      const [here, there, outside] = [net.machine('m1'), net.machine('m2'), net.machine('m3')]
      net.join(here, bridge, '10.77.0.1/24')
      net.join(there, bridge, '10.77.0.2/24')
      net.join(outside, elsewhere, '10.77.0.3/24')
      const [witness, spy] = [net.run(there, PROGRAM, 'hear'), net.run(outside, PROGRAM, 'hear')]
      await Promise.all([witness.said('ready'), spy.said('ready')])

      const sharer = net.run(here, PROGRAM, 'share', 'a film')
      const { peerId } = await sharer.said('ready')
      const fetcher = net.run(there, PROGRAM, 'find', 'a film', String(ROUNDS))
      const stranger = net.run(outside, PROGRAM, 'find', 'a film')
      await fetcher.said('done')
      const found = fetcher.facts.filter(({ type }) => type === 'found')
      expect(found.map((fact) => fact['peerId'])).toEqual(
        Array.from({ length: 2 * ROUNDS - 1 }, () => peerId),
      )
      expect(found[0]?.['addresses']).toEqual([
        expect.stringMatching(/^\/ip4\/10\.77\.0\.1\/tcp\/\d+\/p2p\//),
      ])
      for (const kind of ['new', 'running']) {
        const times = found.filter((fact) => fact['kind'] === kind).map((fact) => Number(fact['ms']))
        console.log(JSON.stringify({ figure: 'lan-search-ms', kind, median: median(times), times }))
      }
      expect(await stranger.said('nobody')).toMatchObject({ devices: 0 })

      // Both listeners work: one hears the two devices, the other itself only.
      const sources = (listener: typeof spy): Set<unknown> =>
        new Set(listener.facts.filter(({ type }) => type === 'packet').map((fact) => fact['from']))
      expect(sources(witness)).toEqual(new Set(['10.77.0.1', '10.77.0.2']))
      expect(sources(spy)).toEqual(new Set(['10.77.0.3']))
      expect([sharer, fetcher, stranger].map(({ stderr }) => stderr)).toEqual(['', '', ''])
      expect(await sharer.stop()).toBe(0)
    })

    test('devices find each other over IPv6 alone', async () => {
      const net = lab('b')
      const bridge = net.bridge('br')
      const [here, there] = [net.machine('m1'), net.machine('m2')]
      net.join(here, bridge, 'fd77::1/64')
      net.join(there, bridge, 'fd77::2/64')
      const sharer = net.run(here, PROGRAM, 'share', 'a film')
      const { peerId } = await sharer.said('ready')
      const fetcher = net.run(there, PROGRAM, 'find', 'a film')
      expect(await fetcher.said('found')).toMatchObject({
        peerId,
        addresses: [expect.stringMatching(/^\/ip6\/fd77::1\/tcp\/\d+\/p2p\//)],
      })
    })

    test('a device that was offline at its start is found when its network comes, and said nothing of it', async () => {
      const net = lab('c')
      const bridge = net.bridge('br')
      const [here, there] = [net.machine('m1'), net.machine('m2')]
      net.join(there, bridge, '169.254.7.2/16')
      const sharer = net.run(here, PROGRAM, 'share', 'a film')
      const { peerId } = await sharer.said('ready')
      const fetcher = net.run(there, PROGRAM, 'find', 'a film')
      net.join(here, bridge, '169.254.7.1/16')
      expect(await fetcher.said('found')).toMatchObject({ peerId })
      expect(sharer.stderr).toBe('')
      expect(sharer.facts.filter(({ type }) => type === 'warning')).toEqual([])
    })
  },
)
