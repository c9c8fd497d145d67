/** `shoal config`, as processes, with and without a node that runs, and what other commands make of it. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, run, type Json } from '../helpers/shoal.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const OTHER = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWSJiWGjGwKjKa3ZZSDCMiSUbAqWPFLDLRNwvAPyGoVJzr'

/** A home whose settings keep it on loopback: its commands need no flags. */
async function quietHome(): Promise<string> {
  const home = join(await temporaryFolder(), 'home')
  for (const [key, value] of [
    ['network', 'private'],
    ['listen', LOOPBACK],
  ] as const) {
    expect(await config(home, 'set', key, value)).toMatchObject({ status: 0 })
  }
  return home
}

function config(home: string, ...args: readonly string[]): ReturnType<typeof run> {
  return run('config', ...args, '--home', home)
}

async function startDaemon(home: string, ...flags: readonly string[]): Promise<Json> {
  const started = await run('daemon', 'start', '--home', home, ...flags, '--json')
  expect(started).toMatchObject({ status: 0, stderr: '' })
  const [status = {}] = started.events()
  onTestFinished(() => endProcess(Number(status['pid'])))
  return status
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

async function statusOf(home: string): Promise<Json | undefined> {
  return (await run('status', '--home', home, '--json')).events()[0]
}

async function fileOf(home: string): Promise<unknown> {
  return JSON.parse(await readFile(join(home, 'config.json'), 'utf8'))
}

async function sharedFile(): Promise<string> {
  const file = join(await temporaryFolder(), 'a')
  await writeFile(file, 'content')
  return file
}

describe.each([
  ['without a node', false],
  ['with a node that runs', true],
])('%s', (_where, isRunning) => {
  test('settings are set, got, listed and taken back, for scripts and as JSON', async () => {
    const home = await quietHome()
    if (isRunning) await startDaemon(home)
    const later = isRunning ? ', when what runs is started again' : ''
    const set = await config(home, 'set', 'up', '500kB')
    expect([set.status, set.text, set.stderr]).toEqual([0, '', 'config up: 500000\n'])
    expect((await config(home, 'set', 'mdns', 'on')).stderr).toBe(`config mdns: on${later}\n`)
    const json = await config(home, 'set', 'peer', OTHER, '--json')
    const restart = isRunning ? { restart: true } : {}
    expect([json.events(), json.stderr]).toEqual([
      [{ type: 'config', key: 'peer', value: [OTHER], default: false, ...restart }],
      '',
    ])
    expect(await config(home, 'set', 'down', '1MB', '--quiet')).toMatchObject({
      status: 0,
      stderr: '',
      text: '',
    })
    expect((await config(home, 'get', 'up')).text).toBe('500000\n')
    expect((await config(home, 'get', 'mdns', '--quiet')).text).toBe('on\n')
    expect((await config(home, 'get', 'peer', '--json')).events()).toEqual([
      { type: 'config', key: 'peer', value: [OTHER], default: false },
    ])
    expect((await config(home, 'list')).text).toBe(
      [
        'network\tset\tprivate',
        `listen\tset\t${LOOPBACK}`,
        'bootstrap\tdefault',
        `peer\tset\t${OTHER}`,
        'mdns\tset\ton',
        'up\tset\t500000',
        'down\tset\t1000000',
        'quota\tdefault\t0',
        'schedule\tdefault',
        'metered\tdefault\tauto',
        'on-metered\tdefault\tpause',
        '',
      ].join('\n'),
    )
    expect((await config(home, 'set', 'up', 'default')).stderr).toBe('config up: default, 0\n')
    const listed = await config(home, 'list', '--json')
    expect(listed.events()).toHaveLength(11)
    expect(listed.events()).toContainEqual({ type: 'config', key: 'up', value: 0, default: true })
    expect((await stat(join(home, 'config.json'))).mode & 0o777).toBe(0o600)
  })

  test('sets at the same moment lose nothing', async () => {
    const home = await quietHome()
    if (isRunning) await startDaemon(home)
    const sets = [
      ['up', '1'],
      ['down', '2'],
      ['mdns', 'on'],
      ['peer', OTHER],
    ] as const
    const done = await Promise.all(sets.map(([key, value]) => config(home, 'set', key, value)))
    expect(done.map(({ status, stderr }) => [status, stderr.includes('ERR_')])).toEqual(
      sets.map(() => [0, false]),
    )
    expect(await fileOf(home)).toEqual({
      network: 'private',
      listen: [LOOPBACK],
      up: 1,
      down: 2,
      mdns: true,
      peer: [OTHER],
    })
  })

  test('what another version set is kept, and told of', async () => {
    const home = await quietHome()
    if (isRunning) await startDaemon(home)
    await writeFile(join(home, 'config.json'), '{"colour": {"deep": true}, "network": "private"}')
    const set = await config(home, 'set', 'up', '1', '--json')
    expect(set.events()).toMatchObject([{ code: 'WARN_CONFIG_UNKNOWN' }, { key: 'up' }])
    expect(await fileOf(home)).toEqual({ colour: { deep: true }, network: 'private', up: 1 })
    expect((await config(home, 'list')).stderr).toMatch(/^warning: .*config\.json.*colour\n$/)
  })

  test('damage is told, and a typo is nothing that is set', async () => {
    const home = await quietHome()
    if (isRunning) await startDaemon(home)
    const typo = await config(home, 'set', 'netwrok', 'lan')
    expect([typo.status, typo.stderr]).toEqual([2, expect.stringContaining('Did you mean network?')])
    await writeFile(join(home, 'config.json'), '{"up": "fast"}')
    const refused = await config(home, 'list', '--json')
    expect([refused.status, refused.events()]).toMatchObject([5, [{ code: 'ERR_HOME_INVALID' }]])
    expect(refused.events()[0]?.['message']).toContain('config.json: up is')
    expect((await config(home, 'set', 'up', 'default')).status).toBe(0)
    expect(await fileOf(home)).toEqual({})
  })
})

test('a node goes by the settings of its home; limits change while it runs, the rest with the next start', async () => {
  const home = await quietHome()
  await config(home, 'set', 'up', '3MB')
  await config(home, 'set', 'bootstrap', OTHER)
  expect(await startDaemon(home)).toMatchObject({
    network: 'private',
    listen: [LOOPBACK],
    bootstrap: [OTHER],
    mdns: false,
    up: 3_000_000,
    down: 0,
  })
  await config(home, 'set', 'up', '4MB')
  await config(home, 'set', 'down', '5MB')
  await config(home, 'set', 'bootstrap', 'default')
  expect(await statusOf(home)).toMatchObject({ up: 4_000_000, down: 5_000_000, bootstrap: [OTHER] })
  await config(home, 'set', 'up', 'default')
  expect(await statusOf(home)).toMatchObject({ up: 0, down: 5_000_000 })
  expect((await run('daemon', 'stop', '--home', home)).status).toBe(0)
  expect(await startDaemon(home)).toMatchObject({ up: 0, down: 5_000_000, bootstrap: [] })
})

test('flags stand above settings, and only flags are refused by a node that runs with others', async () => {
  const home = await quietHome()
  await config(home, 'set', 'up', '3MB')
  await config(home, 'set', 'listen', '/ip4/127.0.0.1/tcp/1')
  await config(home, 'set', 'mdns', 'off')
  const flags = ['--listen', LOOPBACK, '--up', '9MB', '--bootstrap', OTHER]
  const status = await startDaemon(home, ...flags)
  expect(status).toMatchObject({ network: 'private', listen: [LOOPBACK], up: 9_000_000, bootstrap: [OTHER] })
  // Its settings say otherwise, and nobody gave them.
  const share = new Shoal(['share', await sharedFile(), '--home', home])
  await share.link()
  const other = await run('share', await sharedFile(), '--home', home, '--network', 'lan')
  expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('--network lan was given')])
})

test('a command with a node of its own goes by the settings, and one that is attached changes them', async () => {
  const home = await quietHome()
  await config(home, 'set', 'down', '7MB')
  const share = new Shoal(['share', await sharedFile(), '--home', home, '--up', '1MB'])
  const link = await share.link()
  // The limit of the command is that of its work, and not the node's.
  expect(await statusOf(home)).toMatchObject({ network: 'private', daemon: false, up: 0, down: 7_000_000 })
  expect((await config(home, 'set', 'up', '2MB')).stderr).toBe('config up: 2000000\n')
  expect(await statusOf(home)).toMatchObject({ up: 2_000_000, down: 7_000_000 })
  const into = await temporaryFolder()
  const fetched = await run('fetch', link, '-o', into, '--home', await quietHome())
  expect([fetched.status, await readFile(join(into, 'a'), 'utf8')]).toEqual([0, 'content'])
})

test('a node is not started by settings that are damaged', async () => {
  const home = join(await temporaryFolder(), 'home')
  await mkdir(home, { mode: 0o700 })
  await writeFile(join(home, 'config.json'), '{"network": "private", "listen": "/ip4/127.0.0.1/tcp/0"}')
  const damaged = [
    5,
    [{ type: 'error', code: 'ERR_HOME_INVALID', message: expect.stringContaining('listen') as string }],
  ]
  for (const args of [
    ['share', await sharedFile()],
    ['daemon', 'start'],
  ]) {
    const refused = await run(...args, '--home', home, '--json')
    expect([refused.status, refused.events()]).toMatchObject(damaged)
  }
})
