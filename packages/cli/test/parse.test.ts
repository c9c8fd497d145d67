import { isShoalError, type ShoalError } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { closest } from '../src/closest.ts'
import { parse, type Arguments } from '../src/parse.ts'

const KEY = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM'

function read(...argv: string[]): Arguments {
  return parse({ argv, env: { SHOAL_HOME: '/env/home' }, cwd: '/cwd', columns: 80, version: () => '1.2.3' })
}

function refusal(...argv: string[]): ShoalError {
  try {
    read(...argv)
  } catch (error) {
    if (isShoalError(error, 'ERR_USAGE')) return error
    throw error
  }
  throw new Error(`${argv.join(' ')} was taken`)
}

const node = { home: '/env/home', network: undefined, listen: undefined, peers: undefined }

describe('what was asked for', () => {
  test('share with nothing else', () => {
    expect(read('share', 'x')).toEqual({
      command: 'share',
      node,
      path: '/cwd/x',
      name: undefined,
      public: false,
      preserve: false,
      skipUnreadable: false,
      exclude: [],
    })
  })

  test('share with everything', () => {
    const argv = ['share', '/a/b', '--public', '--name', 'N', '--preserve', '--skip-unreadable']
    argv.push('--exclude', '*.tmp', '--exclude=build/')
    expect(read(...argv)).toMatchObject({
      path: '/a/b',
      name: 'N',
      public: true,
      preserve: true,
      skipUnreadable: true,
      exclude: ['*.tmp', 'build/'],
    })
  })

  test('fetch with and without options', () => {
    expect(read('fetch', 'L')).toEqual({
      command: 'fetch',
      node,
      link: 'L',
      directory: '/cwd',
      waitMs: undefined,
    })
    expect(read('fetch', 'L', '-o', 'in', '--wait', '2m')).toMatchObject({
      directory: '/cwd/in',
      waitMs: 120_000,
    })
    expect(read('fetch', '-', '--wait', '0')).toMatchObject({ link: '-', waitMs: 0 })
  })

  test('ls with and without a path', () => {
    expect(read('ls', 'L')).toEqual({ command: 'ls', node, link: 'L', path: undefined, waitMs: undefined })
    expect(read('ls', '-', 'a/b', '--wait', '2m')).toMatchObject({ link: '-', path: 'a/b', waitMs: 120_000 })
  })

  test('common options stand before or after the command, and repeat where they may', () => {
    const argv = [
      '--home',
      'h',
      '--listen',
      'a',
      'id',
      '--listen',
      'b',
      '--network',
      'lan',
      '--peer',
      'p',
      '--json',
    ]
    expect(read(...argv)).toEqual({
      command: 'id',
      node: { home: '/cwd/h', network: 'lan', listen: ['a', 'b'], peers: ['p'] },
    })
  })

  test('what follows -- is no option', () => {
    expect(read('share', '--', '--public')).toMatchObject({ path: '/cwd/--public', public: false })
  })

  test('help and version are text', () => {
    expect(read()).toMatchObject({ command: 'text' })
    expect(read('--version')).toEqual({ command: 'text', text: '1.2.3\n' })
    expect(read('--help')).toEqual(read())
    expect(read('help', 'share')).toEqual(read('share', '--help'))
  })
})

describe('what is wrong', () => {
  test.each([
    [['fetc', 'L'], 'there is no command fetc', 'Did you mean shoal fetch?'],
    [['zzzzzz'], 'there is no command zzzzzz', 'See shoal --help.'],
    [['share', 'x', '--pubic'], 'there is no option --pubic', 'Did you mean --public?'],
    [['share', 'x', '--hoem=/h'], 'there is no option --hoem=/h', 'Did you mean --home?'],
    [['fetch', 'L', '--public'], 'there is no option --public', 'See shoal fetch --help.'],
    [['share', 'x', '--zzz'], 'there is no option --zzz', 'See shoal share --help.'],
    [['share'], 'PATH is missing', 'See shoal share --help.'],
    [['fetch'], 'LINK is missing', 'See shoal fetch --help.'],
    [['fetch', 'L', '-o'], '-o needs a value', 'See shoal fetch --help.'],
    [['ls'], 'LINK is missing', 'See shoal ls --help.'],
    [['ls', 'L', 'a', 'b'], 'shoal ls takes two arguments, and more was given', 'See shoal ls --help.'],
    [['share', 'a', 'b'], 'shoal share takes one argument, and more was given', 'See shoal share --help.'],
    [['id', 'a'], 'shoal id takes no argument, and more was given', 'See shoal id --help.'],
    [['--json'], 'no command was given', 'See shoal --help.'],
    [['share', 'x', '--name', ''], '--name is empty', 'See shoal --help.'],
    [['share', 'x', '--exclude', ''], '--exclude is empty', 'See shoal --help.'],
    [['share', 'x', '--exclude'], '--exclude needs a value', 'See shoal share --help.'],
    [['fetch', 'L', '--exclude=x'], 'there is no option --exclude=x', 'See shoal fetch --help.'],
    [['id', '--network', 'world'], 'there is no network world', 'It is one of public, lan, private.'],
  ])('%j', (argv, message, hint) => {
    const { message: said, hint: advised } = refusal(...argv)
    expect([said, advised]).toEqual([message, hint])
  })

  test('durations without a unit', () => {
    expect(refusal('fetch', 'L', '--wait', '30').message).toBe('--wait 30 is not a time that Shoal can keep')
  })

  test('what comes later is refused, not misread', () => {
    expect(refusal('share', '-').code).toBe('ERR_USAGE')
    expect(refusal('fetch', 'L', '-o', '-').code).toBe('ERR_USAGE')
    for (const flag of ['--detach', '--fresh', '--for=1h', '--times=2', '--seed', '--up=1']) {
      expect(refusal('share', 'x', flag).code).toBe('ERR_USAGE')
    }
  })

  test.each([
    [[`shoal://root#${KEY}`]],
    [['share', 'x', `--shoal://root#${KEY}`]],
    [['fetch', 'L', `shoal://root#${KEY}`]],
    [[`x#${KEY}`]],
  ])('no part of a key is repeated: %#', (argv) => {
    const { message, hint } = refusal(...argv)
    expect(message + hint).not.toContain(KEY.slice(0, 6))
  })

  test('a link in place of a command leads to fetch', () => {
    expect(refusal(`shoal://root#${KEY}`).hint).toBe('To download it: shoal fetch LINK')
  })
})

test('a suggestion is the nearest known word, or none', () => {
  expect(closest('shaer', ['share', 'fetch', 'id'])).toBe('share')
  expect(closest('di', ['share', 'fetch', 'id'])).toBe('id')
  expect(closest('publish', ['share', 'fetch', 'id'])).toBeUndefined()
  expect(closest('x'.repeat(100_000), ['share'])).toBeUndefined()
})
