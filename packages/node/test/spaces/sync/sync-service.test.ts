/** With whom sessions are had, and when: services on a network that is a map. */
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Channel } from '../../../src/network/channel.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'
import type { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { MAX_MET_DEVICES } from '../../../src/spaces/storage/limits.ts'
import { MET_TABLE, MetDevices } from '../../../src/spaces/storage/met-devices.ts'
import { MAX_ANSWERED_PER_DEVICE, MAX_ANSWERED_SESSIONS } from '../../../src/spaces/sync/limits.ts'
import { SyncService, type SyncNetwork } from '../../../src/spaces/sync/sync-service.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { letIn, pathsIn, put, tell } from '../../helpers/space-hosts.ts'
import { channelPair, localHost } from '../../helpers/sync-hosts.ts'

const WAIT = { timeout: 20_000, interval: 20 }

/** Devices by peer id, who is connected with whom, and what is announced. */
class World {
  readonly devices = new Map<string, Device>()
  readonly announced = new Map<string, Set<string>>()
}

class Device {
  readonly peerId: string
  readonly host: SpaceHost
  readonly service: SyncService
  readonly connected = new Set<string>()
  /** Wall clock ahead of the machine's, in milliseconds. */
  aheadMs = 0
  onChannel: (channel: Channel) => void = () => {}
  readonly #world: World
  #tick = 0

  constructor(world: World, peerId: string, host: SpaceHost) {
    this.#world = world
    this.peerId = peerId
    this.host = host
    world.devices.set(peerId, this)
    const clock = {
      now: () => Date.now() + this.aheadMs,
      // It hardly goes on, so that no round comes by itself.
      monotonic: () => ++this.#tick / 1_000,
    }
    this.service = new SyncService({ network: this.#network(), host, seams: { ...systemSeams, clock } })
    onTestFinished(() => this.service.stop())
  }

  connect(other: Device): void {
    this.connected.add(other.peerId)
    other.connected.add(this.peerId)
  }

  #network(): SyncNetwork {
    const { announced } = this.#world
    const name = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')
    const source = {
      name: 'dht',
      find: async function* (digest: Uint8Array): AsyncGenerator<Candidate> {
        for (const peerId of announced.get(name(digest)) ?? []) yield { peerId, addresses: [peerId] }
      },
    } as const
    return {
      peerId: this.peerId,
      speak: async (_protocol, onChannel) => void (this.onChannel = onChannel),
      open: async (peerId) => this.#open(peerId),
      dial: async ([address = '']) => {
        const peerId = address.split('/').at(-1) as string
        this.connect(this.#world.devices.get(peerId) as Device)
        return this.#open(peerId)
      },
      connectedPeers: () => [...this.connected],
      peers: async () => [...this.connected].map((id) => ({ id, shoal: true }) as never),
      addressesOf: async (peerId) => [`/${peerId}`],
      discovery: {
        announce: (digest: Uint8Array) =>
          void announced.set(name(digest), new Set([...(announced.get(name(digest)) ?? []), this.peerId])),
        withdraw: (digest: Uint8Array) => void announced.get(name(digest))?.delete(this.peerId),
        sources: [source],
        findPeer: async () => [],
      } as unknown as SyncNetwork['discovery'],
    }
  }

  #open(peerId: string): Channel {
    const { left, right } = channelPair(this.peerId, peerId)
    this.#world.devices.get(peerId)?.onChannel(right)
    return left
  }
}

async function members(world: World): Promise<{ space: string; anna: Device; ben: Device }> {
  const [anna, ben] = [await localHost(), await localHost()]
  const { id: space } = await anna.call('found', { name: 'holiday' })
  await letIn(space, anna, ben)
  await tell(space, anna, ben)
  return { space, anna: new Device(world, 'anna', anna), ben: new Device(world, 'ben', ben) }
}

test('devices that connect find out that both are members, and are told of each change', async () => {
  const { space, anna, ben } = await members(new World())
  await put(anna.host, space, ['before'])
  anna.connect(ben)
  for (const { service } of [anna, ben]) service.start([space])
  await vi.waitFor(async () => expect(await pathsIn(ben.host, space)).toEqual(['before']), WAIT)
  await put(ben.host, space, ['after'])
  ben.service.changed(space, 'add')
  await vi.waitFor(async () => expect(await pathsIn(anna.host, space)).toEqual(['after', 'before']), WAIT)
  const known = await anna.host.call('syncKnown', { space })
  expect(known).toMatchObject([{ peerId: 'ben', addresses: ['/ben/p2p/ben'], isMember: true }])
})

test('devices that are not connected find each other by the names of the space, and nothing else goes by them', async () => {
  const { space, anna, ben } = await members(new World())
  await put(anna.host, space, ['of anna'])
  for (const { service } of [anna, ben]) service.start([space])
  await vi.waitFor(async () => expect(await pathsIn(ben.host, space)).toEqual(['of anna']), WAIT)
  const { accepted = [] } = (await anna.host.call('syncNames', { space })) ?? {}
  expect(accepted.map((name) => anna.service.isNamed(name))).not.toContain(false)
  expect(anna.service.isNamed(new Uint8Array(32))).toBe(false)
})

test('after the machine slept there is a session at once', async () => {
  const { space, anna, ben } = await members(new World())
  anna.connect(ben)
  for (const { service } of [anna, ben]) service.start([space])
  const known = async (at: Device): Promise<number> => (await at.host.call('syncKnown', { space })).length
  await vi.waitFor(async () => expect([await known(anna), await known(ben)]).toEqual([1, 1]), WAIT)
  // What nobody told it of.
  await put(ben.host, space, ['meanwhile'])
  anna.aheadMs += 60_000
  await vi.waitFor(async () => expect(await pathsIn(anna.host, space)).toEqual(['meanwhile']), WAIT)
})

test('who was put out is not answered, and no device has more sessions at once than its part', async () => {
  const world = new World()
  const { space, anna, ben } = await members(world)
  anna.connect(ben)
  for (const { service } of [anna, ben]) service.start([space])
  await vi.waitFor(async () => expect(await anna.host.call('syncKnown', { space })).toHaveLength(1), WAIT)
  const member = (await ben.host.call('members', { space })).find(({ isSelf }) => isSelf)?.id as string
  await anna.host.call('removeMember', { space, member })
  anna.service.changed(space, 'removeMember')
  const heard: number[] = []
  const stall = (peerId: string): { isEnded: () => boolean; say: (bytes: Uint8Array) => void } => {
    const { left, right } = channelPair(peerId, 'anna')
    let isEnded = false
    left.receive({ onData: ({ byteLength }) => void heard.push(byteLength), onClose: () => (isEnded = true) })
    anna.onChannel(right)
    return { isEnded: () => isEnded, say: (bytes) => void left.send(bytes) }
  }
  const ends = { initiator: Buffer.from('ben'), responder: Buffer.from('anna') }
  const nonce = new Uint8Array(32)
  const tags = await ben.host.call('syncGreet', { spaces: [space], ends, nonce, isKnown: true })
  const removed = stall('ben')
  removed.say(Buffer.concat([Buffer.from('01000220', 'hex'), nonce, tags]))
  await vi.waitFor(() => expect(removed.isEnded()).toBe(true), WAIT)
  expect(heard).toEqual([])
  const ofEve = Array.from({ length: MAX_ANSWERED_PER_DEVICE + 1 }, () => stall('eve'))
  expect(ofEve.map(({ isEnded }) => isEnded())).toEqual([...ofEve.slice(1).map(() => false), true])
  const others = Array.from({ length: MAX_ANSWERED_SESSIONS }, (_, i) => stall(`sybil ${i}`))
  expect(others.filter(({ isEnded }) => !isEnded())).toHaveLength(
    MAX_ANSWERED_SESSIONS - MAX_ANSWERED_PER_DEVICE,
  )
})

test('of devices that were met so many are remembered, the last ones', () => {
  using database = new DatabaseSync(':memory:')
  database.exec(MET_TABLE)
  const met = new MetDevices(database)
  const insert = database.prepare('INSERT INTO met VALUES (?, ?, ?, ?)')
  for (let i = 0; i < MAX_MET_DEVICES; i++) insert.run(Buffer.from(`${i}`.padStart(32)), `${i}`, '[]', i)
  const addresses = Array.from({ length: 20 }, (_, n) => `/${n}`)
  for (const i of [MAX_MET_DEVICES, MAX_MET_DEVICES + 1])
    met.note({ author: `${i}`.padStart(64, '0'), peerId: `${i}`, addresses }, i)
  const all = met.all()
  expect(all).toHaveLength(MAX_MET_DEVICES)
  expect(all[0]).toMatchObject({ peerId: `${MAX_MET_DEVICES + 1}` })
  expect(all[0]?.addresses).toHaveLength(8)
  expect(all.at(-1)).toMatchObject({ peerId: '2' })
})
