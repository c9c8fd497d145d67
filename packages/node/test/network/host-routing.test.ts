import type { PeerInfo } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { providerDigest, cidOf, RAW } from '../../src/content/cid.ts'
import { HostRouting } from '../../src/network/host-routing.ts'
import type { HostLibp2p } from '../../src/options.ts'
import { delay } from '../../src/util/seams.ts'
import { newPeerId } from '../helpers/libp2p.ts'
import { Simulation } from '../helpers/simulation.ts'

const DIGEST = providerDigest(cidOf(RAW, new Uint8Array(32)))
const HOUR_MS = 3_600_000
const never = new AbortController().signal

interface Fake {
  readonly providers?: readonly PeerInfo[] | Error
  readonly found?: PeerInfo
  readonly onProvide?: () => void
  readonly peers?: number
}

/** Of a libp2p node, what the routing asks of it. */
async function routing(fake: Fake, simulation = new Simulation(1)): Promise<HostRouting> {
  const own = await newPeerId()
  const libp2p = {
    peerId: own,
    getPeers: () => Array.from({ length: fake.peers ?? 1 }, () => own),
    addEventListener: () => {},
    removeEventListener: () => {},
    contentRouting: {
      findProviders: async function* () {
        if (fake.providers instanceof Error) throw fake.providers
        yield* fake.providers ?? []
        yield { id: own, multiaddrs: [] }
      },
      provide: async () => {
        fake.onProvide?.()
        if (fake.providers instanceof Error) throw fake.providers
      },
      cancelReprovide: async () => {},
    },
    peerRouting: {
      findPeer: async () => {
        if (fake.found === undefined) throw new Error('not found')
        return fake.found
      },
    },
  } as unknown as HostLibp2p
  return new HostRouting({
    libp2p,
    seams: simulation.seams,
    mayUse: (address) => !address.startsWith('/ip4/127.'),
    reannounceMs: HOUR_MS,
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function pass(simulation: Simulation, ms: number): Promise<void> {
  await simulation.run(delay(simulation.seams.timers, ms), Number.POSITIVE_INFINITY)
}

function none(): Error {
  return Object.assign(new Error('No content routers available'), { name: 'NoContentRoutersError' })
}

test('providers come with the addresses that may be used, each with the peer id, and never this node itself', async () => {
  const id = await newPeerId()
  const peerId = id.toString()
  const multiaddrs = [
    '/ip4/127.0.0.1/tcp/1',
    '/ip4/198.51.100.1/tcp/1',
    `/ip4/198.51.100.2/tcp/1/p2p/${peerId}`,
  ].map((address) => multiaddr(address))
  const { source } = await routing({ providers: [{ id, multiaddrs }], found: { id, multiaddrs } })
  const addresses = [`/ip4/198.51.100.1/tcp/1/p2p/${peerId}`, `/ip4/198.51.100.2/tcp/1/p2p/${peerId}`]
  expect(await collect(source.find(DIGEST, never))).toEqual([{ peerId, addresses }])
  expect(await source.findAddresses(peerId, never)).toEqual(addresses)
})

test('a search that fails knows nobody, and is tried again', async () => {
  const { source } = await routing({ providers: new Error('broken') })
  expect(await collect(source.find(DIGEST, never))).toEqual([])
  expect(source.isReady?.()).toBe(true)
  expect(await source.findAddresses((await newPeerId()).toString(), never)).toEqual([])
})

test('of a provider with many addresses a few are taken', async () => {
  const id = await newPeerId()
  const multiaddrs = Array.from({ length: 1_000 }, (_, i) => multiaddr(`/ip4/198.51.100.1/tcp/${i + 1}`))
  const { source } = await routing({ providers: [{ id, multiaddrs }] })
  const [candidate] = await collect(source.find(DIGEST, never))
  expect(candidate?.addresses).toHaveLength(16)
})

test('a node without content routing is not asked, nor told, again', async () => {
  let provided = 0
  const simulation = new Simulation(1)
  const it = await routing({ providers: none(), onProvide: () => provided++ }, simulation)
  it.start()
  it.announcer.add(DIGEST, 0)
  await pass(simulation, 24 * HOUR_MS)
  expect(it.source.isReady?.()).toBe(false)
  expect(provided).toBe(1)
  await it.stop()
})

test('what is shared is announced once somebody is connected, and again before it is forgotten', async () => {
  let provided = 0
  const simulation = new Simulation(1)
  const it = await routing({ onProvide: () => provided++ }, simulation)
  it.start()
  it.announcer.add(DIGEST, 0)
  await pass(simulation, 2.5 * HOUR_MS)
  expect(provided).toBeGreaterThanOrEqual(3)
  it.announcer.remove(DIGEST)
  const before = provided
  await pass(simulation, 10 * HOUR_MS)
  expect(provided).toBe(before)
  await it.stop()
})
