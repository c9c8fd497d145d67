import { join } from 'node:path'
import { homedir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LISTEN, resolveOptions } from '../src/options.ts'

test('nothing given is the public network on all addresses in the home of the user', () => {
  expect(resolveOptions({}, {})).toEqual({
    home: join(homedir(), '.shoal'),
    network: 'public',
    listen: DEFAULT_LISTEN,
    peers: [],
    workerThreads: undefined,
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
    ['a peer without its id', { peers: ['/ip4/127.0.0.1/tcp/4001'] }],
  ])('%s', (_name, options) => {
    expect(() => resolveOptions(options, {})).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
    )
  })
})
