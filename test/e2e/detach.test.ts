/** `--detach` and `shoal fetches`, as processes: what goes on when the command has ended, and over which deaths. */
import { spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ControlClient, homePaths } from '@shoal/node/control'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run, type Json } from '../helpers/shoal.ts'

const WAIT = { timeout: 30_000, interval: 100 }

/** A home on which Shoal may come to run in the background; that ends with the test. */
class Home {
  readonly flags: readonly string[]

  private constructor(flags: readonly string[]) {
    this.flags = flags
  }

  static async make(): Promise<Home> {
    const home = new Home(await own())
    onTestFinished(() => {
      const { stdout } = spawnSync(process.execPath, [SHOAL, 'status', '--quiet', ...home.flags])
      if (String(stdout) !== '') process.kill(Number(stdout), 'SIGKILL')
    })
    return home
  }

  get path(): string {
    return String(this.flags[1])
  }

  run(...args: readonly string[]): ReturnType<typeof run> {
    return run(...args, ...this.flags)
  }

  /** The last event of a command. */
  async json(...args: readonly string[]): Promise<Json> {
    const done = await this.run(...args, '--json')
    if (done.status !== 0 || done.stderr !== '')
      throw new Error(`${args.join(' ')}: ${done.text}${done.stderr}`)
    return done.events().at(-1) ?? {}
  }

  /** Of what runs in the background. */
  async status(): Promise<Json> {
    const [status = {}] = (await this.run('daemon', 'status', '--json')).events()
    if (status['daemon'] !== true)
      throw new Error(`nothing runs in the background: ${JSON.stringify(status)}`)
    return status
  }

  async pid(): Promise<number> {
    return Number((await this.status())['pid'])
  }

  async kill(): Promise<void> {
    process.kill(await this.pid(), 'SIGKILL')
  }

  async start(): Promise<Json> {
    return await this.json('daemon', 'start')
  }

  /** Waits until the list has one that is so. */
  async fetch(facts: Json): Promise<Json> {
    return await vi.waitFor(async () => {
      const all = (await this.run('fetches', '--json')).events()
      const found = all.find((event) => Object.entries(facts).every(([name, value]) => event[name] === value))
      if (found === undefined) throw new Error(`none is so: ${JSON.stringify(all)}`)
      return found
    }, WAIT)
  }

  /** States of what is shared, by name. */
  async shares(): Promise<Record<string, unknown>> {
    const events = (await this.run('shares', '--json')).events()
    return Object.fromEntries(events.map((event) => [String(event['name']), event['state']]))
  }

  async untilShared(name: string, state: string): Promise<Record<string, unknown>> {
    return await vi.waitFor(async () => {
      const states = await this.shares()
      if (states[name] !== state) throw new Error(`${name} is not ${state}: ${JSON.stringify(states)}`)
      return states
    }, WAIT)
  }
}

async function fileOf(name: string, content: string | Uint8Array = 'content'): Promise<string> {
  const file = join(await temporaryFolder(), name)
  await writeFile(file, content)
  return file
}

/** Brings what a link names to another device, and returns what is in the file. */
async function fetched(link: string, ...more: readonly string[]): Promise<string> {
  const into = await temporaryFolder()
  const done = await run('fetch', link, '-o', into, ...more, ...(await own()), '--quiet')
  expect([done.status, done.stderr]).toEqual([0, ''])
  return await readFile(done.text.trimEnd(), 'utf8')
}

/** Bytes that a process has read so far, from wherever. */
async function bytesRead(pid: number): Promise<number> {
  return Number(/^rchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1])
}

describe('share --detach', () => {
  test.runIf(process.platform === 'linux')(
    'outlives its command and the death of what serves it, and is not read again',
    async () => {
      const size = 200_000_000
      const home = await Home.make()
      const folder = join(await temporaryFolder(), 'folder')
      await mkdir(folder)
      await writeFile(join(folder, 'a'), 'content')
      await writeFile(join(folder, 'large'), '')
      await truncate(join(folder, 'large'), size)
      const shared = await home.run('share', folder, '--detach', '--up', '90MB', '--json')
      expect(shared).toMatchObject({ status: 0, stderr: '' })
      expect(new Set(shared.events().map(({ type }) => type))).toEqual(new Set(['hashing', 'ready']))
      const link = String(shared.events().at(-1)?.['link'])
      const pid = await home.pid()
      expect(await bytesRead(pid)).toBeGreaterThan(size)
      // The limit is that of the share.
      expect(await home.status()).toMatchObject({ up: 0 })
      const cat = async (): Promise<string> => (await run('cat', link, 'a', ...(await own()))).text
      expect(await cat()).toBe('content')
      await home.kill()
      const again = Number((await home.start())['pid'])
      expect(again).not.toBe(pid)
      await home.untilShared('folder', 'serving')
      expect(await cat()).toBe('content')
      expect(await bytesRead(again)).toBeLessThan(size)
    },
  )

  test('says the link and how to end it, for people and for scripts', async () => {
    const home = await Home.make()
    const plain = await home.run('share', await fileOf('a'), '--detach')
    expect([plain.status, plain.text]).toEqual([0, expect.stringMatching(/^shoal:\/\/\S+\n$/)])
    const [, root = ''] = /shoal:\/\/([^#]+)#/.exec(plain.text) ?? []
    expect(plain.stderr.split('\n').at(-2)).toBe(
      `share a: goes on in the background, until shoal unshare ${root}`,
    )
    const quiet = await home.run('share', await fileOf('b'), '--detach', '--public', '--quiet')
    expect([quiet.status, quiet.stderr]).toEqual([0, ''])
    expect(await fetched(quiet.text.trimEnd())).toBe('content')
    // What is gone by its command stays gone, and says so in the same way.
    const missing = await home.run('share', '/nothing/here', '--detach', '--json')
    expect([missing.status, missing.events().at(-1)?.['code']]).toEqual([5, 'ERR_SOURCE_MISSING'])
    expect(await home.shares()).toEqual({ a: 'serving', b: 'serving' })
  })

  test('ends after --for, also where nothing ran when the time was over, and by unshare for good', async () => {
    const home = await Home.make()
    await home.json('share', await fileOf('one'), '--detach', '--for', '1s')
    await home.untilShared('one', 'stopped')
    await home.json('share', await fileOf('two'), '--detach', '--for', '1s')
    const overMs = Date.now() + 1_000
    const { root } = await home.json('share', await fileOf('three'), '--detach')
    await home.json('share', await fileOf('four'), '--detach', '--for', '2h')
    expect((await home.run('unshare', String(root))).status).toBe(0)
    await home.kill()
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(overMs), WAIT)
    await home.start()
    // The others come before it.
    expect(await home.untilShared('four', 'serving')).toEqual({
      one: 'stopped',
      two: 'stopped',
      four: 'serving',
    })
  })

  test('ends after --times', async () => {
    const home = await Home.make()
    const { link } = await home.json('share', await fileOf('a'), '--detach', '--times', '1')
    expect(await fetched(String(link))).toBe('content')
    await home.untilShared('a', 'stopped')
  })

  test('takes standard input', async () => {
    const home = await Home.make()
    const input = new Shoal(['share', '-', '--name', 'in', '--detach', '--quiet', ...home.flags], {
      stdin: 'from a pipe',
    })
    expect(await input.ended).toBe(0)
    await home.kill()
    await home.start()
    await home.untilShared('in', 'serving')
    expect(await fetched(input.text.trimEnd())).toBe('from a pipe')
  })

  test('stopped before there is a link it leaves nothing', async () => {
    const home = await Home.make()
    const input = new Shoal(['share', '-', '--detach', '--json', ...home.flags], { stdin: null })
    await input.until(async () => {
      const { status } = await run('daemon', 'status', ...home.flags)
      return status === 0 ? true : undefined
    }, 'Shoal in the background')
    input.signal('SIGINT')
    expect([await input.ended, input.text, input.stderr]).toEqual([0, '', ''])
    await vi.waitFor(async () => expect((await home.run('daemon', 'status')).status).toBe(6), WAIT)
    expect(await home.shares()).toEqual({})
  })

  test('goes on with another one when the first is killed before there is a link', async () => {
    const home = await Home.make()
    const file = await fileOf('large', '')
    await truncate(file, 600_000_000)
    const first = Number((await home.start())['pid'])
    const share = new Shoal(['share', file, '--detach', '--json', ...home.flags])
    await share.event('hashing')
    process.kill(first, 'SIGKILL')
    expect(share.text).not.toContain('"ready"')
    expect([await share.ended, share.events().at(-1)?.['type'], share.stderr]).toEqual([0, 'ready', ''])
    expect(await home.pid()).not.toBe(first)
    expect(await home.shares()).toEqual({ large: 'serving' })
  })
})

describe('fetch --detach', () => {
  /** Something that is shared by a command that ends with the test, or before. */
  async function provider(content: string | Uint8Array = 'content'): Promise<{
    link: string
    share: Shoal
    again: () => Promise<void>
  }> {
    const flags = await own()
    const file = await fileOf('a', content)
    const start = (): Shoal => new Shoal(['share', file, ...flags])
    const share = start()
    const link = await share.link()
    return { link, share, again: async () => void (await start().link()) }
  }

  async function end(share: Shoal): Promise<void> {
    share.signal('SIGINT')
    expect(await share.ended).toBe(0)
  }

  test('is done after its command, in each form, and its link is told to nobody', async () => {
    const home = await Home.make()
    const { link } = await provider()
    const key = link.slice(link.indexOf('#') + 1, link.lastIndexOf('.'))
    const first = await temporaryFolder()
    const env = { ...process.env, SHOAL_LINK: link }
    const json = new Shoal(['fetch', '-', '-o', first, '--detach', '--json', ...home.flags], { env })
    expect([await json.ended, json.stderr]).toEqual([0, ''])
    const [told = {}] = json.events()
    expect(told).toMatchObject({ type: 'fetch', directory: first })
    const id = String(told['id'])
    expect(await home.fetch({ id, state: 'done' })).toMatchObject({
      name: 'a',
      path: join(first, 'a'),
      bytes: 7,
      total: 7,
    })
    expect(await readFile(join(first, 'a'), 'utf8')).toBe('content')
    const plain = await home.run('fetch', link, '-o', await temporaryFolder(), '--detach')
    expect([plain.status, plain.text, plain.stderr]).toEqual([
      0,
      expect.stringMatching(/^[0-9a-f]{12}\n$/),
      expect.stringMatching(/^fetch [0-9a-f]{12}: in the background, (queued|running)\n$/),
    ])
    const quiet = await home.run('fetch', link, '-o', await temporaryFolder(), '--detach', '--quiet')
    expect([quiet.status, quiet.text, quiet.stderr]).toEqual([
      0,
      expect.stringMatching(/^[0-9a-f]{12}\n$/),
      '',
    ])
    await home.fetch({ id: quiet.text.trimEnd(), state: 'done' })
    expect((await home.run('fetches')).text.split('\n')[0]).toBe(
      [id, 'done', '-', '7', '7', '0', 'a', join(first, 'a')].join('\t'),
    )
    expect((await home.run('fetches', '--quiet')).text.split('\n')[0]).toBe(id)
    const said = [await readFile(join(home.path, 'daemon.log'), 'utf8'), json.text]
    if (process.platform === 'linux') {
      const pid = await home.pid()
      for (const part of ['cmdline', 'environ']) said.push(await readFile(`/proc/${pid}/${part}`, 'utf8'))
    }
    expect(key).toMatch(/^[\w-]{48}$/)
    for (const text of said) expect(text).not.toContain(key)
  })

  test('looks for a source for as long as there is none, and goes on by itself when there is one', async () => {
    const home = await Home.make()
    const { link, share, again } = await provider()
    await end(share)
    const { id } = await home.json('fetch', link, '-o', await temporaryFolder(), '--detach')
    await home.fetch({ id, state: 'running', reason: 'searching', name: null, total: null })
    await again()
    await home.fetch({ id, state: 'done', reason: null, name: 'a' })
  })

  test('is paused, resumed and cancelled, over restarts and where nothing runs', async () => {
    const home = await Home.make()
    const [one, two, three] = [await provider('1'), await provider('2'), await provider('3')]
    for (const { share } of [one, two, three]) await end(share)
    const into = await temporaryFolder()
    const ids: string[] = []
    for (const [i, { link }] of [one, two, three].entries()) {
      const { id } = await home.json('fetch', link, '-o', join(into, String(i)), '--detach')
      ids.push(String(id))
      await home.fetch({ id, state: 'running', reason: 'searching' })
    }
    const [first = '', second = '', third = ''] = ids
    const paused = await home.run('fetches', 'pause', second.slice(0, 11))
    expect([paused.status, paused.stderr]).toEqual([0, `fetch ${second}: paused\n`])
    expect(await home.json('fetches', 'cancel', third)).toMatchObject({ id: third, state: 'cancelled' })
    await home.kill()

    // As it was left, and changed where nothing runs.
    const listed = await home.run('fetches')
    expect(listed.text.split('\n').map((line) => line.split('\t').slice(0, 2))).toEqual([
      [first, 'queued'],
      [second, 'paused'],
      [third, 'cancelled'],
      [''],
    ])
    expect(listed.stderr).toBe('fetches: nothing goes on, for Shoal does not run in the background\n')
    expect(await home.json('fetches', 'resume', second)).toMatchObject({ state: 'queued' })
    expect(await home.json('fetches', 'pause', second)).toMatchObject({ state: 'paused' })
    expect((await home.run('fetches', 'resume', third)).stderr).toBe(
      `fetch ${third}: nothing was changed, cancelled\n`,
    )
    expect((await home.run('daemon', 'status')).status).toBe(6)

    for (const { again } of [one, two, three]) await again()
    await home.start()
    // It goes on by itself, and the other two do not.
    await home.fetch({ id: first, state: 'done' })
    await home.fetch({ id: second, state: 'paused', reason: 'paused' })
    await home.fetch({ id: third, state: 'cancelled' })
    expect(await home.json('fetches', 'resume', second)).toMatchObject({ id: second })
    await home.fetch({ id: second, state: 'done' })
    expect(await readFile(join(into, '1', 'a'), 'utf8')).toBe('2')
    await home.fetch({ id: third, state: 'cancelled' })
  })

  test('with --seed serves on what it brought, also after a restart', async () => {
    const home = await Home.make()
    const { link, share } = await provider()
    const { id } = await home.json('fetch', link, '-o', await temporaryFolder(), '--detach', '--seed')
    await home.fetch({ id, state: 'done' })
    await end(share)
    const peer = async (): Promise<string> => {
      const [address] = (await home.status())['addresses'] as string[]
      return String(address)
    }
    await home.untilShared('a', 'serving')
    expect(await fetched(link, '--peer', await peer())).toBe('content')
    await home.kill()
    await home.start()
    await home.untilShared('a', 'serving')
    expect(await fetched(link, '--peer', await peer())).toBe('content')
  })

  test('killed in the middle it goes on where it was', async () => {
    const size = 16_000_000
    const home = await Home.make()
    const content = randomBytes(size)
    const file = await fileOf('a', content)
    const share = new Shoal(['share', file, '--json', ...(await own())])
    const link = String((await share.event('ready'))['link'])
    const into = await temporaryFolder()
    const { id } = await home.json('fetch', link, '-o', into, '--detach', '--down', '4MB')
    await vi.waitFor(async () => {
      const [fetch] = (await home.run('fetches', '--json')).events()
      expect(Number(fetch?.['bytes'])).toBeGreaterThan(size / 2)
    }, WAIT)
    await home.kill()
    await home.start()
    await home.fetch({ id, state: 'done' })
    expect(content.equals(await readFile(join(into, 'a')))).toBe(true)
    share.signal('SIGINT')
    expect(await share.ended).toBe(0)
    const sent = Number(share.events().findLast(({ type }) => type === 'served')?.['bytes'])
    // What was verified did not come twice; what was on its way did.
    expect(sent).toBeGreaterThanOrEqual(size)
    expect(sent).toBeLessThan(size * 1.5)
  })

  test('what cannot be is said at once, and an id has to be that of one', async () => {
    const home = await Home.make()
    const none = await home.run('fetches', '--json')
    expect([none.status, none.text, none.stderr]).toEqual([0, '', ''])
    expect((await home.run('fetches')).stderr).toBe('fetches: none\n')
    const unknown = await home.run('fetches', 'pause', 'abc', '--json')
    expect([unknown.status, unknown.events()[0]?.['code']]).toEqual([2, 'ERR_NO_FETCH'])
    const bad = await home.run('fetch', 'nonsense', '--detach', '--json')
    expect([bad.status, bad.events()[0]?.['code']]).toEqual([2, 'ERR_LINK_MALFORMED'])
    const { link } = await provider()
    const directory = await temporaryFolder()
    await home.start()
    const client = await ControlClient.connect(homePaths(home.path, {}))
    // Of 17 ids two begin alike.
    for (let i = 0; i < 17; i++) await client?.keepFetch({ link, directory }, randomUUID())
    const ids = (await home.run('fetches', '--quiet')).text.trimEnd().split('\n')
    const twice = ids.find((id, i) => ids.some((other, j) => i !== j && other[0] === id[0])) ?? ''
    const several = await home.run('fetches', 'cancel', twice.slice(0, 1), '--json')
    expect([several.status, several.events()[0]?.['code']]).toEqual([2, 'ERR_USAGE'])
    expect(String(several.events()[0]?.['hint'])).toContain(twice)
  })
})

test('where another command has the home nothing is taken in or changed, and the list is told', async () => {
  const home = await Home.make()
  const nobody = new Shoal(['share', await fileOf('a'), ...(await own())])
  const link = await nobody.link()
  nobody.signal('SIGINT')
  await nobody.ended
  const { id } = await home.json('fetch', link, '-o', await temporaryFolder(), '--detach')
  expect((await home.run('daemon', 'stop')).status).toBe(0)
  const share = new Shoal(['share', await fileOf('b'), ...home.flags])
  await share.link()
  const refusals = [
    await home.run('share', await fileOf('c'), '--detach', '--json'),
    await home.run('fetch', link, '-o', await temporaryFolder(), '--detach', '--json'),
    await home.run('fetches', 'pause', String(id), '--json'),
  ]
  for (const refused of refusals) {
    expect([refused.status, refused.events()]).toMatchObject([2, [{ code: 'ERR_NOT_DAEMON' }]])
  }
  const beside =
    'It can go on beside that without --detach; or end that first, a command with Ctrl-C, and run this again.'
  expect(refusals.map((refused) => refused.events()[0]?.['hint'])).toEqual([
    beside,
    beside,
    'End the command or program that started it: a command with Ctrl-C.',
  ])
  expect(await home.shares()).toEqual({ b: 'serving' })
  const listed = await home.run('fetches')
  expect(listed.text).toMatch(new RegExp(`^${String(id)}\tqueued\t`))
  expect(listed.stderr).toBe('fetches: nothing goes on, for Shoal does not run in the background\n')
})
