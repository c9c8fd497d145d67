/** Membership over streams of real nodes on loopback. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Host } from '../../../src/network/host.ts'
import { toHex } from '../../../src/spaces/auth/action-codec.ts'
import { verifyStrictly } from '../../../src/spaces/ed25519.ts'
import { MemberPeers, whereabouts } from '../../../src/spaces/membership/member-peers.ts'
import { PROBE_PROTOCOL, ProbeTransport } from '../../../src/spaces/membership/probe-transport.ts'
import { SpaceMembership } from '../../../src/spaces/membership/space-membership.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { startLoneHost } from '../../helpers/host.ts'
import { newDevice, seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)
const random = seededRandom(SEED)
const SPACE = random.bytes(32)
/** Which member each peer has proved to be, as the sync of spaces will find out: here it is known. */
const proven = new Map<string, string>()
const hosts = new Map<string, Host>()

interface Member {
  readonly key: string
  readonly host: Host
  readonly transport: ProbeTransport
  readonly membership: SpaceMembership
  readonly peers: MemberPeers
}

async function startHost(): Promise<Host> {
  const host = await startLoneHost({
    privateKey: (await generateKeyPair('Ed25519')).raw,
    onChannel: () => {},
  })
  onTestFinished(() => host.stop())
  return host
}

async function startMember(): Promise<Member> {
  const host = await startHost()
  const { author } = newDevice(random, SPACE)
  const key = toHex(author.publicKey)
  proven.set(host.peerId, key)
  hosts.set(key, host)
  const transport = new ProbeTransport({ host, seams: systemSeams })
  await transport.start()
  const send = transport.join({
    space: SPACE,
    proven: (peerId) => proven.get(peerId),
    reach: async (member, signal) => {
      const other = hosts.get(member) as Host
      if (!host.connectedPeers().includes(other.peerId))
        await host.dial(other.addresses(), signal, 'named', PROBE_PROTOCOL)
      return other.peerId
    },
    onMessage: (member, message) => membership.received(member, message),
    onFailed: (member) => membership.sendFailed(member),
  })
  const membership: SpaceMembership = new SpaceMembership({
    space: SPACE,
    self: key,
    seams: systemSeams,
    sign: (message, done) => done(author.sign(message)),
    verify: (member, message, signature) => verifyStrictly(Buffer.from(member, 'hex'), message, signature),
    send,
    describe: () => ({
      ...whereabouts(host.peerId, host.addresses()),
      state: new Uint8Array(16),
      free: 1,
      servesAll: true,
      tags: [],
    }),
    loopDelayMs: () => 0,
    onPresence: () => {},
  })
  const peers = new MemberPeers(membership)
  onTestFinished(() => {
    membership.stop()
    transport.stop()
  })
  return { key, host, transport, membership, peers }
}

function sees(one: Member, other: Member): boolean {
  return one.membership.of(other.key)?.state === 'online'
}

test('three members see each other, know where each is, and see at once who stops', async () => {
  const members = [await startMember(), await startMember(), await startMember()]
  const [first, second, third] = members as [Member, Member, Member]
  const keys = new Set(members.map(({ key }) => key))
  for (const { membership } of members) {
    membership.setMembers(keys)
    membership.start()
  }
  first.membership.met(second.key)
  second.membership.met(third.key)
  await vi.waitFor(
    () => {
      for (const one of members)
        for (const other of members) expect(one === other || sees(one, other)).toBe(true)
      for (const one of members) expect(one.membership.neighbours).toHaveLength(2)
      expect(first.peers.of(third.key)?.addresses).toEqual(third.host.addresses())
      expect(first.peers.providers(random.bytes(32))).toHaveLength(2)
    },
    { timeout: 30_000 },
  )
  third.membership.stop()
  await vi.waitFor(() => expect(sees(first, third) || sees(second, third)).toBe(false), { timeout: 10_000 })
  expect(sees(first, second)).toBe(true)
})

test('a stranger gets the same answer for a space that is here and for one that is not', async () => {
  const member = await startMember()
  member.membership.setMembers(new Set([member.key]))
  member.membership.start()
  const stranger = await startHost()
  const endOf = async (space: Uint8Array): Promise<string> => {
    const channel = await stranger.dial(member.host.addresses(), undefined, 'named', PROBE_PROTOCOL)
    const got: Uint8Array[] = []
    const ended = Promise.withResolvers<void>()
    channel.receive({ onData: (chunk) => void got.push(chunk), onClose: () => ended.resolve() })
    channel.send(Buffer.concat([space, Uint8Array.of(0, 1, 0)]))
    await ended.promise
    return Buffer.concat(got).toString('hex')
  }
  expect(await endOf(SPACE)).toBe('')
  expect(await endOf(random.bytes(32))).toBe('')
})

test('a member that sends what is no message loses its stream, and one that cannot be reached is reported', async () => {
  const member = await startMember()
  const host = await startHost()
  const key = toHex(newDevice(random, SPACE).author.publicKey)
  proven.set(host.peerId, key)
  member.membership.setMembers(new Set([member.key, key]))
  member.membership.start()
  const channel = await host.dial(member.host.addresses(), undefined, 'named', PROBE_PROTOCOL)
  const ended = Promise.withResolvers<void>()
  channel.receive({ onData: () => {}, onClose: () => ended.resolve() })
  channel.send(Buffer.concat([SPACE, Uint8Array.of(0xff, 0xff)]))
  await ended.promise
  const failed = Promise.withResolvers<string>()
  const transport = new ProbeTransport({ host, seams: systemSeams })
  await transport.start()
  onTestFinished(() => transport.stop())
  const send = transport.join({
    space: SPACE,
    proven: () => undefined,
    reach: () => Promise.reject(new Error('nobody there')),
    onMessage: () => {},
    onFailed: failed.resolve,
  })
  send(member.key, Uint8Array.of(1))
  expect(await failed.promise).toBe(member.key)
})
