import { expect, test } from 'vitest'
import {
  mayDialFromLink,
  mayDialFromRecord,
  mayKeepFromRecord,
  rangeOf,
  type Subnet,
} from '../../src/network/address-rules.ts'

const OWN: readonly Subnet[] = [
  { address: '127.0.0.1', prefixLength: 8 },
  { address: '192.168.7.20', prefixLength: 24 },
  { address: '2600:1::20', prefixLength: 64 },
  { address: 'fd00:7::20', prefixLength: 64 },
  { address: 'fe80::20', prefixLength: 64 },
]
const ID = '12D3KooWA8zELt7JoCvCHPRGBsiMQBk1xr1WKYMiFr2vkBTNBDEE'

/** What each preset dials when a stranger names it: public, lan, private. */
test.each([
  ['/ip4/8.8.8.8/tcp/4001', [true, false, true]],
  [`/ip4/8.8.8.8/tcp/4001/p2p/${ID}`, [true, false, true]],
  ['/ip6/2600:9::1/tcp/4001', [true, false, true]],
  ['/dns4/example.org/tcp/4001', [true, false, true]],
  ['/dns/example.org/tcp/4001', [true, false, true]],
  ['/ip4/192.168.7.30/tcp/4001', [true, true, true]],
  ['/ip6/fd00:7::30/tcp/4001', [true, true, true]],
  ['/ip6/fe80::30/tcp/4001', [false, true, true]],
  ['/ip4/192.168.8.30/tcp/4001', [false, false, true]],
  ['/ip4/10.0.0.1/tcp/4001', [false, false, true]],
  ['/ip4/127.0.0.1/tcp/4001', [false, false, true]],
  ['/ip4/127.9.9.9/tcp/4001', [false, false, true]],
  ['/ip6/::1/tcp/4001', [false, false, true]],
  ['/ip6/::ffff:7f00:1/tcp/4001', [false, false, true]],
  ['/ip6/64:ff9b::7f00:1/tcp/4001', [false, false, true]],
  ['/ip6/2002:7f00:1::/tcp/4001', [false, false, true]],
  ['/ip6/::ffff:c0a8:71e/tcp/4001', [false, false, true]],
  ['/ip4/169.254.169.254/tcp/80', [false, false, true]],
  ['/ip4/192.0.2.1/tcp/4001', [false, false, true]],
  ['/ip4/198.18.0.1/tcp/4001', [false, false, true]],
  ['/ip6/2001:db8::1/tcp/4001', [false, false, true]],
  // This machine itself, at any port, also by a detour.
  ['/ip4/192.168.7.20/tcp/22', [false, false, true]],
  ['/ip6/2600:1::20/tcp/22', [false, false, true]],
  ['/ip6/2002:c0a8:714::/tcp/22', [false, false, true]],
  // No host, no port, no transport of ours, or a relay: nobody dials these.
  ['/ip4/0.0.0.0/tcp/4001', [false, false, false]],
  ['/ip4/224.0.0.1/tcp/4001', [false, false, false]],
  ['/ip6/::/tcp/4001', [false, false, false]],
  ['/ip4/8.8.8.8/tcp/0', [false, false, false]],
  ['/ip4/8.8.8.8/udp/4001/quic-v1', [false, false, false]],
  ['/ip4/8.8.8.8/tcp/4001/ws', [false, false, false]],
  [`/ip4/8.8.8.8/tcp/4001/p2p/${ID}/p2p-circuit`, [false, false, false]],
  ['/dnsaddr/example.org', [false, false, false]],
  ['/ip6zone/eth0/ip6/fe80::30/tcp/4001', [false, false, false]],
  ['/unix/%2Ftmp%2Fcontrol.sock', [false, false, false]],
])('%s from a record is dialled in public, lan, private: %s', (address, expected) => {
  const presets = ['public', 'lan', 'private'] as const
  expect(presets.map((preset) => mayDialFromRecord(preset, address, OWN))).toEqual(expected)
})

test('an address of another transport is kept for others, unless it points home', () => {
  expect(mayKeepFromRecord('public', '/ip4/8.8.8.8/udp/4001/quic-v1', OWN)).toBe(true)
  expect(mayKeepFromRecord('public', '/dns4/example.org/tcp/443/wss', OWN)).toBe(true)
  expect(mayKeepFromRecord('public', '/ip4/127.0.0.1/udp/4001/quic-v1', OWN)).toBe(false)
  expect(mayKeepFromRecord('public', '/dnsaddr/example.org', OWN)).toBe(false)
  expect(mayKeepFromRecord('public', `/p2p/${ID}`, OWN)).toBe(false)
})

test('loopback hidden in an IPv6 address of a link is loopback', () => {
  expect(rangeOf('/ip6/::ffff:7f00:1/tcp/1')).toBe('loopback')
  expect(mayDialFromLink('public', '/ip6/::ffff:7f00:1/tcp/1')).toBe(false)
})
