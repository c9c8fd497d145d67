/** `shoal doctor` and `shoal peers`, as processes, with a node that runs and without. */
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FINDING_DATA } from '../../packages/node/test/helpers/doctor.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run, share, type Json } from '../helpers/shoal.ts'

const IDS = Object.keys(FINDING_DATA).toSorted()
/** Found where no node can be asked. */
const OF_MACHINE = ['disk', 'files', 'home', 'runtime', 'start']

const ids = (found: readonly Json[]): string[] => found.map(({ id }) => String(id)).toSorted()
const byId = (found: readonly Json[], id: string): Json | undefined => found.find((each) => each['id'] === id)

/** A share that goes on until the test ends, and its home. */
async function sharing(): Promise<{ home: string; link: string; shoal: Shoal }> {
  const flags = await own()
  const file = join(await temporaryFolder(), 'private.txt')
  await writeFile(file, 'content')
  const shoal = new Shoal(['share', file, '--json', ...flags])
  const { link } = await shoal.event('ready')
  return { home: flags[1] as string, link: String(link), shoal }
}

describe('doctor', () => {
  test('without a node: one of its own is looked at, in each form, and the home is free again', async () => {
    const flags = await own()
    const json = await run('doctor', ...flags, '--json')
    expect(json).toMatchObject({ status: 0, stderr: '' })
    expect(ids(json.events())).toEqual(IDS)
    for (const event of json.events()) {
      expect(Object.keys(event)).toEqual(['type', 'id', 'severity', 'effect', 'remedy', 'data'])
      expect(event).toMatchObject({ type: 'finding', severity: 'ok', remedy: null })
    }
    const plain = await run('doctor', ...flags)
    expect(plain).toMatchObject({ status: 0, stderr: '' })
    const rows = plain.text.split('\n').slice(0, -1)
    expect(rows).toHaveLength(IDS.length)
    expect(rows).toContain('ok\tshares\tnothing is shared now\t-')
    const quiet = await run('doctor', ...flags, '--quiet', '--up', '1kB')
    expect(quiet).toMatchObject({ status: 0, stderr: '' })
    expect(quiet.text).toMatch(
      /^warning\tlimits\ttransfers are slow by your own limit: sending 1 kB\/s\t.*\n$/,
    )
  })

  test('settings of the home are gone by, and one that is in the way is named, and mended by what is said', async () => {
    const home = join(await temporaryFolder(), 'home')
    for (const setting of ['network private', 'listen /ip4/127.0.0.1/tcp/0', 'up 1kB', 'down 5MB']) {
      expect((await run('config', 'set', ...setting.split(' '), '--home', home)).status).toBe(0)
    }
    const quiet = await run('doctor', '--home', home, '--quiet')
    expect([quiet.status, quiet.stderr]).toEqual([0, ''])
    const [limits = '', ...others] = quiet.text.split('\n')
    expect(others).toEqual([''])
    expect(limits).toMatch(/^warning\tlimits\t.*sending 1 kB\/s, receiving 5 MB\/s\t/)
    const [mend = ''] = /shoal (config set up default)/.exec(limits)?.slice(1) ?? []
    expect((await run(...mend.split(' '), '--home', home)).status).toBe(0)
    const mended = await collect(run('doctor', '--home', home, '--json'))
    expect(byId(mended.events, 'start')).toMatchObject({ data: { network: 'private' } })
    expect(byId(mended.events, 'limits')).toMatchObject({
      severity: 'ok',
      data: { up: 0, down: 5_000_000 },
    })
  })

  test('settings that are damaged are a finding, and no failure', async () => {
    const home = join(await temporaryFolder(), 'home')
    await mkdir(home, { mode: 0o700 })
    await writeFile(join(home, 'config.json'), '{"network": "private", "up": "fast"}')
    const { status, stderr, events } = await collect(run('doctor', '--home', home, '--json'))
    expect([status, stderr]).toEqual([0, ''])
    expect(ids(events)).toEqual(OF_MACHINE)
    expect(byId(events, 'start')).toMatchObject({
      severity: 'problem',
      effect: expect.stringContaining('config.json: up is') as string,
      remedy: expect.stringContaining('shoal config set KEY default') as string,
      data: { code: 'ERR_HOME_INVALID' },
    })
  })

  test('with a node: that is asked, in each form, and nothing of its secrets is told', async () => {
    const { home, link, shoal } = await sharing()
    const json = await run('doctor', '--home', home, '--json')
    expect(json).toMatchObject({ status: 0, stderr: '' })
    expect(ids(json.events())).toEqual(IDS)
    expect(byId(json.events(), 'shares')).toMatchObject({ severity: 'ok', data: { serving: 1, stale: 0 } })
    const plain = await run('doctor', '--home', home)
    expect(plain.text).toContain('ok\tshares\t1 item shared, none of them changed\t-\n')
    expect(await run('doctor', '--home', home, '--quiet')).toMatchObject({ status: 0, text: '', stderr: '' })
    const token = (await readFile(join(home, 'token'), 'utf8')).trim()
    const key = link.slice(link.indexOf('#') + 1)
    for (const secret of [token, key, key.slice(0, 20), 'private.txt', 'shoal://']) {
      expect(json.text + plain.text).not.toContain(secret)
    }
    expect(shoal.child.exitCode).toBeNull()
    const other = await run('doctor', '--home', home, '--network', 'lan', '--json')
    expect([other.status, other.events().at(-1)?.['code']]).toEqual([2, 'ERR_USAGE'])
  })

  test('a node that stands still is told, and so is what can be found out without it', async () => {
    const { home, shoal } = await sharing()
    shoal.signal('SIGSTOP')
    onTestFinished(() => shoal.signal('SIGCONT'))
    const { status, stderr, events } = await collect(run('doctor', '--home', home, '--json'))
    expect([status, stderr]).toEqual([0, ''])
    expect(ids(events)).toEqual(OF_MACHINE)
    expect(byId(events, 'start')).toMatchObject({ severity: 'problem', data: { code: 'ERR_HOME_BUSY' } })
  })

  test.each([
    ['a file', async (home: string) => writeFile(home, ''), 'ERR_HOME_INVALID', 'home'],
    [
      'a folder that others may write to',
      async (home: string) => {
        await mkdir(home)
        await chmod(home, 0o777)
      },
      'ERR_HOME_INVALID',
      'home',
    ],
  ])('a home in the place of %s is a finding, and no failure', async (_what, make, code, bad) => {
    const home = join(await temporaryFolder(), 'home')
    await make(home)
    const before = await stat(home)
    const { status, events } = await collect(run('doctor', ...(await own(home)), '--json'))
    expect(status).toBe(0)
    expect(ids(events)).toEqual(OF_MACHINE)
    expect(byId(events, 'start')).toMatchObject({ severity: 'problem', data: { running: false, code } })
    expect(byId(events, bad)).toMatchObject({ severity: 'problem', remedy: expect.any(String) as string })
    expect((await stat(home)).mode).toBe(before.mode)
  })

  test('a port that is taken is a finding; an address that is none is wrong usage', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const home = join(await temporaryFolder(), 'home')
    const flags = ['--home', home, '--network', 'private', '--json', '--listen']
    const { status, events } = await collect(run('doctor', ...flags, `/ip4/127.0.0.1/tcp/${port}`))
    expect(status).toBe(0)
    expect(byId(events, 'start')).toMatchObject({ severity: 'problem', data: { code: 'ERR_LISTEN' } })
    const wrong = await run('doctor', ...flags, 'here')
    expect([wrong.status, wrong.events().at(-1)?.['code']]).toEqual([2, 'ERR_OPTIONS_INVALID'])
  })

  test('Ctrl-C in the middle ends it with 130', async () => {
    // It waits for a device that does not answer.
    const silent = [
      '--bootstrap',
      '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp',
    ]
    const doctor = new Shoal(['doctor', ...(await own()), ...silent, '--json'])
    await doctor.event('finding', 3)
    doctor.signal('SIGINT')
    expect(await doctor.ended).toBe(130)
    expect(doctor.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_INTERRUPTED' })
    expect(ids(doctor.events())).not.toContain('dht')
    expect(doctor.stderr).toBe('')
  })

  test('a reader that had enough, such as head, is no fault', async () => {
    const doctor = new Shoal(['doctor', ...(await own())])
    doctor.child.stdout?.once('data', () => doctor.child.stdout?.destroy())
    expect(await doctor.ended).toBe(0)
    expect(doctor.stderr).toBe('')
  })
})

describe('peers', () => {
  test('without a node: status 6', async () => {
    const none = await run('peers', ...(await own()), '--json')
    expect(none.status).toBe(6)
    expect(none.events()).toMatchObject([{ type: 'error', code: 'ERR_NO_NODE' }])
  })

  test('who is connected is told in each form', async () => {
    const { home, link } = await sharing()
    expect(await run('peers', '--home', home)).toMatchObject({ status: 0, text: '', stderr: '' })
    const fetcher = new Shoal([
      'fetch',
      link,
      '-o',
      await temporaryFolder(),
      '--seed',
      '--json',
      ...(await own()),
    ])
    await fetcher.event('done')
    const json = await run('peers', '--home', home, '--json')
    expect(json).toMatchObject({ status: 0, stderr: '' })
    const [peer = {}, ...others] = json.events()
    expect(others).toEqual([])
    expect(peer).toMatchObject({ type: 'peer', name: null, direct: true, inbound: true, shoal: true })
    const plain = await run('peers', '--home', home)
    expect(plain.text.split('\t').slice(0, 3)).toEqual([peer['id'], 'direct', 'in'])
    expect((await run('peers', '--home', home, '--quiet')).text).toBe(`${String(peer['id'])}\n`)
  })

  test('a link that nobody answers points to the doctor', async () => {
    const file = join(await temporaryFolder(), 'a')
    await writeFile(file, 'x')
    const holder = await own()
    const link = await share(file, ...holder)
    const alone = await run(
      'fetch',
      link.replace(/\.[^.#]*$/, ''),
      '-o',
      '.',
      '--wait',
      '1s',
      ...(await own()),
    )
    expect(alone.status).toBe(3)
    expect(alone.stderr).toContain('shoal doctor')
  })
})

async function collect(
  running: ReturnType<typeof run>,
): Promise<{ status: number | null; stderr: string; events: Json[] }> {
  const ended = await running
  return { status: ended.status, stderr: ended.stderr, events: ended.events() }
}
