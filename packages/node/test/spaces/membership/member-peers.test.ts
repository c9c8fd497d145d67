import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { freeClass, MemberPeers, whereabouts } from '../../../src/spaces/membership/member-peers.ts'
import type { Presence } from '../../../src/spaces/membership/presence.ts'
import type { BeaconContent } from '../../../src/spaces/membership/statement.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const random = seededRandom(Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123))
const GIB = 2 ** 30

function contentOf(more: Partial<BeaconContent> = {}): BeaconContent {
  const peerId = peerIdFromPublicKey(random.bytes(32))
  const where = whereabouts(peerId, ['/ip4/192.0.2.1/tcp/4001', `/ip4/192.0.2.2/tcp/4001/p2p/${peerId}`])
  return { ...where, state: new Uint8Array(), free: 0, servesAll: false, tags: [], ...more }
}

function peersOf(presences: readonly Presence[]): MemberPeers {
  return new MemberPeers({
    presence: () => [...presences],
    of: (member) => presences.find((presence) => presence.member === member),
  })
}

function online(member: string, content: BeaconContent | undefined): Presence {
  return { member, state: 'online', lastSeenMs: 1, content }
}

test('a member is where it says that it is, with its peer id', () => {
  const content = contentOf()
  const peerId = peerIdFromPublicKey(content.peerKey)
  expect(peersOf([online('a', content)]).of('a')).toEqual({
    member: 'a',
    peerId,
    addresses: [`/ip4/192.0.2.1/tcp/4001/p2p/${peerId}`, `/ip4/192.0.2.2/tcp/4001/p2p/${peerId}`],
  })
})

test('addresses that are none, or that lead over another peer, are left out', () => {
  const other = peerIdFromPublicKey(random.bytes(32))
  const relayed = contentOf().addresses
  const content = contentOf({ addresses: [Uint8Array.of(255, 255, 255), ...relayed.slice(0, 1)] })
  expect(peersOf([online('a', content)]).of('a')?.addresses).toHaveLength(1)
  const foreign = whereabouts(other, [`/ip4/192.0.2.9/tcp/1/p2p/${peerIdFromPublicKey(random.bytes(32))}`])
  expect(peersOf([online('a', contentOf({ addresses: foreign.addresses }))]).of('a')?.addresses).toEqual([])
})

test('what a connection proved is known before any beacon, and forgotten with the member', () => {
  const peers = peersOf([online('a', undefined)])
  expect(peers.of('a')).toBeUndefined()
  peers.prove('a', 'peer', ['/ip4/192.0.2.1/tcp/1/p2p/peer'])
  peers.prove('a', 'peer', [])
  expect(peers.of('a')).toEqual({ member: 'a', peerId: 'peer', addresses: ['/ip4/192.0.2.1/tcp/1/p2p/peer'] })
  peers.prove('a', 'other', [])
  expect(peers.of('a')).toEqual({ member: 'a', peerId: 'other', addresses: [] })
  peers.setMembers(new Set(['b']))
  expect(peers.of('a')).toBeUndefined()
})

test('members are asked first that name a content, then those that serve everything; who is not there is not asked', () => {
  const digest = random.bytes(32)
  const peers = peersOf([
    online('plain', contentOf()),
    online('everything', contentOf({ servesAll: true })),
    online('named', contentOf({ tags: [random.bytes(8), digest.slice(0, 8)] })),
    { ...online('away', contentOf({ tags: [digest.slice(0, 8)] })), state: 'offline' },
    online('unknown', undefined),
  ])
  expect(peers.providers(digest).map(({ member }) => member)).toEqual(['named', 'everything', 'plain'])
})

test('a peer id of another kind is refused, addresses that do not fit are left out', () => {
  expect(() => whereabouts('QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', [])).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
  const long = `/dns4/${'a'.repeat(60)}.example/tcp/4001`
  expect(
    whereabouts(peerIdFromPublicKey(random.bytes(32)), [long, '/ip4/192.0.2.1/tcp/1']).addresses,
  ).toHaveLength(1)
})

test.each([
  [0, 0],
  [GIB - 1, 0],
  [GIB, 1],
  [4 * GIB - 1, 1],
  [4 * GIB, 2],
  [500 * GIB, 5],
  [2 ** 60, 10],
])('%d free bytes are of class %i', (bytes, expected) => {
  expect(freeClass(bytes)).toBe(expected)
})
