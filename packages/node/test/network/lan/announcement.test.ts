import { expect, test } from 'vitest'
import {
  QUESTION,
  SERVICE,
  encodeAnnouncement,
  hear,
  ownAddresses,
  sourceOn,
  type Announcement,
} from '../../../src/network/lan/announcement.ts'
import { encodeQuery, encodeResponse } from '../../../src/network/lan/dns-packet.ts'
import { networkOf, peerOf } from './names.ts'

const network = networkOf('192.168.1.7/24')
const peer = peerOf(1)

function announced(addresses: readonly string[], source: string, on = network): readonly Announcement[] {
  const heard = hear(encodeAnnouncement('abc', addresses, 120), source, on)
  return heard?.kind === 'announcements' ? heard.announcements : []
}

test('what a device says of itself is heard', () => {
  const address = `/ip4/192.168.1.9/tcp/4001/p2p/${peer}`
  expect(announced([address], '192.168.1.9')).toEqual([
    { peerId: peer, addresses: [address], ttlSeconds: 120 },
  ])
})

test('a question for our service is heard, and no other', () => {
  expect(hear(QUESTION, '192.168.1.9', network)).toEqual({ kind: 'question' })
  expect(hear(encodeQuery('_ipp._tcp.local'), '192.168.1.9', network)).toBeUndefined()
})

test.each([
  ['another device of the network', '/ip4/192.168.1.10/tcp/4001'],
  ['the loopback', '/ip4/127.0.0.1/tcp/4001'],
  ['the loopback in IPv6', '/ip6/::1/tcp/4001'],
  ['a public address', '/ip4/8.8.8.8/tcp/53'],
  ['the metadata service of a cloud', '/ip4/169.254.169.254/tcp/80'],
  ['another private network', '/ip4/10.0.0.1/tcp/4001'],
  ['a name', '/dns4/example.org/tcp/4001'],
  ['another transport', '/ip4/192.168.1.9/udp/4001/quic-v1'],
  ['a relay', `/ip4/192.168.1.9/tcp/4001/p2p/${peerOf(2)}/p2p-circuit`],
  ['port 0', '/ip4/192.168.1.9/tcp/0'],
  ['no port', '/ip4/192.168.1.9/tcp/65536'],
  ['a number written otherwise', '/ip4/192.168.001.9/tcp/4001'],
])('an announcement of %s is not taken', (_what, address) => {
  expect(announced([`${address}/p2p/${peer}`], '192.168.1.9')).toEqual([])
})

test('an announcement without a peer id, or with a malformed one, is not taken', () => {
  const address = '/ip4/192.168.1.9/tcp/4001'
  expect(announced([address, `${address}/p2p/`, `${address}/p2p/12D3KooW`], '192.168.1.9')).toEqual([])
})

test('what comes from outside the network is not heard', () => {
  const address = `/ip4/192.168.2.9/tcp/4001/p2p/${peer}`
  expect(announced([address], '192.168.2.9')).toEqual([])
  expect(hear(QUESTION, '192.168.2.9', network)).toBeUndefined()
})

test('over IPv6 a device tells the addresses of the network from its link-local one', () => {
  const on = networkOf('fd00::7/64')
  const address = `/ip6/fd00::9/tcp/4001/p2p/${peer}`
  expect(announced([address], 'fe80::9%eth0', on)).toHaveLength(1)
  expect(announced([address], 'fd00::9', on)).toHaveLength(1)
  expect(announced([address], 'fd00::8', on)).toEqual([])
  expect(announced([address], 'fe80::9%eth1', on)).toEqual([])
  expect(announced([`/ip6/fe80::9/tcp/4001/p2p/${peer}`], 'fe80::9%eth0', on)).toEqual([])
  expect(announced([`/ip6/2001:db8::9/tcp/4001/p2p/${peer}`], 'fe80::9%eth0', on)).toEqual([])
  expect(sourceOn(on, 'fe80::9%eth0')).toBe('fe80::9')
})

test('answers for another service are not heard, nor texts of another instance', () => {
  const text = `dnsaddr=/ip4/192.168.1.9/tcp/4001/p2p/${peer}`
  expect(hear(encodeResponse('_p2p._udp.local', 'abc', [text], 120), '192.168.1.9', network)).toBeUndefined()
  expect(hear(encodeResponse(SERVICE, 'abc', [text], 120), '192.168.1.9', network)).toBeDefined()
})

test('a device is remembered two minutes at most, whatever it says', () => {
  const packet = encodeAnnouncement('abc', [`/ip4/192.168.1.9/tcp/4001/p2p/${peer}`], 0x7f_ff_ff_ff)
  const heard = hear(packet, '192.168.1.9', network)
  expect(heard).toMatchObject({ announcements: [{ ttlSeconds: 120 }] })
})

test('we tell on each network only what can be dialled there', () => {
  const listening = [
    '/ip4/127.0.0.1/tcp/1',
    '/ip4/192.168.1.7/tcp/1',
    '/ip4/10.9.9.9/tcp/1',
    '/ip6/fd00::7/tcp/1',
  ]
  expect(ownAddresses(network, peer, listening)).toEqual([`/ip4/192.168.1.7/tcp/1/p2p/${peer}`])
  const relayed = `/ip4/192.168.1.7/tcp/1/p2p/${peerOf(2)}/p2p-circuit/p2p/${peer}`
  expect(ownAddresses(network, peer, [relayed])).toEqual([])
  // From the second address of an interface nothing is sent, so nobody would take it from us.
  expect(
    ownAddresses(networkOf('192.168.1.7/24', '192.168.1.8/24'), peer, ['/ip4/192.168.1.8/tcp/1']),
  ).toEqual([])
})

test('all addresses stand for the one that we have on the network', () => {
  const cable = networkOf('169.254.7.1/16')
  const listening = ['/ip4/0.0.0.0/tcp/4001', '/ip6/::/tcp/4001', '/ip4/169.254.7.1/tcp/4001']
  expect(ownAddresses(cable, peer, listening)).toEqual([`/ip4/169.254.7.1/tcp/4001/p2p/${peer}`])
  // A port that is still open was not chosen yet.
  expect(ownAddresses(cable, peer, ['/ip4/0.0.0.0/tcp/0'])).toEqual([])
  expect(
    ownAddresses(networkOf('fd00::7/64'), peer, ['/ip4/0.0.0.0/tcp/4001', '/ip6/fd00::7/tcp/4001']),
  ).toEqual([`/ip6/fd00::7/tcp/4001/p2p/${peer}`])
})

test('an answer says the peer id and addresses, and fits into one packet many times over', () => {
  const packet = encodeAnnouncement('abc', [`/ip4/192.168.1.7/tcp/65535/p2p/${peer}`], 120)
  expect(packet.byteLength).toBeLessThan(200)
})
