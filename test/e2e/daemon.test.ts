/** `shoal daemon`, as processes: what outlives the command that started it, and what ends it. */
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ALLOCATOR } from '../../packages/cli/src/daemon/allocator.ts'
import { takeHome } from '../../packages/node/src/store/home-lock.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run, type Json } from '../helpers/shoal.ts'

/** Starts one on a home of its own; it ends with the test, whatever becomes of it. */
async function daemon(...more: readonly string[]): Promise<{ flags: string[]; home: string; status: Json }> {
  const flags = await own()
  const started = await run('daemon', 'start', ...flags, ...more, '--json')
  expect(started).toMatchObject({ status: 0, stderr: '' })
  const [status = {}] = started.events()
  onTestFinished(() => endProcess(Number(status['pid'])))
  return { flags, home: flags[1] as string, status }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

test('it outlives the command that started it, serves others, and ends when it is told to', async () => {
  const { flags, home, status } = await daemon('--up', '3MB')
  expect(status).toMatchObject({ type: 'status', daemon: true, network: 'private', up: 3_000_000 })
  const asked = await run('daemon', 'status', ...flags, '--json')
  expect(asked.events()[0]).toMatchObject({ pid: status['pid'], daemon: true })
  expect(Number(asked.events()[0]?.['uptime'])).toBeGreaterThan(Number(status['uptime']))
  // A second start finds it.
  const again = await run('daemon', 'start', ...flags, '--quiet')
  expect([again.status, again.text]).toEqual([0, `${String(status['pid'])}\n`])
  // What it says goes to a file that is nobody else's to read.
  expect((await stat(join(home, 'daemon.log'))).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(join(home, 'daemon.log'), 'utf8'))).toMatchObject({ pid: status['pid'] })
  const source = await temporaryFolder()
  await writeFile(join(source, 'a'), 'content')
  const share = new Shoal(['share', join(source, 'a'), '--home', home])
  const link = await share.link()
  expect((await run('status', '--home', home)).text).toContain('serving\t7\ta')
  const into = await temporaryFolder()
  expect(await run('fetch', link, '-o', into, ...(await own()))).toMatchObject({ status: 0 })
  share.signal('SIGINT')
  expect(await share.ended).toBe(0)
  expect((await run('status', '--home', home)).status).toBe(0)
  const stopped = await run('daemon', 'stop', ...flags)
  expect(stopped).toMatchObject({
    status: 0,
    stderr: `shoal daemon: stopped, pid ${String(status['pid'])}\n`,
  })
  expect((await run('daemon', 'status', ...flags)).status).toBe(6)
  expect(await run('daemon', 'stop', ...flags, '--json')).toMatchObject({ status: 6, stderr: '' })
})

test.skipIf(process.platform !== 'linux')(
  'the C library is told to give back what is free (only Linux tells)',
  async () => {
    const { status } = await daemon()
    const environment = (await readFile(`/proc/${String(status['pid'])}/environ`, 'utf8')).split('\0')
    for (const [name, value] of Object.entries(ALLOCATOR)) expect(environment).toContain(`${name}=${value}`)
  },
)

test('other flags than it runs with are refused, and it goes on', async () => {
  const { flags, status } = await daemon()
  const other = await run('daemon', 'start', '--home', flags[1] as string, '--network', 'lan')
  expect(other.status).toBe(2)
  expect(other.stderr).toContain('--network lan was given, but Shoal already runs on this home with private')
  // Its limits are those of the node, and another start does not change them unheard.
  const faster = await run('daemon', 'start', ...flags, '--up', '9MB', '--json')
  expect([faster.status, faster.events().at(-1)?.['code']]).toEqual([2, 'ERR_USAGE'])
  expect((await run('status', ...flags, '--quiet')).text).toBe(`${String(status['pid'])}\n`)
})

test('its API is on TCP for programs that have the token, unless that was turned off', async () => {
  const { flags, status } = await daemon()
  expect(status['api']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const token = (await readFile(String(status['tokenFile']), 'utf8')).trim()
  const answer = await fetch(`${String(status['api'])}/v1/status`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await answer.json()).toMatchObject({ pid: status['pid'] })
  expect((await run('status', ...flags)).text).toContain(`api\t${String(status['api'])}\n`)
  const other = await run('daemon', 'start', ...flags, '--api-tcp', 'off')
  expect(other.status).toBe(2)
  expect(other.stderr).toContain('--api-tcp off was given, but Shoal already runs on this home with on')
  const without = await daemon('--api-tcp', 'off')
  expect(without.status).toMatchObject({ daemon: true, api: null })
})

test.each([
  ['a folder that cannot be made', '/proc/nothing', 'ERR_DISK'],
  ['a file', '/dev/null', 'ERR_HOME_INVALID'],
])('a home in the place of %s is told at once', async (_what, home, code) => {
  const refused = await run('daemon', 'start', '--home', home, '--json')
  expect([refused.status, refused.events().at(-1)?.['code']]).toEqual([5, code])
})

test('a log that cannot be written is told, and nothing is started', async () => {
  const flags = await own()
  await mkdir(join(flags[1] as string, 'daemon.log'), { recursive: true })
  const refused = await run('daemon', 'start', ...flags, '--json')
  expect([refused.status, refused.events().at(-1)?.['code']]).toEqual([5, 'ERR_HOME_INVALID'])
  expect((await run('daemon', 'status', ...flags)).status).toBe(6)
})

test('two that are started at one moment are one', async () => {
  const flags = await own()
  const both = await Promise.all([0, 1].map(() => run('daemon', 'start', ...flags, '--json')))
  const pids = both.map((each) => each.events().at(-1)?.['pid'])
  onTestFinished(() => endProcess(Number(pids[0])))
  expect(both.map((each) => each.status)).toEqual([0, 0])
  expect(pids[0]).toBe(pids[1])
})

test('what keeps it from starting is said by the command that started it', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const home = join(await temporaryFolder(), 'home')
  const flags = ['--home', home, '--network', 'private', '--listen', `/ip4/127.0.0.1/tcp/${port}`]
  const refused = await run('daemon', 'start', ...flags, '--json')
  expect(refused.status).toBe(1)
  expect(refused.events()).toMatchObject([{ type: 'error', code: 'ERR_LISTEN' }])
})

test('it waits for who still has the home, and is about to end', async () => {
  const flags = await own()
  const home = flags[1] as string
  // Makes the home.
  await run('id', '--home', home)
  const lock = takeHome(home)
  expect(lock).toBeDefined()
  const starting = new Shoal(['daemon', 'start', ...flags, '--json'])
  await starting.until(async () => {
    const log = await readFile(join(home, 'daemon.log'), 'utf8').catch(() => '')
    return log.includes('ERR_HOME_BUSY') ? true : undefined
  }, 'one that found the home taken')
  lock?.release()
  expect([await starting.ended, starting.stderr]).toEqual([0, ''])
  const [status = {}] = starting.events()
  onTestFinished(() => endProcess(Number(status['pid'])))
  expect(status).toMatchObject({ type: 'status', daemon: true })
})

test('killed at any moment it can be started again', async () => {
  const { flags, status } = await daemon()
  process.kill(Number(status['pid']), 'SIGKILL')
  const again = await run('daemon', 'start', ...flags, '--json')
  expect(again.status).toBe(0)
  const pid = Number(again.events()[0]?.['pid'])
  onTestFinished(() => endProcess(pid))
  expect(pid).not.toBe(status['pid'])
  expect((await run('daemon', 'stop', ...flags, '--quiet')).status).toBe(0)
})

test('what another command runs is not ended, and not taken for one', async () => {
  const flags = await own()
  const source = await temporaryFolder()
  await writeFile(join(source, 'a'), 'content')
  const share = new Shoal(['share', join(source, 'a'), ...flags])
  await share.link()
  for (const action of ['stop', 'start']) {
    const refused = await run('daemon', action, ...flags, '--json')
    expect([refused.status, refused.events().at(-1)?.['code']]).toEqual([2, 'ERR_NOT_DAEMON'])
  }
  expect(share.child.exitCode).toBeNull()
  share.signal('SIGTERM')
  expect(await share.ended).toBe(0)
})

test('a share that uses it goes on in its own process when it is stopped', async () => {
  const { flags, home } = await daemon()
  const source = await temporaryFolder()
  await writeFile(join(source, 'a'), 'content')
  const share = new Shoal(['share', join(source, 'a'), ...flags])
  const link = await share.link()
  expect(await run('daemon', 'stop', '--home', home)).toMatchObject({ status: 0 })
  await share.until(async () => {
    const { status, text } = await run('status', '--home', home)
    return status === 0 && text.includes('serving\t7\ta') ? true : undefined
  }, 'the share in its own process')
  expect((await run('status', '--home', home)).text).toContain(`pid\t${String(share.child.pid)}`)
  expect(await run('fetch', link, '-o', await temporaryFolder(), ...(await own()))).toMatchObject({
    status: 0,
  })
  share.signal('SIGINT')
  expect(await share.ended).toBe(0)
})

test('run where one runs says which, and how to end it', async () => {
  const { flags, status } = await daemon()
  const beside = await run('daemon', 'run', ...flags, '--json')
  expect([beside.status, beside.stderr]).toEqual([6, ''])
  expect(beside.events()).toEqual([
    {
      type: 'error',
      code: 'ERR_HOME_BUSY',
      message: `Shoal already runs on ${String(flags[1])} (pid ${String(status['pid'])})`,
      hint: 'Other commands use it. To end it: shoal daemon stop',
    },
  ])
})

test('run stays in front until it is told to end, by a signal or by another command', async () => {
  for (const end of ['signal', 'command'] as const) {
    const flags = await own()
    const running = new Shoal(['daemon', 'run', ...flags, '--json'])
    expect(await running.event('status')).toMatchObject({ daemon: true, pid: running.child.pid })
    if (end === 'signal') running.signal('SIGTERM')
    else expect((await run('daemon', 'stop', ...flags)).status).toBe(0)
    expect([await running.ended, running.stderr]).toEqual([0, ''])
  }
})

describe.runIf(process.platform === 'linux')('as a service', () => {
  /** An environment with a service manager that does what it is told, and a home whose name it has to be told with care. */
  async function managed(): Promise<{ env: NodeJS.ProcessEnv; flags: string[]; config: string }> {
    const config = await temporaryFolder()
    const program = fileURLToPath(new URL('../helpers/fake-systemctl.ts', import.meta.url))
    await writeFile(join(config, 'systemctl'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, {
      mode: 0o755,
    })
    const env = { ...process.env, PATH: `${config}:${process.env['PATH'] ?? ''}`, XDG_CONFIG_HOME: config }
    return { env, flags: await own(join(config, 'a "home" $x 100%')), config }
  }

  async function manage(
    env: NodeJS.ProcessEnv,
    ...args: readonly string[]
  ): Promise<Shoal & { status: number | null }> {
    const shoal = new Shoal(['daemon', ...args], { env })
    return Object.assign(shoal, { status: await shoal.ended })
  }

  test('installed it runs by its manager, and uninstalled no more', async () => {
    const { env, flags, config } = await managed()
    const byHand = Number((await manage(env, 'start', ...flags, '--quiet')).text)
    onTestFinished(() => endProcess(byHand))
    const installed = await manage(env, 'install', ...flags, '--json')
    expect(installed).toMatchObject({ status: 0, stderr: '' })
    const pid = Number(installed.events()[0]?.['pid'])
    onTestFinished(() => endProcess(pid))
    const [name = ''] = (await readdir(join(config, 'systemd', 'user'))).filter((file) =>
      file.endsWith('.service'),
    )
    expect(pid).toBe(Number(await readFile(join(config, `${name}.pid`), 'utf8')))
    expect(pid).not.toBe(byHand)
    const removed = await manage(env, 'uninstall', ...flags)
    expect([removed.status, removed.stderr]).toEqual([
      0,
      `shoal daemon: removed, ${join(config, 'systemd', 'user', name)}\n`,
    ])
    expect(await readdir(join(config, 'systemd', 'user'))).toEqual([])
    expect((await readFile(join(config, 'asked'), 'utf8')).split('\n')).toEqual([
      '--user daemon-reload',
      `--user enable --now ${name}`,
      `--user disable --now ${name}`,
      '--user daemon-reload',
      '',
    ])
    expect((await run('daemon', 'status', ...flags)).status).toBe(6)
    const again = await manage(env, 'uninstall', ...flags, '--json')
    expect([again.status, again.events().at(-1)?.['code']]).toEqual([1, 'ERR_SERVICE'])
  })

  test('where the manager refuses nothing is left', async () => {
    const { env, flags, config } = await managed()
    await writeFile(join(config, 'systemctl'), '#!/bin/sh\necho "Failed to connect to bus" >&2; exit 1\n', {
      mode: 0o755,
    })
    const refused = await manage(env, 'install', ...flags, '--json')
    expect(refused.status).toBe(1)
    expect(refused.events()).toMatchObject([
      { code: 'ERR_SERVICE', message: 'systemctl --user daemon-reload failed: Failed to connect to bus' },
    ])
    expect(await readdir(join(config, 'systemd', 'user'))).toEqual([])
    // What was started by hand goes on.
    const byHand = await manage(env, 'start', ...flags, '--quiet')
    onTestFinished(() => endProcess(Number(byHand.text)))
    expect((await manage(env, 'install', ...flags, '--json')).status).toBe(1)
    expect((await run('status', ...flags, '--quiet')).text).toBe(byHand.text)
    const missing = await manage({ ...env, PATH: config }, 'install', ...flags, '--json')
    await rm(join(config, 'systemctl'))
    const none = await manage({ ...env, PATH: config }, 'install', ...flags, '--json')
    expect([missing.status, none.status]).toEqual([1, 1])
    expect(none.events().at(-1)?.['message']).toContain('there is no systemctl here')
    const key = { ...env, SHOAL_NETWORK_KEY: '00'.repeat(32) }
    const secret = await manage(key, 'install', ...flags, '--json')
    expect([secret.status, secret.events().at(-1)?.['code']]).toEqual([1, 'ERR_SERVICE'])
  })
})
