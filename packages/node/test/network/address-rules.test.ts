import { expect, test } from 'vitest'
import { addressesForLink, mayDialFromLink, rangeOf } from '../../src/network/address-rules.ts'

test.each([
  ['/ip4/127.0.0.1/tcp/1', 'loopback'],
  ['/ip4/127.200.3.4/tcp/1', 'loopback'],
  ['/ip6/::1/tcp/1', 'loopback'],
  ['/ip6/::ffff:127.0.0.1/tcp/1', 'loopback'],
  ['/ip4/169.254.169.254/tcp/80', 'link-local'],
  ['/ip6/fe80::1/tcp/1', 'link-local'],
  ['/ip4/0.0.0.0/tcp/1', 'unspecified'],
  ['/ip6/::/tcp/1', 'unspecified'],
  ['/ip4/224.0.0.1/tcp/1', 'multicast'],
  ['/ip6/ff02::1/tcp/1', 'multicast'],
  ['/ip4/10.1.2.3/tcp/1', 'private'],
  ['/ip4/172.16.0.1/tcp/1', 'private'],
  ['/ip4/172.32.0.1/tcp/1', 'public'],
  ['/ip4/192.168.1.1/tcp/1', 'private'],
  ['/ip4/100.64.0.1/tcp/1', 'private'],
  ['/ip6/fd00::1/tcp/1', 'private'],
  ['/ip4/8.8.8.8/tcp/1', 'public'],
  ['/ip6/2001:db8::1/tcp/1', 'public'],
  ['/dns4/example.org/tcp/1', 'name'],
])('%s is in the range %s', (address, range) => {
  expect(rangeOf(address)).toBe(range)
})

const listening = [
  '/ip4/127.0.0.1/tcp/1',
  '/ip4/192.168.1.9/tcp/1',
  '/ip4/203.0.113.7/tcp/1',
  '/ip6/fe80::1/tcp/1',
]

test('a link carries the addresses that others can reach, the widest first', () => {
  expect(addressesForLink('public', listening)).toEqual(['/ip4/203.0.113.7/tcp/1', '/ip4/192.168.1.9/tcp/1'])
  expect(addressesForLink('private', listening)).toEqual([
    '/ip4/203.0.113.7/tcp/1',
    '/ip4/192.168.1.9/tcp/1',
    '/ip4/127.0.0.1/tcp/1',
  ])
})

test('in the lan network no public address of a link is dialled', () => {
  expect(mayDialFromLink('lan', '/ip4/192.168.1.9/tcp/1')).toBe(true)
  expect(mayDialFromLink('lan', '/ip6/fe80::1/tcp/1')).toBe(true)
  expect(mayDialFromLink('lan', '/ip4/203.0.113.7/tcp/1')).toBe(false)
  expect(mayDialFromLink('lan', '/dns4/example.org/tcp/1')).toBe(false)
})

test('loopback addresses of a link are dialled in the private network only', () => {
  expect(mayDialFromLink('private', '/ip4/127.0.0.1/tcp/1')).toBe(true)
  expect(mayDialFromLink('lan', '/ip4/127.0.0.1/tcp/1')).toBe(false)
  expect(mayDialFromLink('public', '/ip6/::ffff:127.0.0.1/tcp/1')).toBe(false)
  expect(mayDialFromLink('public', '/ip4/192.168.1.9/tcp/1')).toBe(true)
  expect(mayDialFromLink('private', '/ip4/0.0.0.0/tcp/1')).toBe(false)
})
