import { CONFIG_KEY_NAMES, isShoalError, type ShoalError } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import type { Arguments } from '../src/arguments/arguments.ts'
import { closest } from '../src/closest.ts'
import { parse } from '../src/parse.ts'

const KEY = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM'

function read(...argv: string[]): Arguments {
  return parse({
    argv,
    env: { SHOAL_HOME: '/env/home' },
    cwd: '/cwd',
    columns: 80,
    version: () => '1.2.3',
    onContent: () => {},
  })
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

const node = {
  home: '/env/home',
  network: undefined,
  listen: undefined,
  peers: undefined,
  bootstrap: undefined,
  mdns: undefined,
  apiTcp: undefined,
  up: undefined,
  down: undefined,
}

describe('what was asked for', () => {
  test('share with nothing else', () => {
    expect(read('share', 'x')).toEqual({
      command: 'share',
      node,
      paths: ['/cwd/x'],
      isInput: false,
      name: undefined,
      public: false,
      preserve: false,
      skipUnreadable: false,
      fresh: false,
      exclude: [],
      forMs: 0,
      isDetached: false,
    })
  })

  test('commands that take nothing, and unshare', () => {
    for (const command of ['shares', 'status', 'peers', 'doctor']) {
      expect(read(command)).toEqual({ command, node })
    }
    expect(read('unshare', 'L')).toEqual({ command: 'unshare', node, link: 'L' })
    expect(refusal('unshare').message).toBe('LINK is missing')
    expect(refusal('shares', 'x').code).toBe('ERR_USAGE')
  })

  test('id, alone and taken along', () => {
    expect(read('id')).toEqual({ command: 'id', node, task: undefined })
    expect(read('id', 'export', 'ada')).toEqual({
      command: 'id',
      node,
      task: { action: 'export', file: '/cwd/ada', passphraseFile: undefined },
    })
    expect(read('id', 'import', '/ada', '--passphrase-file', 'p')).toMatchObject({
      task: { action: 'import', file: '/ada', passphraseFile: '/cwd/p' },
    })
    expect(refusal('id', 'exprot', 'x').hint).toBe('Did you mean shoal id export?')
    expect(refusal('id', 'export').message).toBe('FILE is missing')
    expect(refusal('id', 'export', '').message).toBe('FILE is empty')
    expect(refusal('id', 'export', 'x', '--passphrase-file', '').message).toBe('--passphrase-file is empty')
    expect(refusal('id', 'export', 'x', 'y').code).toBe('ERR_USAGE')
    expect(refusal('id', '--passphrase-file', 'p').message).toMatch(/export and import only/)
  })

  test('config', () => {
    expect(read('config', 'list')).toEqual({ command: 'config', node, task: { action: 'list' } })
    expect(read('config', 'get', 'up')).toMatchObject({ task: { action: 'get', key: 'up' } })
    const changes = (...argv: string[]): unknown => {
      const asked = read('config', 'set', ...argv)
      return asked.command === 'config' && asked.task.action === 'set' ? asked.task.changes : undefined
    }
    expect(changes('network', 'lan')).toEqual({ network: 'lan' })
    expect(changes('listen', 'a', 'b')).toEqual({ listen: ['a', 'b'] })
    expect(changes('bootstrap', 'a')).toEqual({ bootstrap: ['a'] })
    expect(changes('peer', 'a', 'b')).toEqual({ peer: ['a', 'b'] })
    expect(changes('mdns', 'on')).toEqual({ mdns: true })
    expect(changes('mdns', 'off')).toEqual({ mdns: false })
    expect(changes('up', '2.5MB')).toEqual({ up: 2_500_000 })
    expect(changes('down', '0')).toEqual({ down: 0 })
    expect(changes('quota', '100GB')).toEqual({ quota: 100_000_000_000 })
    expect(changes('metered', 'off')).toEqual({ metered: 'off' })
    expect(changes('on-metered', 'go')).toEqual({ 'on-metered': 'go' })
    const schedule = ['mon-fri 08:00-18:00 down=1MB', 'sat,sun 00:00-24:00 pause']
    // However they are quoted.
    expect(changes('schedule', ...schedule)).toEqual({ schedule })
    expect(changes('schedule', schedule.join(' ; '))).toEqual({ schedule })
    expect(changes('schedule', ...schedule.join(' ').split(' '))).toEqual({ schedule })
    // What is wrong is told by who keeps it.
    expect(changes('schedule', 'now down=1MB;')).toEqual({ schedule: ['now down=1MB'] })
    for (const key of CONFIG_KEY_NAMES) expect(changes(key, 'default')).toEqual({ [key]: null })
    // Options stand where they like.
    expect(read('config', '--home', 'h', 'set', 'up', '--json', '1')).toMatchObject({
      node: { home: '/cwd/h', up: undefined },
      task: { changes: { up: 1 } },
    })
  })

  test('config, wrongly', () => {
    const told = (...argv: string[]): string[] => {
      const { message, hint } = refusal('config', ...argv)
      return [message, hint]
    }
    const seeHelp = 'See shoal config --help.'
    expect(told()).toEqual(['ACTION is missing', seeHelp])
    expect(told('get')).toEqual(['KEY is missing', seeHelp])
    expect(told('set', 'up')).toEqual(['VALUE is missing', seeHelp])
    expect(told('list', 'up')).toEqual(['shoal config list takes no argument, and more was given', seeHelp])
    expect(told('get', 'up', 'down')[0]).toBe('shoal config get takes one argument, and more was given')
    expect(told('set', 'up', '1', '2')[0]).toBe('up takes one value, and more was given')
    expect(told('set', 'upp', '1')).toEqual(['there is no setting upp', 'Did you mean up?'])
    expect(told('get', 'constructor')[1]).toContain('It is one of network, listen')
    expect(told('get', `shoal://x#${KEY}`)[0]).not.toContain(KEY)
    // As the options of the same names say it.
    const asOption = ({ message, hint }: ShoalError): string[] => [message.replace('--', ''), hint]
    expect(told('set', 'up', 'fast')).toEqual(asOption(refusal('id', '--up', 'fast')))
    expect(told('set', 'network', 'x')).toEqual(asOption(refusal('id', '--network', 'x')))
    expect(told('set', 'listen', '')).toEqual(asOption(refusal('id', '--listen', '')))
  })

  test('what the background is to do', () => {
    const share = ['share', 'x', '--detach', '--for', '2h', '--up', '1']
    expect(read(...share)).toMatchObject({ isDetached: true, forMs: 7_200_000, node: { up: 1 } })
    expect(read('share', '-', '--detach', '--times', '2')).toMatchObject({ isDetached: true, isInput: true })
    expect(read('fetch', '-', '--detach', '--seed')).toMatchObject({ isDetached: true, seed: true })
    expect(refusal('fetch', 'L', '--detach', '-o', '-').message).toBe('--detach does not go with -o -')
    const { message, hint } = refusal('fetch', 'L', '--wait', '0', '--detach')
    expect([message, hint]).toEqual([
      '--wait does not go with --detach',
      'In the background it looks for a source until there is one, or until it is cancelled.',
    ])
  })

  test('fetches', () => {
    expect(read('fetches')).toEqual({ command: 'fetches', node, change: undefined })
    for (const action of ['pause', 'resume', 'cancel']) {
      expect(read('fetches', action, '3f9c')).toMatchObject({ change: { action, id: '3f9c' } })
      expect(refusal('fetches', action).message).toBe('ID is missing')
    }
    const told = (...argv: string[]): string[] => {
      const { message, hint } = refusal('fetches', ...argv)
      return [message, hint]
    }
    const seeList = 'See them, each with its id, with: shoal fetches'
    expect(told('pause', '')).toEqual(['ID is empty', seeList])
    expect(told('puase', '3')).toEqual([
      'shoal fetches puase is nothing that Shoal can do',
      'Did you mean pause?',
    ])
    expect(told('3f9c')[1]).toBe('It is one of pause, resume, cancel.')
    expect(told(`shoal://x#${KEY}`).join()).not.toContain(KEY)
    expect(refusal('fetches', 'pause', '3', '4').code).toBe('ERR_USAGE')
  })

  test('share with everything', () => {
    const argv = ['share', '/a/b', '--public', 'c', '--name', 'N', '--preserve', '--skip-unreadable']
    argv.push('--exclude', '*.tmp', '--exclude=build/', 'd', '--for', '2h')
    expect(read(...argv)).toMatchObject({
      paths: ['/a/b', '/cwd/c', '/cwd/d'],
      name: 'N',
      public: true,
      preserve: true,
      skipUnreadable: true,
      exclude: ['*.tmp', 'build/'],
      forMs: 7_200_000,
    })
  })

  test('share until so many devices have it', () => {
    expect(read('share', 'x')).toMatchObject({ times: undefined })
    expect(read('share', '-', '--times', '12')).toMatchObject({ times: 12, isInput: true })
  })

  test('fetch with and without options', () => {
    expect(read('fetch', 'L')).toEqual({
      command: 'fetch',
      node,
      link: 'L',
      directory: '/cwd',
      only: [],
      overwrite: false,
      seed: false,
      isToStdout: false,
      waitMs: undefined,
      isDetached: false,
    })
    const only = ['--only', '*.jpg', '--only=docs', '--overwrite', '--seed']
    expect(read('fetch', 'L', '-o', 'in', '--wait', '2m', ...only)).toMatchObject({
      directory: '/cwd/in',
      only: ['*.jpg', 'docs'],
      overwrite: true,
      seed: true,
      waitMs: 120_000,
    })
    expect(read('fetch', '-', '--wait', '0')).toMatchObject({ link: '-', waitMs: 0 })
  })

  test('cat with and without a path and a range', () => {
    const plain = { command: 'cat', node, link: 'L', path: undefined, range: undefined, waitMs: undefined }
    expect(read('cat', 'L')).toEqual(plain)
    expect(read('cat', '-', 'a/b', '--wait', '2m', '--range', '0-99')).toMatchObject({
      link: '-',
      path: 'a/b',
      range: { from: 0, to: 99 },
      waitMs: 120_000,
    })
    expect(read('cat', 'L', '--range=9-3')).toMatchObject({ range: { from: 9, to: 3 } })
  })

  test('verify', () => {
    expect(read('verify', 'x', 'L')).toEqual({
      command: 'verify',
      node,
      path: '/cwd/x',
      link: 'L',
      waitMs: undefined,
    })
    expect(read('verify', '/x', '-', '--wait', '5s')).toMatchObject({ path: '/x', link: '-', waitMs: 5_000 })
    expect(refusal('verify', 'x').hint).toBe('See shoal verify --help.')
  })

  test('fetch to standard output', () => {
    expect(read('fetch', 'L', '-o', '-')).toMatchObject({ command: 'fetch', isToStdout: true })
    expect(read('fetch', 'L', '-o', './-')).toMatchObject({ isToStdout: false, directory: '/cwd/-' })
  })

  test.each([
    [['cat', 'L'], true],
    [['--json', '--home', 'cat', 'cat', 'L', '--range', 'x'], true],
    [['cat', '--nothing'], true],
    [['fetch', 'L', '-o', '-'], true],
    [['fetch', 'L', '-o-', '--nothing'], true],
    [['fetch', 'L', '-o', 'cat'], false],
    [['ls', 'cat', 'cat'], false],
    [['fetch', 'L', '-o', './-', '--wait', 'x'], false],
  ])('%j: standard output is for content: %s', (argv, wanted) => {
    let hasContent = false
    const init = {
      env: {},
      cwd: '/cwd',
      columns: 80,
      version: () => '',
      onContent: () => (hasContent = true),
    }
    try {
      parse({ ...init, argv })
    } catch (error) {
      expect(isShoalError(error, 'ERR_USAGE')).toBe(true)
    }
    expect(hasContent).toBe(wanted)
  })

  test.each(['', '-', '1-', '-1', '1-2-3', 'a-b', '1 -2', '0x1-2', '1-9007199254740993'])(
    'no range: %j',
    (text) => expect(refusal('cat', 'L', `--range=${text}`).message).toContain('--range'),
  )

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
      '--bootstrap',
      'c',
      '--bootstrap',
      'd',
      '--mdns',
      '--api-tcp',
      'off',
      '--json',
    ]
    expect(read(...argv)).toEqual({
      command: 'id',
      node: {
        home: '/cwd/h',
        network: 'lan',
        listen: ['a', 'b'],
        peers: ['p'],
        bootstrap: ['c', 'd'],
        mdns: true,
        apiTcp: false,
        up: undefined,
        down: undefined,
      },
      task: undefined,
    })
  })

  test('limits of speed, before and after the command', () => {
    expect(read('share', 'x', '--up', '500kB')).toMatchObject({ node: { up: 500_000, down: undefined } })
    expect(read('--up=1', '--down', '2MiB', 'fetch', 'L', '--up', '0')).toMatchObject({
      node: { up: 0, down: 2_097_152 },
    })
    for (const argv of [['ls', 'L'], ['cat', 'L'], ['verify', 'x', 'L'], ['id'], ['shares'], ['status']]) {
      expect(read(...argv, '--down=1GB')).toMatchObject({ node: { down: 1_000_000_000 } })
    }
  })

  test('what follows -- is no option', () => {
    expect(read('share', '--', '--public')).toMatchObject({ paths: ['/cwd/--public'], public: false })
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
    [
      ['share', 'a', '-'],
      '- is standard input, which is shared by itself',
      'Share it with a command of its own. A file of that name is ./-',
    ],
    [['status', 'a'], 'shoal status takes no argument, and more was given', 'See shoal status --help.'],
    [['--json'], 'no command was given', 'See shoal --help.'],
    [['share', 'x', '--name', ''], '--name is empty', 'See shoal --help.'],
    [['share', 'x', '--exclude', ''], '--exclude is empty', 'See shoal --help.'],
    [['share', 'x', '--exclude'], '--exclude needs a value', 'See shoal share --help.'],
    [
      ['fetch', 'L', '-o', '-', '--only', 'x'],
      '--only does not go with -o -',
      'To write one file of several: shoal cat LINK PATH',
    ],
    [
      ['fetch', 'L', '-o', '-', '--overwrite'],
      '--overwrite does not go with -o -',
      'To write one file of several: shoal cat LINK PATH',
    ],
    [['fetch', 'L', '--only', ''], '--only is empty', 'See shoal --help.'],
    [
      ['cat', 'L', '--range', '5'],
      '--range 5 is not a range of bytes',
      'It is A-B, counted from 0 and with both ends: 0-99 are the first 100 bytes.',
    ],
    [
      ['fetch', 'L', '-o', '-', '--seed'],
      '--seed does not go with -o -',
      'To write one file of several: shoal cat LINK PATH',
    ],
    [['cat', 'L', 'a', 'b'], 'shoal cat takes two arguments, and more was given', 'See shoal cat --help.'],
    [['fetch', 'L', '--exclude=x'], 'there is no option --exclude=x', 'See shoal fetch --help.'],
    [
      ['share', 'x', '--up', '5Mb'],
      '--up 5Mb is not a speed',
      'It is bytes a second, plain or with kB, MB or GB, such as 500kB or 2.5MB; 0 is no limit.',
    ],
    [['fetch', 'L', '--down='], '--down is empty', 'See shoal --help.'],
    [['--up'], '--up needs a value', 'See shoal --help.'],
    [['id', '--network', 'world'], 'there is no network world', 'It is one of public, lan, private.'],
  ])('%j', (argv, message, hint) => {
    const { message: said, hint: advised } = refusal(...argv)
    expect([said, advised]).toEqual([message, hint])
  })

  test.each(['0', '1.5', '-1', 'two', '1e3', ''])('--times %s', (count) => {
    expect(refusal('share', 'x', `--times=${count}`).message).toBe(
      `--times ${count} is not a whole number from 1 on`,
    )
  })

  test('durations without a unit', () => {
    expect(refusal('fetch', 'L', '--wait', '30').message).toBe('--wait 30 is not a time that Shoal can keep')
    expect(refusal('share', 'x', '--for', '30d').message).toBe('--for 30d is not a time that Shoal can keep')
  })

  test('what comes later is refused, not misread', () => {
    expect(refusal('share', '-', '--exclude', 'x').code).toBe('ERR_USAGE')
    expect(read('share', '-')).toMatchObject({ isInput: true })
    expect(refusal('share', 'x', '--seed').code).toBe('ERR_USAGE')
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

  test.each([
    [['share', 'a', `shoal://root#${KEY}`], 'To download it: shoal fetch LINK'],
    [['share', 'ipfs://root/path'], 'To download it: shoal fetch LINK'],
    [['verify', `shoal://root#${KEY}`, 'a'], 'The path comes first: shoal verify PATH LINK'],
  ])('a link in place of a path is told without its key: %#', (argv, hint) => {
    expect(refusal(...argv)).toMatchObject({ message: 'a link is not a path', hint })
  })
})

test('a suggestion is the nearest known word, or none', () => {
  expect(closest('shaer', ['share', 'fetch', 'id'])).toBe('share')
  expect(closest('di', ['share', 'fetch', 'id'])).toBe('id')
  expect(closest('publish', ['share', 'fetch', 'id'])).toBeUndefined()
  expect(closest('x'.repeat(100_000), ['share'])).toBeUndefined()
})
