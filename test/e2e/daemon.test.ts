/** `shoal daemon`, as processes: what outlives the command that started it, and what ends it. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
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

test('other flags than it runs with are refused, and it goes on', async () => {
  const { flags, status } = await daemon()
  const other = await run('daemon', 'start', '--home', flags[1] as string, '--network', 'lan')
  expect(other.status).toBe(2)
  expect(other.stderr).toContain('--network lan was given, but Shoal already runs on this home with private')
  expect((await run('status', ...flags, '--quiet')).text).toBe(`${String(status['pid'])}\n`)
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
