import { expect, test } from 'vitest'
import { hostOf, isOnLocalNetwork, localNetworks } from '../../../src/network/lan/local-networks.ts'
import { systemInterfacesByName } from '../../../src/network/interfaces.ts'
import { interfaceAddress } from './names.ts'

const of = (preset: 'lan' | 'private' | 'public', ...cidrs: string[]): string[] =>
  localNetworks(preset, { eth0: cidrs.map(interfaceAddress) }).map(({ address }) => address)

test.each([
  ['192.168.1.7/24', true],
  ['10.0.0.1/8', true],
  ['169.254.3.4/16', true],
  ['100.64.0.9/10', true],
  ['fd00::7/64', true],
  ['203.0.113.5/24', false],
  ['2001:db8::1/64', false],
  ['fe80::1/64', false],
  ['127.0.0.1/8', false],
  ['::1/128', false],
  ['10.8.0.6/32', false],
  ['fd00::7/128', false],
])('an address %s has a local network: %s', (cidr, isLocal) => {
  expect(of('public', cidr)).toEqual(isLocal ? [cidr.split('/')[0]] : [])
  expect(of('lan', cidr)).toEqual(isLocal ? [cidr.split('/')[0]] : [])
})

test('the loopback is a local network in a private network only', () => {
  expect(of('private', '127.0.0.1/8', '::1/128')).toEqual(['127.0.0.1'])
})

test('an interface has a network for each family, with all its addresses', () => {
  const networks = localNetworks('lan', {
    lo: [interfaceAddress('127.0.0.1/8')],
    eth0: ['192.168.1.7/24', '192.168.5.7/24', 'fd00::7/64', 'fe80::1/64', '2001:db8::1/64'].map(
      interfaceAddress,
    ),
  })
  expect(networks.map(({ family, zone }) => [family, zone])).toEqual([
    [4, 'eth0'],
    [6, 'eth0'],
  ])
  const near = (ip: string): boolean => isOnLocalNetwork(networks, ip)
  expect(['192.168.1.200', '192.168.5.9', 'fd00::9'].filter(near)).toHaveLength(3)
  const far = [
    '192.168.2.1',
    '127.0.0.1',
    '8.8.8.8',
    'fe80::2',
    'fd01::9',
    '2001:db8::2',
    '::ffff:192.168.1.9',
    '',
    'x',
  ]
  expect(far.filter(near)).toEqual([])
})

test('a machine with hundreds of interfaces speaks on a few', () => {
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`veth${i}`, [interfaceAddress(`10.0.${i % 256}.1/24`)]]),
  )
  expect(localNetworks('lan', many)).toHaveLength(16)
})

test('what the system says of its interfaces can be read', () => {
  expect(Object.keys(systemInterfacesByName()).length).toBeGreaterThan(0)
  expect(() => localNetworks('private', systemInterfacesByName())).not.toThrow()
})

test.each([
  ['/ip4/10.0.0.1/tcp/1', '10.0.0.1'],
  ['/ip6/fd00::1/tcp/1', 'fd00::1'],
  ['/ip4/10.0.0.256/tcp/1', undefined],
  ['/ip6/fe80::1%eth0/tcp/1', undefined],
  ['/ip6zone/eth0/ip6/fe80::1/tcp/1', undefined],
  ['/dns4/example.org/tcp/1', undefined],
  ['', undefined],
])('the host of %s is %s', (address, host) => {
  expect(hostOf(address)).toBe(host)
})
