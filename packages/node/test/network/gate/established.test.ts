import type { Connection, MultiaddrConnection } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { Established } from '../../../src/network/gate/established.ts'
import { NETWORK_LIMITS, type NetworkLimits } from '../../../src/network/limits.ts'

/** Connections of peers by name, without a network. */
class World {
  ms = 0
  readonly closed: string[] = []
  readonly established: Established

  constructor(limits: Partial<NetworkLimits> = {}, isExempt = false) {
    this.established = new Established({
      clock: { now: () => this.ms, monotonic: () => this.ms },
      limits: { ...NETWORK_LIMITS, ...limits },
      isExempt: () => isExempt,
      isProtected: (peer) => peer.startsWith('member'),
    })
  }

  /** Returns whether the peer was let in. */
  connect(
    peer: string,
    host: string,
    options: { isOutbound?: boolean; protocols?: readonly string[] } = {},
  ): boolean {
    const remoteAddr = { toString: () => `/ip4/${host}/tcp/1` }
    const socket = Object.assign(new EventTarget(), {
      remoteAddr,
      status: 'open',
    }) as unknown as MultiaddrConnection
    if (options.isOutbound === true) this.established.admitOutbound(peer, socket)
    else if (!this.established.admitInbound(peer, socket)) return false
    const close = (): Promise<void> => {
      this.closed.push(peer)
      return Promise.resolve()
    }
    const streams = (options.protocols ?? []).map((protocol) => ({ protocol }))
    this.established.onOpen({
      remotePeer: { toString: () => peer },
      remoteAddr: { toString: () => `/ip4/${host}/tcp/1/p2p/${peer}` },
      streams,
      close,
    } as unknown as Connection)
    return true
  }
}

test('strangers take half of the places at most, and none of the other half', () => {
  const world = new World()
  let letIn = 0
  for (let i = 0; i < 1_000; i++) {
    if (world.connect(`stranger ${i}`, `10.${i >> 8}.${i & 255}.1`)) letIn++
  }
  expect(letIn).toBe(NETWORK_LIMITS.maxInboundStrangers)
  for (let i = 0; i < 100; i++) expect(world.connect(`member ${i}`, '10.0.0.1')).toBe(true)
  for (let i = 0; i < 10; i++) world.connect(`ours ${i}`, '10.0.0.1', { isOutbound: true })
  expect(world.closed).toEqual([])
  expect(world.established.size).toBe(NETWORK_LIMITS.maxInboundStrangers + 110)
})

test('one address, one block and one peer have their share, and 40 behind one address fit in it', () => {
  const world = new World()
  const tryAll = (count: number, host: (i: number) => string, peer: (i: number) => string): number =>
    Array.from({ length: count }, (_, i) => world.connect(peer(i), host(i))).filter(Boolean).length
  expect(
    tryAll(
      40,
      () => '10.0.0.1',
      (i) => `campus ${i}`,
    ),
  ).toBe(40)
  expect(
    tryAll(
      200,
      () => '10.1.0.1',
      (i) => `one address ${i}`,
    ),
  ).toBe(NETWORK_LIMITS.maxConnectionsPerAddress)
  expect(
    tryAll(
      50,
      () => '10.2.0.1',
      () => 'one peer',
    ),
  ).toBe(NETWORK_LIMITS.maxConnectionsPerPeer)
  const block = new World()
  const many = Array.from({ length: 200 }, (_, i) => block.connect(`peer ${i}`, `10.3.0.${i}`)).filter(
    Boolean,
  )
  expect(many).toHaveLength(NETWORK_LIMITS.maxConnectionsPerBlock)
})

test('when strangers have all of theirs, an idle one of the heaviest block makes room', () => {
  const world = new World({ maxInboundStrangers: 4 })
  world.connect('honest', '10.0.0.1')
  for (let i = 0; i < 3; i++) world.connect(`heavy ${i}`, `10.1.0.${i}`)
  expect(world.connect('too early', '10.2.0.1')).toBe(false)
  world.ms += NETWORK_LIMITS.minConnectionAgeMs
  expect(world.connect('newcomer', '10.2.0.1')).toBe(true)
  expect(world.closed).toEqual(['heavy 0'])
})

test('who uses a connection keeps it; who only identified itself does not use it', () => {
  const world = new World({ maxInboundStrangers: 2 })
  world.connect('busy', '10.0.0.1', { protocols: ['/shoal/transfer/1.0.0'] })
  world.connect('idle', '10.0.0.2', { protocols: ['/ipfs/id/1.0.0'] })
  world.ms += NETWORK_LIMITS.minConnectionAgeMs
  expect(world.connect('newcomer', '10.2.0.1')).toBe(true)
  expect(world.closed).toEqual(['idle'])
  expect(world.connect('second newcomer', '10.3.0.1')).toBe(false)
  expect(world.closed).toEqual(['idle'])
})

test('a newcomer does not push out a block that holds less than its own', () => {
  const world = new World({ maxInboundStrangers: 3 })
  world.connect('honest', '10.0.0.1')
  world.connect('heavy 1', '10.1.0.1', { protocols: ['/busy'] })
  world.connect('heavy 2', '10.1.0.2', { protocols: ['/busy'] })
  world.ms += NETWORK_LIMITS.minConnectionAgeMs
  expect(world.connect('heavy 3', '10.1.0.3')).toBe(false)
  expect(world.closed).toEqual([])
})

test('idle strangers, inbound first, leave the last places to members; members and busy ones stay', () => {
  const world = new World({ maxConnections: 10, reservedForProtected: 4 })
  world.connect('inbound', '10.0.0.1')
  world.connect('busy', '10.0.0.2', { protocols: ['/busy'] })
  for (let i = 0; i < 3; i++) world.connect(`member ${i}`, `10.0.1.${i}`)
  for (let i = 0; i < 3; i++) world.connect(`ours ${i}`, `10.0.2.${i}`, { isOutbound: true })
  world.ms += NETWORK_LIMITS.minConnectionAgeMs
  world.connect('ours 3', '10.0.2.3', { isOutbound: true })
  expect(world.closed).toEqual([])
  world.connect('ours 4', '10.0.2.4', { isOutbound: true })
  expect(world.closed).toEqual(['inbound'])
  world.connect('ours 5', '10.0.2.5', { isOutbound: true })
  expect(world.closed).toEqual(['inbound', 'ours 0'])
})
