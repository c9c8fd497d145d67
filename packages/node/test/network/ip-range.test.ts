import fc from 'fast-check'
import { isIPv6 } from 'node:net'
import { expect, test } from 'vitest'
import { embeddedIp, ipBytes, isWithin, rangeOfIp } from '../../src/network/ip-range.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test.each([
  ['127.0.0.1', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['169.254.169.254', 'link-local'],
  ['100.127.255.255', 'private'],
  ['100.128.0.0', 'public'],
  ['192.0.0.8', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['198.19.255.255', 'reserved'],
  ['198.20.0.0', 'public'],
  ['198.51.100.9', 'reserved'],
  ['203.0.113.9', 'reserved'],
  ['223.255.255.255', 'public'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'multicast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::2', 'unspecified'],
  ['::127.0.0.1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:0:0', 'unspecified'],
  ['::ffff:8.8.8.8', 'public'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['64:ff9b::a9fe:a9fe', 'link-local'],
  ['64:ff9b::808:808', 'public'],
  ['2002:7f00:1::1', 'loopback'],
  ['2002:c0a8:101::', 'private'],
  ['2002:808:808::1', 'public'],
  ['2001:db8::1', 'reserved'],
  ['2001::1', 'reserved'],
  ['2001:200::1', 'public'],
  ['3fff::1', 'reserved'],
  ['2600::1', 'public'],
  ['4000::1', 'reserved'],
  ['fec0::1', 'reserved'],
  ['fd12::1', 'private'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['ff02::1', 'multicast'],
])('%s is %s', (host, range) => {
  expect(rangeOfIp(ipBytes(host) as Uint8Array)).toBe(range)
})

test.each(['', 'localhost', '127.1', '1.2.3', '1.2.3.256', 'fe80::1%eth0', '::g', '1:2:3'])(
  '%s is no address',
  (host) => {
    expect(ipBytes(host)).toBeUndefined()
  },
)

test(`every way of writing an IPv6 address gives the same bytes (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.ipV6(), (host) => {
      if (!isIPv6(host)) return
      // The URL parser is the independent side: it writes the one canonical form.
      const canonical = new URL(`http://[${host}]`).hostname.slice(1, -1)
      expect(ipBytes(host)).toEqual(ipBytes(canonical))
      expect(ipBytes(host)).toHaveLength(16)
    }),
    { seed, numRuns: 500 },
  )
})

test(`an IPv4 address is in the same range however it is hidden in IPv6 (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.ipV4(), (host) => {
      const ip = ipBytes(host) as Uint8Array
      const hex = [...ip].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      const [high, low] = [hex.slice(0, 4), hex.slice(4)]
      for (const hidden of [
        `::ffff:${host}`,
        `::ffff:${high}:${low}`,
        `64:ff9b::${high}:${low}`,
        `2002:${high}:${low}::9`,
      ]) {
        const bytes = ipBytes(hidden) as Uint8Array
        expect(embeddedIp(bytes)).toEqual(ip)
        expect(rangeOfIp(bytes)).toBe(rangeOfIp(ip))
      }
    }),
    { seed, numRuns: 500 },
  )
})

test('a network is its leading bits, of its own family only', () => {
  const ip = (host: string): Uint8Array => ipBytes(host) as Uint8Array
  expect(isWithin(ip('10.1.2.3'), ip('10.1.0.0'), 16)).toBe(true)
  expect(isWithin(ip('10.2.2.3'), ip('10.1.0.0'), 16)).toBe(false)
  expect(isWithin(ip('10.1.3.255'), ip('10.1.2.0'), 23)).toBe(true)
  expect(isWithin(ip('10.1.4.0'), ip('10.1.2.0'), 23)).toBe(false)
  expect(isWithin(ip('::a01:203'), ip('10.1.2.3'), 8)).toBe(false)
})
