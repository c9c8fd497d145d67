/** Gossip between spaces on real hosts, with no session that could bring anything. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Host } from '../../../src/network/host.ts'
import { GossipService } from '../../../src/spaces/gossip/gossip-service.ts'
import { HomeSpaces } from '../../../src/spaces/host/home-spaces.ts'
import { runCall } from '../../../src/spaces/host/space-calls.ts'
import { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { connect, startSilent } from '../../helpers/pubsub.ts'
import { letIn, newHome, pathsIn, put } from '../../helpers/space-hosts.ts'

const SOON = { timeout: 20_000, interval: 50 }

interface Member {
  readonly network: Host
  readonly host: SpaceHost
  readonly gossip: GossipService
}

async function start(): Promise<Member> {
  const network = await startSilent()
  const spaces = new HomeSpaces({ home: await newHome(), ...systemSeams })
  const host: SpaceHost = new SpaceHost(
    { run: (call) => runCall(spaces, call), close: async () => {} },
    (space, call, answer) => gossip.changed(space, call, answer),
  )
  const gossip = new GossipService({ network, host, seams: systemSeams, isMember: () => true })
  onTestFinished(async () => {
    await gossip.stop()
    await host.close()
  })
  return { network, host, gossip }
}

/** Brings what one has of the auth log to another. */
async function tellOf(from: Member, to: Member, space: string): Promise<void> {
  const frames = await from.host.call('authFrames', { space, ids: undefined })
  await to.host.call('takeAuth', { space, frames })
}

/** Three members of which the first and the last are not connected to each other. */
async function line(): Promise<{ space: string; members: [Member, Member, Member] }> {
  const members: [Member, Member, Member] = [await start(), await start(), await start()]
  const [first, middle, last] = members
  const { id: space } = await first.host.call('found', { name: 'holiday' })
  await letIn(space, first.host, middle.host)
  await letIn(space, first.host, last.host)
  await tellOf(first, middle, space)
  await connect(first.network, middle.network)
  await connect(last.network, middle.network)
  for (const { gossip, network } of members) {
    gossip.start([space])
    for (const peerId of network.connectedPeers()) gossip.greet(peerId)
  }
  const pubsub = await middle.network.pubsub(() => true)
  const { current = '' } = await middle.host.call('gossipTopics', { space })
  await vi.waitFor(() => expect(pubsub?.subscribers(current)).toHaveLength(2), SOON)
  return { space, members }
}

test('what one member writes comes to those who are not connected to it, by who is', async () => {
  const { space, members } = await line()
  const [first, middle, last] = members
  await put(first.host, space, ['one'])
  for (const { host } of [middle, last])
    await vi.waitFor(async () => expect(await pathsIn(host, space)).toEqual(['one']), SOON)
  await put(last.host, space, ['two'])
  await vi.waitFor(async () => expect(await pathsIn(first.host, space)).toEqual(['one', 'two']), SOON)
})

test('after a removal what is told goes under a name and a key that the removed member has not', async () => {
  const { space, members } = await line()
  const [first, middle, last] = members
  const before = await last.host.call('gossipTopics', { space })
  const [own] = (await last.host.call('members', { space })).filter(({ isSelf }) => isSelf)
  await first.host.call('removeMember', { space, member: own?.id ?? '' })
  // It is brought by a session: under the former name the removed member would hear of it.
  await tellOf(first, middle, space)
  const now = await first.host.call('gossipTopics', { space })
  expect(now.current).not.toBe(before.current)
  const pubsub = await first.network.pubsub(() => true)
  await vi.waitFor(
    () => expect(pubsub?.subscribers(now.current ?? '')).toEqual([middle.network.peerId]),
    SOON,
  )
  await put(first.host, space, ['secret'])
  await vi.waitFor(async () => expect(await pathsIn(middle.host, space)).toEqual(['secret']), SOON)
  expect(await pathsIn(last.host, space)).toEqual([])
})
