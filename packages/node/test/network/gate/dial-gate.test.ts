import type { Transport } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { DialGate, type DialGateInit } from '../../../src/network/gate/dial-gate.ts'
import { NETWORK_LIMITS } from '../../../src/network/limits.ts'
import type { Seams } from '../../../src/util/seams.ts'
import { systemSeams } from '../../../src/util/system.ts'

const PEERS = [
  '12D3KooWA8zELt7JoCvCHPRGBsiMQBk1xr1WKYMiFr2vkBTNBDEE',
  '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust',
] as const
const SELF = '12D3KooWGRUaYPW4QvJ5M5VqRSTGhyLzkBh7vyKk3KzMZgSDAQHU'

/** Time passes only when somebody waits. */
class WaitingSeams implements Seams {
  ms = 0
  readonly waits: number[] = []
  readonly clock = { now: () => this.ms, monotonic: () => this.ms }
  readonly timers = {
    set: (callback: () => void, delayMs: number) => {
      this.waits.push(delayMs)
      queueMicrotask(callback)
      return 0
    },
    clear: () => {},
  }
  readonly random = systemSeams.random
}

interface World {
  readonly gate: DialGate
  readonly seams: WaitingSeams
  /** What reached the transport. */
  readonly dialled: string[]
  readonly dial: (address: string) => Promise<unknown>
  isAnswering: boolean
}

function world(init: Partial<DialGateInit> = {}): World {
  const seams = new WaitingSeams()
  const dialled: string[] = []
  const gate = new DialGate({
    preset: 'public',
    seams,
    limits: NETWORK_LIMITS,
    peerId: SELF,
    ownAddresses: () => [`/ip4/9.9.9.9/tcp/4001/p2p/${SELF}`],
    subnets: () => [],
    isProtected: () => false,
    isExempt: () => false,
    ...init,
  })
  const made: World = {
    gate,
    seams,
    dialled,
    isAnswering: true,
    dial: (address) => transport.dial(multiaddr(address), { signal: new AbortController().signal } as never),
  }
  const transport = gate.guard({
    dial: (address: { toString: () => string }) => {
      dialled.push(address.toString())
      return made.isAnswering ? Promise.resolve({}) : Promise.reject(new Error('nobody there'))
    },
  } as unknown as Transport)
  return made
}

test('an address that the rules refuse never reaches the transport, by whatever way it comes', async () => {
  const { gate, dial, dialled } = world()
  await expect(dial('/ip4/127.0.0.1/tcp/80')).rejects.toThrow('not dialled')
  await expect(dial('/unix/%2Ftmp%2Fcontrol.sock')).rejects.toThrow('not dialled')
  await expect(dial(`/ip4/8.8.8.8/tcp/1/p2p/${PEERS[0]}/p2p-circuit`)).rejects.toThrow('not dialled')
  expect(dialled).toEqual([])
  expect(gate.counts.denied).toBeGreaterThan(0)
})

test('this node is not dialled at an address that it listens on', async () => {
  const { dial, dialled } = world({ preset: 'private' })
  await expect(dial(`/ip4/9.9.9.9/tcp/4001/p2p/${PEERS[0]}`)).rejects.toThrow('not dialled')
  await dial(`/ip4/9.9.9.9/tcp/4002/p2p/${PEERS[0]}`)
  expect(dialled).toHaveLength(1)
})

test('a permit lets exactly its addresses through, and only while it lasts', () => {
  const { gate } = world()
  const permit = gate.permits.grant([
    '/ip4/127.0.0.1/tcp/1',
    `/ip4/127.0.0.1/tcp/2/p2p/${PEERS[0]}`,
    'no address',
  ])
  expect(gate.mayDial('/ip4/127.0.0.1/tcp/1')).toBe(true)
  expect(gate.mayDial(`/ip4/127.0.0.1/tcp/1/p2p/${PEERS[1]}`)).toBe(true)
  expect(gate.mayDial(`/ip4/127.0.0.1/tcp/2/p2p/${PEERS[0]}`)).toBe(true)
  expect(gate.mayDial(`/ip4/127.0.0.1/tcp/2/p2p/${PEERS[1]}`)).toBe(false)
  expect(gate.mayDial('/ip4/127.0.0.1/tcp/3')).toBe(false)
  const second = gate.permits.grant(['/ip4/127.0.0.1/tcp/1'])
  permit[Symbol.dispose]()
  expect(gate.mayDial('/ip4/127.0.0.1/tcp/1')).toBe(true)
  second[Symbol.dispose]()
  expect(gate.mayDial('/ip4/127.0.0.1/tcp/1')).toBe(false)
})

test('a peer whose four addresses failed is not dialled a fifth time; another is', async () => {
  const made = world()
  made.isAnswering = false
  for (let i = 1; i <= 9; i++) await made.dial(`/ip4/8.8.8.${i}/tcp/1/p2p/${PEERS[0]}`).catch(() => {})
  expect(made.dialled).toHaveLength(NETWORK_LIMITS.maxFailedDialsPerPeer)
  expect(made.gate.counts.limited).toBe(5)
  await made.dial(`/ip4/8.8.4.4/tcp/1/p2p/${PEERS[1]}`).catch(() => {})
  expect(made.dialled).toHaveLength(NETWORK_LIMITS.maxFailedDialsPerPeer + 1)
  made.seams.ms += NETWORK_LIMITS.failedDialMemoryMs
  made.isAnswering = true
  await made.dial(`/ip4/8.8.8.1/tcp/1/p2p/${PEERS[0]}`)
})

test('dials to addresses of strangers wait for their turn, and are refused when too many wait', async () => {
  const made = world()
  const dials = Array.from({ length: 200 }, (_, i) => made.dial(`/ip4/8.8.8.${i}/tcp/1`))
  const results = await Promise.allSettled(dials)
  const most = NETWORK_LIMITS.strangerDialsPerSecond * (1 + NETWORK_LIMITS.maxDialDelayMs / 1_000)
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(most)
  expect(Math.max(...made.seams.waits)).toBeLessThanOrEqual(NETWORK_LIMITS.maxDialDelayMs)
})

test('neither failures nor the rate bind dials that were permitted, or to protected peers', async () => {
  const made = world({ isProtected: (peer) => peer === PEERS[0] })
  made.isAnswering = false
  const permit = made.gate.permits.grant(['/ip4/10.1.1.1/tcp/1'])
  for (let i = 0; i < 100; i++) {
    await made.dial('/ip4/10.1.1.1/tcp/1').catch(() => {})
    await made.dial(`/ip4/8.8.8.8/tcp/1/p2p/${PEERS[0]}`).catch(() => {})
  }
  permit[Symbol.dispose]()
  expect(made.dialled).toHaveLength(200)
  expect(made.seams.waits).toEqual([])
  // Being protected does not open this machine.
  await expect(made.dial(`/ip4/127.0.0.1/tcp/1/p2p/${PEERS[0]}`)).rejects.toThrow('not dialled')
})

test('the peer store keeps what may be dialled, and all of what this node says of itself', () => {
  const { gate } = world()
  expect(gate.mayKeep(PEERS[0], '/ip4/127.0.0.1/tcp/1')).toBe(false)
  expect(gate.mayKeep(PEERS[0], '/ip4/9.9.9.9/tcp/4001')).toBe(false)
  expect(gate.mayKeep(PEERS[0], '/ip4/8.8.8.8/udp/1/quic-v1')).toBe(true)
  expect(gate.mayKeep(SELF, '/ip4/127.0.0.1/tcp/1')).toBe(true)
})

test('the name server is asked about a /dnsaddr only where it was permitted', async () => {
  const { gate } = world()
  const name = multiaddr('/dnsaddr/example.invalid')
  let asked = 0
  const dns = {
    query: () => Promise.resolve((asked++, { Answer: [{ data: 'dnsaddr=/ip4/10.3.3.3/tcp/1' }] })),
  }
  const options = { dns } as never
  expect(await gate.resolver.resolve(name, options)).toEqual([])
  expect(asked).toBe(0)
  const permit = gate.permits.grant(['/dnsaddr/example.invalid'])
  expect((await gate.resolver.resolve(name, options)).map(String)).toEqual(['/ip4/10.3.3.3/tcp/1'])
  expect(gate.mayDial('/ip4/10.3.3.3/tcp/1')).toBe(true)
  expect(gate.mayDial('/ip4/10.3.3.4/tcp/1')).toBe(false)
  permit[Symbol.dispose]()
  expect(gate.mayDial('/ip4/10.3.3.3/tcp/1')).toBe(false)
})
