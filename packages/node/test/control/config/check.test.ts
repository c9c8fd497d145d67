import { describe, expect, test } from 'vitest'
import { checkConfig, configOptions, withConfig } from '../../../src/control/config/check.ts'
import { CONFIG_KEYS, CONFIG_KEY_NAMES, type Config } from '../../../src/control/config/keys.ts'
import type { NodeOptions } from '../../../src/options.ts'

const PEER = '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWSJiWGjGwKjKa3ZZSDCMiSUbAqWPFLDLRNwvAPyGoVJzr'
const SET: Required<Config> = {
  network: 'private',
  listen: ['/ip4/127.0.0.1/tcp/0'],
  bootstrap: [PEER],
  peer: [PEER],
  mdns: true,
  up: 1_000,
  down: 2_000,
  quota: 3_000,
  schedule: ['mon 08:00-18:00 pause'],
  metered: 'on',
  'on-metered': 'go',
}
const GIVEN: Required<
  Pick<
    NodeOptions,
    | 'network'
    | 'listen'
    | 'bootstrap'
    | 'peers'
    | 'mdns'
    | 'up'
    | 'down'
    | 'quota'
    | 'schedule'
    | 'metered'
    | 'whenMetered'
  >
> = {
  network: 'public',
  listen: ['/ip4/127.0.0.1/tcp/4002'],
  bootstrap: [],
  peers: [],
  mdns: false,
  up: 0,
  down: 0,
  quota: 0,
  schedule: [],
  metered: 'auto',
  whenMetered: 'pause',
}

test('every setting is checked here', () => {
  expect(Object.keys(SET)).toEqual(CONFIG_KEY_NAMES)
})

describe.each(CONFIG_KEY_NAMES)('%s', (key) => {
  const { option } = CONFIG_KEYS[key]

  test('what is set counts where nothing is given', () => {
    expect(withConfig({ home: '/h' }, { [key]: SET[key] })).toEqual({ home: '/h', [option]: SET[key] })
  })

  test('what is given stands above what is set, also when it is what is usual', () => {
    const given: NodeOptions = { [option]: GIVEN[option as keyof typeof GIVEN] }
    expect(withConfig(given, SET)).toEqual({ ...configOptions(SET), ...given })
  })

  test('a value of another kind is refused by its name', () => {
    expect(() => checkConfig({ [key]: { value: SET[key] } })).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTIONS_INVALID',
        message: expect.stringContaining(`${key} is `),
      }),
    )
    expect(() => checkConfig({ [key]: null })).toThrow(key)
    expect(() => checkConfig({ [key]: SET[key] })).not.toThrow()
  })
})

test('nothing set changes nothing', () => {
  expect(withConfig({ home: '/h' }, {})).toEqual({ home: '/h' })
})

test('who asks for lan means no setting that lan cannot have', () => {
  const options = withConfig({ network: 'lan' }, { ...SET, mdns: false })
  expect(options).toMatchObject({ network: 'lan', up: 1_000, peers: [PEER] })
  expect(Object.keys(options)).not.toContain('bootstrap')
  expect(Object.keys(options)).not.toContain('mdns')
  // Given beside it, it is refused as ever.
  expect(withConfig({ network: 'lan', mdns: false }, SET)).toMatchObject({ mdns: false })
})

test.each<[string, object, string]>([
  ['a network that is none', { network: 'world' }, 'network is one of'],
  ['devices without a name', { peer: ['/ip4/127.0.0.1/tcp/1'] }, 'names no device'],
  ['lan with devices through which to join', { network: 'lan', bootstrap: [PEER] }, 'lan'],
  ['a limit below nothing', { up: -1 }, 'up is'],
  ['half a byte a second', { down: 0.5 }, 'down is'],
])('%s is refused', (_what, config, message) => {
  expect(() => checkConfig(config)).toThrow(message)
})
