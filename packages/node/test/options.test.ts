import { join } from 'node:path'
import { homedir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LISTEN, resolveOptions, type HostLibp2p } from '../src/options.ts'

test('nothing given is the public network on all addresses in the home of the user', () => {
  expect(resolveOptions({}, {})).toEqual({
    home: join(homedir(), '.shoal'),
    network: 'public',
    listen: DEFAULT_LISTEN,
    peers: [],
    bootstrap: undefined,
    mdns: undefined,
    networkKey: undefined,
    workerThreads: undefined,
    up: 0,
    down: 0,
    quota: 0,
    schedule: [],
    metered: 'auto',
    whenMetered: 'pause',
    libp2p: undefined,
    apiTcp: false,
    log: undefined,
    signal: undefined,
  })
})

test('the environment names the home unless the option does', () => {
  expect(resolveOptions({}, { SHOAL_HOME: '/somewhere' }).home).toBe('/somewhere')
  expect(resolveOptions({ home: '/else' }, { SHOAL_HOME: '/somewhere' }).home).toBe('/else')
})

describe('what makes no sense is refused instead of ignored', () => {
  test.each<[string, object]>([
    ['a misspelt option', { workerThread: 2 }],
    ['an unknown network', { network: 'secret' }],
    ['no threads', { workerThreads: 0 }],
    ['half a thread', { workerThreads: 1.5 }],
    ['too many threads', { workerThreads: 65 }],
    ['a limit below nothing', { up: -1 }],
    ['half a byte a second', { down: 0.5 }],
    ['a limit that is no number', { up: '500kB' }],
    ['a quota below nothing', { quota: -1 }],
    ['half a byte of a quota', { quota: 0.5 }],
    ['a quota that is no number', { quota: '100GB' }],
    ['a schedule that is one text', { schedule: 'mon 08:00-18:00 pause' }],
    ['an entry of a schedule that is none', { schedule: ['mon 8-18 pause'] }],
    ['a connection that is metered somehow', { metered: 'yes' }],
    ['something else to do when it is', { whenMetered: 'stop' }],
    ['a peer without its id', { peers: ['/ip4/127.0.0.1/tcp/4001'] }],
    ['a bootstrap device without its id', { bootstrap: ['/ip4/127.0.0.1/tcp/4001'] }],
    ['more bootstrap devices than are dialled', { bootstrap: Array.from({ length: 65 }, () => '/p2p/a') }],
    ['bootstrap devices in the local network', { network: 'lan', bootstrap: ['/p2p/a'] }],
    ['a local network without mDNS', { network: 'lan', mdns: false }],
    ['a network key that is too short', { network: 'private', networkKey: new Uint8Array(31) }],
    ['a network key in the public network', { networkKey: new Uint8Array(32) }],
    ['a home that is no path', { home: 5 }],
    ['addresses that are no list', { listen: '/ip4/0.0.0.0/tcp/0' }],
    ['a signal that is none', { signal: {} }],
    ['a log that goes nowhere', { log: { level: 'info' } }],
    ['a level that is none', { log: { level: 'loud', write: () => {} } }],
    ['a level of a part that is none', { log: { modules: { fetch: 'loud' }, write: () => {} } }],
    ['a part that is none', { log: { modules: { fetching: 'info' }, write: () => {} } }],
    ['an option of the log that is none', { log: { file: 'x', write: () => {} } }],
    ['addresses to listen on beside a libp2p node', { libp2p: {}, listen: [] }],
  ])('%s', (_name, options) => {
    expect(() => resolveOptions(options, {})).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
    )
  })

  test.each(['ab', 'x'.repeat(64), 'ab'.repeat(33)])('SHOAL_NETWORK_KEY=%s', (SHOAL_NETWORK_KEY) => {
    expect(() => resolveOptions({ network: 'private' }, { SHOAL_NETWORK_KEY })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
    )
  })
})

test('a network key in the environment is refused beside a libp2p node instead of ignored', () => {
  const options = { network: 'private', libp2p: {} as HostLibp2p } as const
  expect(resolveOptions(options, {})).toMatchObject({ listen: [], bootstrap: [], mdns: false })
  expect(() => resolveOptions(options, { SHOAL_NETWORK_KEY: 'ab'.repeat(32) })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
})

test('a quota is bytes, and 0 is none', () => {
  expect(resolveOptions({ quota: 1 }, {}).quota).toBe(1)
  expect(resolveOptions({ quota: Number.MAX_SAFE_INTEGER }, {}).quota).toBe(Number.MAX_SAFE_INTEGER)
})

test('limits are bytes per second, and 0 is none', () => {
  expect(resolveOptions({ up: 1, down: 0 }, {})).toMatchObject({ up: 1, down: 0 })
  expect(resolveOptions({ down: Number.MAX_SAFE_INTEGER }, {}).down).toBe(Number.MAX_SAFE_INTEGER)
})

test('a network key comes as bytes or from the environment', () => {
  const networkKey = new Uint8Array(32).fill(0xab)
  const env = { SHOAL_NETWORK_KEY: 'AB'.repeat(32) }
  expect(resolveOptions({ network: 'private', networkKey }, {}).networkKey).toEqual(networkKey)
  expect(resolveOptions({ network: 'private' }, env).networkKey).toEqual(Buffer.from(networkKey))
})

test('a schedule is read where it is given, and so is what is said of metered connections', () => {
  const schedule = ['mon 08:00-18:00 up=1kB pause']
  expect(resolveOptions({ schedule, metered: 'on', whenMetered: 'go' }, {})).toMatchObject({
    schedule: [{ days: [1], from: 480, to: 1_080, up: 1_000, pause: true }],
    metered: 'on',
    whenMetered: 'go',
  })
})
