/** The `shoal` command as a process: what scripts and people get from it. Needs `tsc -b`. */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOf, withKeyOf } from '../helpers/links.ts'
import { LOOPBACK_FLAGS } from '../bench/processes.ts'
import { Shoal, type ShoalOptions } from '../helpers/shoal.ts'

/** Takes long enough on any machine to be stopped in the middle; holes, so that it is made at once. */
const LARGE_BYTES = 250_000_000

let directory: string
let homes = 0

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shoal-e2e-'))
  await writeFile(join(directory, 'talk.txt'), 'What was said.\n')
  await writeFile(join(directory, 'empty'), '')
  await mkdir(join(directory, 'holiday', 'day 1', 'nothing'), { recursive: true })
  await writeFile(join(directory, 'holiday', 'day 1', 'sea.bin'), Buffer.alloc(3_000_000, 7))
  await writeFile(join(directory, 'holiday', 'übung 日本.txt'), 'umlaut\n')
  await writeFile(join(directory, 'large'), '')
  await truncate(join(directory, 'large'), LARGE_BYTES)
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

function newHome(): string {
  return join(directory, `home-${++homes}`)
}

function newFolder(): string {
  return join(directory, `in-${++homes}`)
}

/** Flags of a node on loopback with a home of its own. */
function own(home = newHome()): string[] {
  return ['--home', home, ...LOOPBACK_FLAGS]
}

function start(args: readonly string[], options: ShoalOptions = {}): Shoal {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, HOME: directory, ...options.env }
  return new Shoal(args, { ...options, cwd: directory, env })
}

async function run(args: readonly string[], options: ShoalOptions = {}) {
  const shoal = start(args, options)
  const status = await shoal.ended
  return { status, stdout: shoal.text, stderr: shoal.stderr, events: () => shoal.events() }
}

/** Everything below a folder: path to content, folders to null. */
async function contents(path: string): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {}
  if ((await stat(path)).isFile()) return { '': await readFile(path, 'base64') }
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name)
    found[full.slice(path.length)] = entry.isDirectory() ? null : await readFile(full, 'base64')
  }
  return found
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

describe('share and fetch', () => {
  test.each([
    ['a file', 'talk.txt', []],
    ['an empty file', 'empty', []],
    ['a folder', 'holiday', []],
    ['a public file', 'talk.txt', ['--public']],
    ['a public folder', 'holiday', ['--public']],
  ])('%s arrives as it is, and the outputs are what scripts expect', async (_what, path, flags) => {
    const share = start(['share', path, ...flags, ...own(), '--json'])
    const ready = await share.event('ready')
    expect(ready).toMatchObject({
      link: expect.stringMatching(/^shoal:\/\/[\w.:/#-]+$/),
      root: expect.stringMatching(/^baf[a-z2-7]+$/),
      name: path,
      bytes: expect.any(Number),
      sealed: flags.length === 0,
      addresses: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3\w+$/)],
    })
    const { root, bytes } = ready
    const into = newFolder()
    const fetch = await run(['fetch', String(ready['link']), '-o', into, ...own(), '--json'])
    expect(fetch).toMatchObject({ status: 0, stderr: '' })
    const events = fetch.events()
    expect(new Set(events.map((event) => event['type']))).toEqual(new Set(['progress', 'file', 'done']))
    const files = events.filter((event) => event['type'] === 'file')
    const there = Object.entries(await contents(join(directory, path))).filter(
      ([, content]) => content !== null,
    )
    expect(new Set(files.map((event) => event['path']))).toEqual(
      new Set(there.map(([name]) => (name === '' ? path : name.slice(1)))),
    )
    expect(files).toHaveLength(there.length)
    expect(files.reduce((sum, event) => sum + Number(event['bytes']), 0)).toBe(bytes)
    const done = events.at(-1)
    expect(done).toMatchObject({
      type: 'done',
      root,
      path: join(into, path),
      bytes,
      seconds: expect.any(Number),
      transferSeconds: expect.any(Number),
      bytesFetched: expect.any(Number),
      bytesReused: 0,
    })
    expect(Number(done?.['seconds'])).toBeGreaterThan(Number(done?.['transferSeconds']))
    for (const event of events.filter(({ type }) => type === 'progress')) {
      expect(event).toMatchObject({ root, bytes: expect.any(Number), total: bytes, rate: expect.any(Number) })
      expect(event['peers']).toEqual(expect.any(Number))
    }
    expect(await contents(join(into, path))).toEqual(await contents(join(directory, path)))
    await share.until(
      () => share.events().find((event) => event['type'] === 'served' && event['peers'] === 0),
      'the end of the visit',
    )
    share.signal('SIGINT')
    expect(await share.ended).toBe(0)
    expect(share.stderr).toBe('')
    const hashing = share.events().find((event) => event['type'] === 'hashing')
    expect(hashing).toMatchObject({ bytes: expect.any(Number), total: bytes })
  })

  test('a pipe gets the link or the path on stdout, plain lines on stderr', async () => {
    const share = start(['share', 'holiday', '--name', 'Sommer', ...own()])
    const link = await share.link()
    expect(share.text).toBe(`${link}\n`)
    const fetch = await run(['fetch', link, '-o', 'in', ...own()])
    expect(fetch.stdout).toBe(`${join(directory, 'in', 'Sommer')}\n`)
    expect(fetch.stderr).toMatch(/^fetch: looking for a source\nfetch Sommer: 2 files, 3000007 bytes\n/)
    expect(fetch.stderr).toMatch(/\nfetch Sommer: done, 3000007 bytes, [\d.]+ s\n$/)
    share.signal('SIGTERM')
    expect(await share.ended).toBe(0)
    expect(share.stderr).toContain('share Sommer: ready, 2 files, 3000007 bytes, private link\n')
    expect(share.stderr).toMatch(/share Sommer: stopped, sent \d{7} bytes\n$/)
    // eslint-disable-next-line no-control-regex
    expect(share.stderr + fetch.stderr).toMatch(/^[\n\x20-\x7e]*$/)
    await rm(join(directory, 'in'), { recursive: true })
  })

  test('quiet: the link, the path, or one line of error', async () => {
    const share = start(['share', 'talk.txt', ...own(), '--quiet'])
    const link = await share.link()
    const fetch = await run(['fetch', link, '-o', newFolder(), ...own(), '--quiet'])
    expect(fetch).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\/.*\/talk\.txt\n$/),
      stderr: '',
    })
    share.signal('SIGINT')
    expect([await share.ended, share.stderr]).toEqual([0, ''])
    const missing = await run(['share', 'nothing-here', ...own(), '--quiet'])
    expect(missing).toMatchObject({ status: 5, stdout: '' })
    expect(missing.stderr).toMatch(/^shoal: .* \(ERR_SOURCE_MISSING, exit 5\)\n$/)
  })

  test('what was served is told to the last byte', async () => {
    const share = start(['share', 'holiday', ...own(), '--json'])
    const { link } = await share.event('ready')
    const fetch = await run(['fetch', String(link), '-o', newFolder(), ...own(), '--json'])
    const { bytesFetched } = fetch.events().at(-1) ?? {}
    share.signal('SIGINT')
    expect(await share.ended).toBe(0)
    const served = share.events().findLast((event) => event['type'] === 'served')
    // What was fetched counts the first block and the pages, too, which are no block payload.
    expect(Number(served?.['bytes'])).toBeGreaterThan(3_000_007)
    expect(Number(served?.['bytes'])).toBeLessThanOrEqual(Number(bytesFetched))
  })
})

describe('links that are not on the command line', () => {
  test('a key is in no command line, and on stderr in no mode', async () => {
    const share = start(['share', 'large', ...own()])
    const link = await share.link()
    const key = keyOf(link)
    expect(key).toHaveLength(48)
    const fetches = [[], ['--json'], ['--quiet'], ['--verbose']].map((flags) =>
      start(['fetch', '-', '-o', newFolder(), ...flags, ...own()], { stdin: `${link}\n` }),
    )
    // The one with --json tells when it moves data.
    await fetches[1]?.event('progress')
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
      expect(line.includes(key)).toBe(false)
    }
    for (const fetch of fetches) fetch.signal('SIGINT')
    await Promise.all(fetches.map((fetch) => fetch.ended))
    for (const { stderr, text } of [share, ...fetches]) {
      expect(stderr).not.toContain(key)
      expect(text.replace(link, '')).not.toContain(key)
    }
  })

  test('SHOAL_LINK stands before standard input', async () => {
    const share = start(['share', 'talk.txt', ...own()])
    const options = { env: { SHOAL_LINK: await share.link() }, stdin: 'nonsense\n' }
    expect(await run(['fetch', '-', '-o', newFolder(), ...own()], options)).toMatchObject({ status: 0 })
  })
})

describe('exit statuses', () => {
  test('links that are none, cut off or changed: 2; the key of another share: 4; nothing is saved', async () => {
    const home = newHome()
    const first = start(['share', 'talk.txt', ...own(home)])
    const link = await first.link()
    const second = start(['share', 'holiday', '--home', home])
    const other = await second.link()
    const key = keyOf(link)
    const changed = key.startsWith('A') ? `A${key[1] === 'A' ? 'B' : 'A'}${key.slice(2)}` : `A${key.slice(1)}`
    const into = newFolder()
    const outcome = async (text: string, flags = ['--home', home]): Promise<[number | null, unknown]> => {
      const { status, events, stderr } = await run(['fetch', text, '-o', into, ...flags, '--json'])
      expect(stderr).toBe('')
      const last = events().at(-1)
      expect(last).toEqual({
        type: 'error',
        code: expect.any(String),
        message: expect.any(String),
        hint: expect.any(String),
      })
      expect(JSON.stringify(last)).not.toContain(key)
      return [status, last?.['code']]
    }
    expect(await outcome('hello')).toEqual([2, 'ERR_LINK_MALFORMED'])
    expect(await outcome('shoal://')).toEqual([2, 'ERR_LINK_MALFORMED'])
    expect(await outcome('https://example.org/')).toEqual([2, 'ERR_LINK_MALFORMED'])
    expect(await outcome('x'.repeat(5_000))).toEqual([2, 'ERR_LINK_MALFORMED'])
    expect(await outcome(link.slice(0, link.indexOf('#')))).toEqual([2, 'ERR_LINK_INCOMPLETE'])
    expect(await outcome(link.replace(key, key.slice(0, 20)))).toEqual([
      2,
      expect.stringMatching(/^ERR_LINK_/),
    ])
    expect(await outcome(link.replace(key, changed))).toEqual([2, 'ERR_LINK_CHECKSUM'])
    expect(await outcome(withKeyOf(link, other), own())).toEqual([4, 'ERR_WRONG_KEY'])
    expect(await exists(into)).toBe(false)
  })

  test('nobody who has it: 3, after the time that was given', async () => {
    const share = start(['share', 'talk.txt', ...own()])
    const link = await share.link()
    share.signal('SIGINT')
    await share.ended
    const startedMs = performance.now()
    const { status, events, stderr } = await run(['fetch', link, '--wait', '2s', ...own(), '--json'])
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
    expect(events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_NO_PROVIDER' })
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  test('a path that is missing: 5', async () => {
    const { status, stderr, stdout } = await run(['share', 'nothing-here', ...own()])
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' })
    expect(stderr).toMatch(/\n {2}ERR_SOURCE_MISSING, exit 5\n$/)
  })

  test('a destination that is there: 5, and it is left as it is', async () => {
    const share = start(['share', 'talk.txt', ...own()])
    const into = newFolder()
    await mkdir(into)
    await writeFile(join(into, 'talk.txt'), 'mine')
    const { status, stderr } = await run(['fetch', await share.link(), '-o', into, ...own()])
    expect(status).toBe(5)
    expect(stderr).toContain('ERR_DESTINATION_EXISTS, exit 5')
    expect(await readdir(into)).toEqual(['talk.txt'])
    expect(await readFile(join(into, 'talk.txt'), 'utf8')).toBe('mine')
  })

  test('wrong usage: 2, with one suggestion, in the mode that was asked for', async () => {
    const plain = await run(['share', 'talk.txt', '--pubic'])
    expect(plain).toMatchObject({ status: 2, stdout: '' })
    expect(plain.stderr).toBe(
      'shoal: there is no option --pubic\n  Did you mean --public?\n  ERR_USAGE, exit 2\n',
    )
    const json = await run(['fetsch', 'x', '--json'])
    expect(json).toMatchObject({ status: 2, stderr: '' })
    expect(json.events()).toEqual([
      {
        type: 'error',
        code: 'ERR_USAGE',
        message: 'there is no command fetsch',
        hint: 'Did you mean shoal fetch?',
      },
    ])
  })

  test('help and version: 0, on stdout', async () => {
    for (const args of [[], ['--help'], ['share', '--help'], ['help', 'fetch'], ['--version']]) {
      expect(await run(args)).toMatchObject({ status: 0, stdout: expect.stringMatching(/\w/), stderr: '' })
    }
  })
})

describe('stopping', () => {
  test('Ctrl-C while nobody is found: 130, and the last line says so', async () => {
    const share = start(['share', 'talk.txt', ...own()])
    const link = await share.link()
    share.signal('SIGINT')
    await share.ended
    const home = newHome()
    const fetch = start(['fetch', link, '--wait', '0', ...own(home), '--json'])
    await fetch.until(async () => ((await exists(join(home, 'control.sock'))) ? true : undefined), 'the node')
    fetch.signal('SIGINT')
    expect(await fetch.ended).toBe(130)
    expect(fetch.stderr).toBe('')
    expect(fetch.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_INTERRUPTED' })
  })

  test('Ctrl-C in the middle of a download: 130, and nothing stands under the final name', async () => {
    const share = start(['share', 'large', ...own()])
    const into = newFolder()
    const fetch = start(['fetch', await share.link(), '-o', into, ...own(), '--json'])
    await fetch.until(() => fetch.events().find((event) => Number(event['bytes']) > 0), 'the first bytes')
    fetch.signal('SIGINT')
    expect(await fetch.ended).toBe(130)
    expect(await exists(join(into, 'large'))).toBe(false)
  })

  test('Ctrl-C while reading a share: 0', async () => {
    const share = start(['share', 'large', ...own(), '--json'])
    await share.event('hashing')
    share.signal('SIGINT')
    expect(await share.ended).toBe(0)
    expect(share.events().at(-1)?.['type']).not.toBe('error')
  })

  test('a reader that goes away ends the command quietly', async () => {
    const share = start(['share', 'large', ...own()])
    const fetch = start(['fetch', await share.link(), '-o', newFolder(), ...own(), '--json'])
    await fetch.event('progress')
    fetch.child.stdout?.destroy()
    expect(await fetch.ended).toBe(130)
    expect(fetch.stderr).toBe('')
  })
})

describe('one home, several commands', () => {
  test('a second share uses the node of the first, and both links work', async () => {
    const home = newHome()
    const first = start(['share', 'talk.txt', ...own(home), '--json'])
    const one = await first.event('ready')
    const second = start(['share', 'holiday', '--home', home, '--json'])
    const two = await second.event('ready')
    expect(two['addresses']).toEqual(one['addresses'])
    for (const { link, name } of [one, two]) {
      const into = newFolder()
      expect((await run(['fetch', String(link), '-o', into, ...own()])).status).toBe(0)
      expect(await readdir(into)).toEqual([name])
    }
    second.signal('SIGINT')
    expect(await second.ended).toBe(0)
    expect(
      (await run(['fetch', String(two['link']), '--wait', '2s', '-o', newFolder(), ...own()])).status,
    ).toBe(3)
    expect((await run(['fetch', String(one['link']), '-o', newFolder(), ...own()])).status).toBe(0)
  })

  test('flags that contradict the running node: 2, naming both', async () => {
    const home = newHome()
    const share = start(['share', 'talk.txt', ...own(home)])
    await share.link()
    const other = await run(['share', 'holiday', '--home', home, '--network', 'lan'])
    expect(other.status).toBe(2)
    expect(other.stderr).toContain('--network lan was given')
    expect(other.stderr).toContain('with private')
    const same = start(['share', 'holiday', ...own(home), '--json'])
    await same.event('ready')
  })

  test('what a home shares can be fetched from the same home', async () => {
    const home = newHome()
    const share = start(['share', 'holiday', ...own(home), '--json'])
    const { link } = await share.event('ready')
    const into = newFolder()
    expect((await run(['fetch', String(link), '-o', into, ...own(home)])).status).toBe(0)
    expect(await contents(join(into, 'holiday'))).toEqual(await contents(join(directory, 'holiday')))
  })

  test('--peer is asked by a fetch that uses the running node, too', async () => {
    const share = start(['share', 'talk.txt', ...own(), '--json'])
    const { link, addresses } = await share.event('ready')
    const home = newHome()
    const other = start(['share', 'holiday', ...own(home), '--json'])
    await other.event('ready')
    const [root] = String(link).split('.')
    const peer = (addresses as string[])[0] as string
    const into = newFolder()
    expect((await run(['fetch', root as string, '--wait', '2s', '-o', into, ...own(home)])).status).toBe(3)
    expect((await run(['fetch', root as string, '--peer', peer, '-o', into, ...own(home)])).status).toBe(0)
  })

  test('the last count of what was served is told, also by a share that uses the running node', async () => {
    const home = newHome()
    const first = start(['share', 'talk.txt', ...own(home), '--json'])
    await first.event('ready')
    const second = start(['share', 'holiday', ...own(home), '--json'])
    const { link, bytes } = await second.event('ready')
    expect((await run(['fetch', String(link), '-o', newFolder(), ...own()])).status).toBe(0)
    second.signal('SIGINT')
    expect(await second.ended).toBe(0)
    const served = second
      .events()
      .filter((event) => event['type'] === 'served')
      .at(-1)
    expect(served?.['bytes']).toBeGreaterThanOrEqual(Number(bytes))
  })

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'when the process with the node ends by %s, an attached share goes on, with its link',
    async (signal) => {
      const home = newHome()
      const first = start(['share', 'talk.txt', ...own(home), '--json'])
      await first.event('ready')
      const second = start(['share', 'holiday', ...own(home), '--json'])
      const { root } = await second.event('ready')
      first.signal(signal)
      await first.ended
      const { link, root: rootAfter } = await second.event('ready', 2)
      expect(rootAfter).toBe(root)
      expect(keyOf(String(link))).toBe(keyOf(String((await second.event('ready'))['link'])))
      expect(second.events().filter((event) => event['type'] === 'warning')).toEqual([])
      const into = newFolder()
      expect((await run(['fetch', String(link), '-o', into, ...own()])).status).toBe(0)
      expect(await contents(join(into, 'holiday'))).toEqual(await contents(join(directory, 'holiday')))
      second.signal('SIGINT')
      expect(await second.ended).toBe(0)
    },
  )

  test('a share that was changed before another node took it over goes on with a new link, and says so', async () => {
    const home = newHome()
    const path = join(directory, `changing-${homes}`)
    await writeFile(path, 'before')
    const first = start(['share', 'talk.txt', ...own(home), '--json'])
    await first.event('ready')
    const second = start(['share', path, '--fresh', ...own(home), '--json'])
    const before = await second.event('ready')
    await writeFile(path, 'AFTER!')
    first.signal('SIGINT')
    const after = await second.event('ready', 2)
    expect(after['root']).not.toBe(before['root'])
    expect(await second.event('warning')).toMatchObject({ code: 'WARN_LINK_CHANGED' })
  })

  test('the same share again has the same link, a fresh one another', async () => {
    const home = newHome()
    const links: string[] = []
    for (const flags of [[], [], ['--fresh'], []]) {
      const share = start(['share', 'talk.txt', ...flags, ...own(home)])
      links.push(await share.link())
      share.signal('SIGINT')
      expect(await share.ended).toBe(0)
    }
    const [first, second, third, fourth] = links
    expect(second).toBe(first)
    expect(third).not.toBe(first)
    expect(fourth).toBe(third)
  })

  test('when the process with the node is killed, an attached fetch goes on', async () => {
    const share = start(['share', 'large', ...own()])
    const link = await share.link()
    const home = newHome()
    const holder = start(['share', 'talk.txt', ...own(home)])
    await holder.link()
    const into = newFolder()
    const fetch = start(['fetch', link, '-o', into, ...own(home), '--json'])
    await fetch.until(() => fetch.events().find((event) => Number(event['bytes']) > 0), 'the first bytes')
    holder.signal('SIGKILL')
    expect(await fetch.ended).toBe(0)
    expect((await stat(join(into, 'large'))).size).toBe(LARGE_BYTES)
  })

  test('a provider that is killed and started again on its port goes on with its link, and the fetch ends well', async () => {
    const home = newHome()
    const path = join(directory, `killed-${homes}`)
    await writeFile(path, randomBytes(60_000_000))
    const first = start(['share', path, ...own(home), '--json'])
    const { link, root, addresses } = await first.event('ready')
    const into = newFolder()
    const fetch = start(['fetch', String(link), '-o', into, '--json', ...own()])
    await fetch.until(() => fetch.events().find((event) => Number(event['bytes']) > 0), 'the first bytes')
    first.signal('SIGKILL')
    await first.ended
    const second = start(['share', path, ...own(home), '--json'])
    expect(await second.event('ready')).toMatchObject({ link, root, addresses })
    expect(await fetch.ended).toBe(0)
    const [was, is] = [await readFile(path), await readFile(join(into, basename(path)))]
    expect(is.equals(was)).toBe(true)
  })

  test('two commands at once on a fresh home: one starts the node, both work', async () => {
    const home = newHome()
    const shares = ['talk.txt', 'holiday'].map((path) => start(['share', path, ...own(home), '--json']))
    const ready = await Promise.all(shares.map((share) => share.event('ready')))
    expect(ready[0]?.['addresses']).toEqual(ready[1]?.['addresses'])
    const fetches = ready.map(({ link }) => run(['fetch', String(link), '-o', newFolder(), ...own()]))
    for (const { status } of await Promise.all(fetches)) expect(status).toBe(0)
  })

  test('id is that of the node, whether it runs or not', async () => {
    const home = newHome()
    const before = await run(['id', '--home', home, '--json'])
    const [event] = before.events()
    expect(event).toEqual({ type: 'id', peerId: expect.stringMatching(/^12D3Koo\w+$/), home })
    const share = start(['share', 'talk.txt', ...own(home), '--json'])
    const { addresses } = await share.event('ready')
    expect((addresses as string[])[0]).toContain(`/p2p/${String(event?.['peerId'])}`)
    const during = await run(['id'], { env: { SHOAL_HOME: home } })
    expect(during).toMatchObject({ status: 0, stdout: `${String(event?.['peerId'])}\n`, stderr: '' })
  })
})

describe('what is left out of a share', () => {
  test('--exclude and .shoalignore, at its own node and at a running one, and a pattern without use is told', async () => {
    const folder = join(newFolder(), 'work')
    await mkdir(join(folder, 'build', 'deep'), { recursive: true })
    await mkdir(join(folder, 'notes'))
    for (const path of ['a.txt', 'a.tmp', 'build/x', 'build/deep/y', 'notes/secret', 'notes/open']) {
      await writeFile(join(folder, path), path)
    }
    await writeFile(join(folder, 'notes', '.shoalignore'), '# mine\r\nsecret\r\n')
    const home = newHome()
    const flags = ['--exclude', '*.tmp', '--exclude=build/', '--exclude', 'biuld']
    const first = start(['share', folder, ...flags, ...own(home), '--json'])
    await first.event('ready')
    const second = start(['share', folder, ...flags, ...own(home), '--json'])
    for (const share of [first, second]) {
      const { link, files } = await share.event('ready')
      expect(files).toBe(3)
      const into = newFolder()
      expect((await run(['fetch', String(link), '-o', into, ...own()])).status).toBe(0)
      const found = await contents(join(into, 'work'))
      expect(Object.keys(found).toSorted()).toEqual([
        '/a.txt',
        '/notes',
        '/notes/.shoalignore',
        '/notes/open',
      ])
      const warnings = share.events().filter((event) => event['type'] === 'warning')
      expect(warnings).toMatchObject([{ code: 'WARN_EXCLUDE_UNUSED' }])
      expect(warnings[0]?.['message']).toContain('"biuld"')
    }
  })

  test.each<[string, string[], string | undefined, number, string]>([
    ['a malformed pattern', ['--exclude', '[a'], undefined, 2, 'ERR_OPTIONS_INVALID'],
    ['a pattern that is too long', ['--exclude', 'x'.repeat(1_025)], undefined, 7, 'ERR_LIMIT'],
    ['a line that takes back in', [], '!x', 2, 'ERR_OPTIONS_INVALID'],
  ])('%s: nothing is shared', async (_what, flags, ignore, expectedStatus, code) => {
    const folder = newFolder()
    await mkdir(folder)
    if (ignore !== undefined) await writeFile(join(folder, '.shoalignore'), ignore)
    const { status, events } = await run(['share', folder, ...flags, ...own(), '--json'])
    expect(status).toBe(expectedStatus)
    expect(events().at(-1)).toMatchObject({ type: 'error', code })
    expect(events().filter((event) => event['type'] === 'ready')).toEqual([])
  })

  test('a single file takes no patterns', async () => {
    const { status, stderr } = await run(['share', 'talk.txt', '--exclude', 'x', ...own()])
    expect(status).toBe(2)
    expect(stderr).toContain('talk.txt: it is a file\n')
  })
})

describe('ls', () => {
  test.each([[[]], [['--public']]])(
    'prints what a link points to, as each reader wants it: %j',
    async (flags) => {
      const share = start(['share', 'holiday', ...flags, ...own()])
      const link = await share.link()
      const isPublic = flags.length > 0
      const all = await run(['ls', '-', ...own(), '--json'], { env: { SHOAL_LINK: link } })
      expect(all).toMatchObject({ status: 0, stderr: '' })
      const mtime = isPublic ? null : expect.any(Number)
      expect(all.events()).toEqual([
        { type: 'entry', path: 'day 1', bytes: 0, kind: 'folder', mtime },
        { type: 'entry', path: 'day 1/nothing', bytes: 0, kind: 'folder', mtime },
        { type: 'entry', path: 'day 1/sea.bin', bytes: 3_000_000, kind: 'file', mtime },
        { type: 'entry', path: 'übung 日本.txt', bytes: 7, kind: 'file', mtime },
      ])
      const lines = await run(['ls', link, 'day 1', ...own()])
      expect(lines).toMatchObject({ status: 0, stderr: '' })
      const time = isPublic ? '-' : '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
      expect(lines.stdout).toMatch(
        new RegExp(`^0\t${time}\tday 1/nothing/\n3000000\t${time}\tday 1/sea\\.bin\n$`),
      )
      const quiet = await run(['ls', link, 'übung 日本.txt', ...own(), '--quiet'])
      expect(quiet).toMatchObject({ status: 0, stdout: 'übung 日本.txt\n', stderr: '' })
    },
  )

  test('ends with the status of what went wrong, and the error as the last line', async () => {
    const share = start(['share', 'holiday', ...own()])
    const link = await share.link()
    const missing = await run(['ls', link, 'night', ...own(), '--json'])
    expect(missing.status).toBe(3)
    expect(missing.events()).toMatchObject([{ type: 'error', code: 'ERR_NOT_IN_SHARE' }])
    expect((await run(['ls', link.slice(0, -10), ...own()])).status).toBe(2)
    share.signal('SIGKILL')
    await share.ended
    const alone = await run(['ls', link, ...own(), '--wait', '1s', '--json'])
    expect(alone.status).toBe(3)
    expect(alone.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_NO_PROVIDER' })
  })

  test('a reader that had enough, such as head, is no fault', async () => {
    const many = newFolder()
    await mkdir(many)
    const names = Array.from({ length: 2_500 }, (_, i) => `${i}`.padStart(200, '0'))
    for (const name of names) await writeFile(join(many, name), '')
    const share = start(['share', many, ...own()])
    const link = await share.link()
    const ls = start(['ls', link, ...own(), '--quiet'])
    ls.child.stdout?.once('data', () => ls.child.stdout?.destroy())
    expect(await ls.ended).toBe(0)
    expect(ls.stderr).toBe('')
    expect(ls.text.length).toBeLessThan(2_500 * 201)
  })

  test('Ctrl-C ends it with 130', async () => {
    const share = start(['share', 'talk.txt', ...own()])
    const link = await share.link()
    share.signal('SIGKILL')
    await share.ended
    const home = newHome()
    const ls = start(['ls', link, ...own(home), '--wait', '0', '--json'])
    await ls.until(async () => ((await exists(join(home, 'token'))) ? true : undefined), 'its node')
    ls.signal('SIGINT')
    expect(await ls.ended).toBe(130)
    expect(ls.events()).toMatchObject([{ type: 'error', code: 'ERR_INTERRUPTED' }])
  })
})

describe('shares, status and unshare', () => {
  test('with a node and without one, a share is listed, removed, and its link gone', async () => {
    const home = newHome()
    expect((await run(['status', '--home', home, '--json'])).status).toBe(6)
    const share = start(['share', 'talk.txt', ...own(home), '--json'])
    const { link, root, name, bytes, sealed } = await share.event('ready')
    const kept = { pinned: false, keptBytes: 0 }
    const line = { type: 'share', root, link, name, bytes, sealed, state: 'serving', ...kept }
    const status = await run(['status', '--home', home, '--json'])
    expect(status.events()).toMatchObject([{ type: 'status', pid: share.child.pid }, line])
    expect((await run(['shares', '--home', home, '--json'])).events()).toEqual([line])
    share.signal('SIGINT')
    await share.ended

    const without = await run(['shares', '--home', home, '--json'])
    expect([without.status, without.stderr]).toEqual([0, ''])
    expect(without.events()).toMatchObject([{ root, state: 'stopped' }])
    expect(keyOf(String(without.events()[0]?.['link']))).toBe(keyOf(String(link)))
    const [failed] = (await run(['status', '--home', home, '--json'])).events()
    expect(failed).toMatchObject({ type: 'error', code: 'ERR_NO_NODE' })

    expect((await run(['unshare', String(link), '--home', home])).status).toBe(0)
    expect((await run(['shares', '--home', home])).stdout).toBe('')
    const again = await run(['unshare', String(root), '--home', home, '--json'])
    expect(again.status).toBe(2)
    expect(again.events()).toMatchObject([{ code: 'ERR_NOT_SHARED' }])
    expect(await readdir(join(home, 'shares'))).toEqual([])
  })

  test('a command whose share is removed ends with 0, and says why', async () => {
    const home = newHome()
    const share = start(['share', 'talk.txt', ...own(home), '--json'])
    const { root } = await share.event('ready')
    expect((await run(['unshare', String(root), '--home', home, '--quiet'])).status).toBe(0)
    expect(await share.ended).toBe(0)
    expect(share.events().at(-1)).toMatchObject({ type: 'warning', code: 'WARN_UNSHARED' })
  })
})

describe('share -', () => {
  test('standard input is shared, the same again under the same link, until it is unshared', async () => {
    const home = newHome()
    const first = start(['share', '-', '--name', 'said', ...own(home)], { stdin: 'what was said' })
    const link = await first.link()
    const into = newFolder()
    expect((await run(['fetch', link, '-o', into, ...own()])).status).toBe(0)
    expect(await readFile(join(into, 'said'), 'utf8')).toBe('what was said')
    first.signal('SIGINT')
    expect(await first.ended).toBe(0)
    const second = start(['share', '-', '--name', 'said', ...own(home)], { stdin: 'what was said' })
    expect(await second.link()).toBe(link)
    second.signal('SIGINT')
    await second.ended
    expect((await readdir(join(home, 'inputs'))).length).toBe(1)
    expect((await run(['unshare', link, '--home', home])).status).toBe(0)
    expect(await readdir(join(home, 'inputs'))).toEqual([])
  })

  test('nothing on standard input is an empty file', async () => {
    const share = start(['share', '-', ...own(), '--json'])
    expect(await share.event('ready')).toMatchObject({ name: 'stdin', bytes: 0, files: 1 })
  })

  test('Ctrl-C while it is read: 0, and nothing is left; after a kill the next start clears it away', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const home = newHome()
      const share = start(['share', '-', ...own(home)], { stdin: null })
      share.child.stdin?.write('the beginning')
      const parts = (): Promise<string[]> => readdir(join(home, 'inputs')).catch(() => [])
      await share.until(async () => ((await parts()).length === 1 ? true : undefined), 'a part')
      share.signal(signal)
      expect(await share.ended).toBe(signal === 'SIGINT' ? 0 : null)
      if (signal === 'SIGKILL') {
        expect((await parts()).length).toBe(1)
        await run(['shares', '--home', home])
      }
      expect(await parts()).toEqual([])
    }
  })

  test('when the node that read it ends, the share goes on', async () => {
    const home = newHome()
    const holder = start(['share', 'talk.txt', ...own(home)])
    await holder.link()
    const share = start(['share', '-', ...own(home), '--json'], { stdin: 'kept' })
    const { root } = await share.event('ready')
    holder.signal('SIGKILL')
    expect((await share.event('ready', 2))['root']).toBe(root)
  })
})
