/** The log of the node in the background, as its processes write it. */
import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { SecretScan, secretsOf } from '../helpers/secrets.ts'
import { Shoal, own, run, type Json } from '../helpers/shoal.ts'

const ENGINE = new URL('../../packages/node/dist/index.js', import.meta.url).href
const WATCHING = ['pino', 'prom-client', join('@opentelemetry', 'api')].map(
  (name) => `${sep}node_modules${sep}${name}${sep}`,
)

const linesOf = (text: string): Json[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Json)

test(
  'it goes to a file of the home, with what commands had it do and none of their secrets',
  { timeout: 120_000 },
  async () => {
    const flags = await own()
    const home = flags[1] as string
    const env = { ...process.env, SHOAL_LOG: 'debug' }
    const started = new Shoal(['daemon', 'start', ...flags, '--json'], { env })
    expect(await started.ended).toBe(0)
    const pid = Number(started.events()[0]?.['pid'])
    onTestFinished(() => {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    })
    const token = (await readFile(join(home, 'token'), 'utf8')).trim()
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.txt'), 'what is shared')
    const shared = await run('share', join(folder, 'a.txt'), '--detach', '--home', home)
    const link = shared.text.trim()
    expect(link).toMatch(/^shoal:/)
    const flagsOfOther = await own()
    expect(await run('fetch', link, '-o', join(folder, 'out'), ...flagsOfOther)).toMatchObject({ status: 0 })
    const wrong = `${link}x`
    await run('ls', wrong, '--home', home)
    await run('cat', link.replace(/#(.)(.)/, '#$2$1'), '--home', home)
    await run('fetch', link, '-o', join(folder, 'again'), '--home', home)
    expect((await run('daemon', 'stop', ...flags)).status).toBe(0)

    const file = join(home, 'log', 'shoal.log')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const text = await readFile(file, 'utf8')
    const lines = linesOf(text)
    expect(lines).toContainEqual(expect.objectContaining({ module: 'node', msg: 'started', pid }))
    expect(lines).toContainEqual(
      expect.objectContaining({ module: 'control', route: '/v1/shares', status: 200 }),
    )
    expect(lines).toContainEqual(expect.objectContaining({ module: 'transfer', msg: 'session opened' }))
    expect(lines.at(-1)).toMatchObject({ msg: 'stopped' })
    const said = await readFile(join(home, 'daemon.log'), 'utf8')
    expect(said).not.toContain('session opened')
    const scan = new SecretScan({
      token,
      ...Object.fromEntries(secretsOf(link).map((secret, i) => [`link ${i}`, secret])),
    })
    for (const line of [...text.split('\n'), ...said.split('\n')]) expect(scan.find(line)).toEqual([])
    expect(scan.find(`${text}${link}`)).not.toEqual([])
    expect(scan.find(`${text}${token}`)).toEqual(['token'])
  },
)

test(
  'who runs it in the foreground and asks for it has it on standard error',
  { timeout: 60_000 },
  async () => {
    const flags = await own()
    const env = { ...process.env, SHOAL_LOG: 'warn,node=info' }
    const daemon = new Shoal(['daemon', 'run', '--json', ...flags], { env })
    await daemon.event('status')
    daemon.signal('SIGTERM')
    expect(await daemon.ended).toBe(0)
    expect(linesOf(daemon.stderr).map(({ msg }) => msg)).toEqual(['started', 'stopping', 'stopped'])
    await expect(stat(join(flags[1] as string, 'log'))).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

test('levels that are none are told before anything is started', async () => {
  const env = { ...process.env, SHOAL_LOG: 'loud' }
  const flags = await own()
  const refused = new Shoal(['daemon', 'start', ...flags, '--json'], { env })
  expect(await refused.ended).toBe(2)
  expect(refused.events().at(-1)).toMatchObject({ code: 'ERR_USAGE' })
})

test(
  'a node that nobody watches loads none of what logs, metrics and traces need',
  { timeout: 60_000 },
  async () => {
    const home = join(await temporaryFolder(), 'home')
    const program = `
    import { createRequire } from 'node:module'
    import { createNode } from ${JSON.stringify(ENGINE)}
    const { cache } = createRequire(import.meta.url)
    const loaded = () => ${JSON.stringify(WATCHING)}.filter((name) => Object.keys(cache).some((file) => file.includes(name)))
    const options = { home: ${JSON.stringify(home)}, network: 'private', listen: ['/ip4/127.0.0.1/tcp/0'] }
    await using node = await createNode(options)
    const before = loaded()
    await using other = await createNode({ ...options, home: options.home + '2', log: { write: () => {} } })
    process.stdout.write(JSON.stringify([before, loaded()]))
  `
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    const [before, after] = JSON.parse(stdout) as [string[], string[]]
    expect(before).toEqual([])
    // The same look sees what is there.
    expect(after.length).toBe(1)
  },
)
