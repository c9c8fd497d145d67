import { expect, test } from 'vitest'
import { addressBlock, blockOfMultiaddr } from '../../../src/network/gate/address-block.ts'
import { ownSubnets } from '../../../src/network/gate/own-subnets.ts'

test('a /24 is one block, and so is an IPv6 /48; a /64 is one address', () => {
  expect(addressBlock('203.0.113.7').block).toBe(addressBlock('203.0.113.200').block)
  expect(addressBlock('203.0.113.7').block).not.toBe(addressBlock('203.0.114.7').block)
  expect(addressBlock('203.0.113.7').address).not.toBe(addressBlock('203.0.113.8').address)
  expect(addressBlock('2600:1:2:3::1').address).toBe(addressBlock('2600:1:2:3:4:5:6:7').address)
  expect(addressBlock('2600:1:2:3::1').address).not.toBe(addressBlock('2600:1:2:4::1').address)
  expect(addressBlock('2600:1:2:3::1').block).toBe(addressBlock('2600:1:2:ffff::1').block)
  expect(addressBlock('2600:1:2:3::1').block).not.toBe(addressBlock('2600:1:3:3::1').block)
})

test('an IPv4 address that a listener on IPv6 sees is the same', () => {
  expect(addressBlock('::ffff:203.0.113.7')).toEqual(addressBlock('203.0.113.7'))
  expect(addressBlock('::ffff:127.0.0.1').isLoopback).toBe(true)
})

test('all that comes through relays shares one block', () => {
  const relayed = blockOfMultiaddr('/ip4/203.0.113.7/tcp/1/p2p/12D3KooW/p2p-circuit')
  expect(relayed).toEqual(blockOfMultiaddr('/p2p/12D3KooW'))
  expect(relayed.isLoopback).toBe(false)
  expect(blockOfMultiaddr('/ip4/203.0.113.7/tcp/1')).toEqual(addressBlock('203.0.113.7'))
})

test('networks of this machine are read from its interfaces', () => {
  const eth0 = {
    address: '192.168.7.20',
    netmask: '255.255.255.0',
    family: 'IPv4',
    mac: '00:00:00:00:00:00',
    internal: false,
    cidr: '192.168.7.20/24',
  } as const
  expect(ownSubnets([eth0, { ...eth0, cidr: null }])).toEqual([{ address: '192.168.7.20', prefixLength: 24 }])
})
