/**
 * Other systems at the same work as ours, one at a time in one run, as JSON lines: one file of 1 GiB, 10,000 files of
 * 1-16 KiB, and a sender of 256 MiB at 30 MiB/s with four receivers. What is not installed is named and left out.
 * Usage: `tsc -b && node test/bench/peers/run.ts [--quick] [one|small|swarm] [SYSTEM...]`; README.md says what to install.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Commands } from '../commands.ts'
import { Watched, warmMemory } from '../processes.ts'
import { print, round } from '../report.ts'

const MIB = 1_048_576
const RECEIVERS = 4
const UP_BYTES_PER_SECOND = 30 * MIB
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const { PEERS_MODULES = '', PEERS_PYTHON = 'python3' } = process.env

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 1 : 3
const isAsked = (kind: readonly string[], word: string): boolean =>
  !words.some((each) => kind.includes(each)) || words.includes(word)

const work = mkdtempSync(join(tmpdir(), 'shoal-peers-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
let made = 0
const fresh = (): string => {
  const folder = join(work, `run-${made++}`)
  mkdirSync(folder)
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What a run took: from the start of the receiving process to its end, with the output in place. */
interface Ran {
  readonly wallSeconds: number
  readonly receiveCpuSeconds: number
  readonly sendCpuSeconds: number
  readonly path: string
}

interface System {
  readonly name: string
  /** What is missing, if something is. */
  readonly absent?: string
  readonly one: (path: string) => Promise<Ran>
  /** The two roles as processes, where the system has swarms. */
  readonly roles?: Roles
}

interface Roles {
  readonly send: (path: string, torrent: string, port: number, ...up: readonly string[]) => Watched
  readonly receive: (
    folder: string,
    torrent: string,
    port: number,
    sender: number,
    ...stay: readonly string[]
  ) => Watched
}

const runs = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0
const seconds = (since: number): number => (performance.now() - since) / 1_000

async function between(sender: Watched, start: () => Watched, path: string): Promise<Ran> {
  await sender.event('ready')
  const before = sender.cost.cpuSeconds
  const receiver = start()
  await receiver.event('done')
  await receiver.exited
  const wallSeconds = seconds(receiver.startedMs)
  const sendCpuSeconds = sender.cost.cpuSeconds - before
  await sender.stop()
  return { wallSeconds, receiveCpuSeconds: receiver.cost.cpuSeconds, sendCpuSeconds, path }
}

function plain(name: string): (path: string) => Promise<Ran> {
  return async (path) => {
    const [port, folder] = [String(await freePort()), fresh()]
    const named = statSync(path).isDirectory() ? `${basename(path)}/` : basename(path)
    const sender = new Watched(here('plain.ts'), [name, 'send', path, port, fresh()])
    const receive = (): Watched => new Watched(here('plain.ts'), [name, 'receive', named, port, folder])
    const ran = await between(sender, receive, join(folder, basename(path)))
    // The daemon's own child does the work, and the daemon goes on.
    return name === 'rsync' ? { ...ran, sendCpuSeconds: NaN } : ran
  }
}

function torrent(roles: Roles): (path: string) => Promise<Ran> {
  return async (path) => {
    const [port, own, folder] = [await freePort(), await freePort(), fresh()]
    const file = join(fresh(), 'bench.torrent')
    const receiver = (): Watched => roles.receive(folder, file, own, port)
    return between(roles.send(path, file, port), receiver, join(folder, basename(path)))
  }
}

/** What names its content when it is ready, and is then asked for it. */
function addressed(name: string): (path: string) => Promise<Ran> {
  return async (path) => {
    const folder = fresh()
    const sender = new Watched(here(name), ['send', path, fresh()])
    const { address, root } = await sender.event('ready')
    const receiver = (): Watched =>
      new Watched(here(name), ['receive', folder, basename(path), fresh(), String(address), String(root)])
    return between(sender, receiver, join(folder, basename(path)))
  }
}

const script = (name: string, program = process.execPath): Roles => {
  const start = (...args: readonly (string | number)[]): Watched =>
    new Watched(here(name), args.map(String), {}, program)
  return { send: (...args) => start('send', ...args), receive: (...args) => start('receive', ...args) }
}

const shoal = new Commands(work)
const libtorrent = script('lt.py', PEERS_PYTHON)
const webtorrent = script('wt.mjs')
const lacks = (isThere: boolean, absent: string): { absent?: string } => (isThere ? {} : { absent })
const lacksModule = (name: string): { absent?: string } =>
  lacks(existsSync(join(PEERS_MODULES || work, 'node_modules', name)), `${name} in PEERS_MODULES`)

const SYSTEMS: readonly System[] = [
  {
    name: 'shoal',
    one: async (path) => {
      const { share, link } = await shoal.share(path, false)
      const before = share.cost.cpuSeconds
      const fetched = await shoal.fetch(link)
      const sendCpuSeconds = share.cost.cpuSeconds - before
      await share.stop()
      const { wallSeconds, cost } = fetched
      return { wallSeconds, receiveCpuSeconds: cost.cpuSeconds, sendCpuSeconds, path: fetched.path }
    },
  },
  { name: 'tcp', one: plain('tcp') },
  { name: 'rsync', ...lacks(runs('rsync', '--version'), 'rsync'), one: plain('rsync') },
  {
    name: 'libtorrent',
    ...lacks(runs(PEERS_PYTHON, '-c', 'import libtorrent'), 'python3-libtorrent'),
    one: torrent(libtorrent),
    roles: libtorrent,
  },
  {
    name: 'webtorrent',
    ...lacksModule('webtorrent'),
    one: torrent(webtorrent),
    roles: webtorrent,
  },
  { name: 'helia', ...lacksModule('helia'), one: addressed('helia.mjs') },
  { name: 'hyperdrive', ...lacksModule('hyperdrive'), one: addressed('hyperdrive.mjs') },
  {
    name: 'syncthing',
    ...lacks(runs('syncthing', '--version'), 'syncthing'),
    one: async (path) => {
      // It shares folders only.
      const isFolder = statSync(path).isDirectory()
      const [source, folder] = [isFolder ? path : join(path, '..'), fresh()]
      const both = new Watched(here('syncthing.ts'), [source, folder, fresh()])
      const done = await both.event('done')
      await both.stop()
      const result = isFolder ? folder : join(folder, basename(path))
      return {
        wallSeconds: Number(done['seconds']),
        receiveCpuSeconds: NaN,
        sendCpuSeconds: NaN,
        path: result,
      }
    },
  },
]

function digestOf(path: string): string {
  const hash = createHash('sha256')
  if (!statSync(path).isDirectory()) return hash.update(readFileSync(path)).digest('hex')
  for (const name of (readdirSync(path, { recursive: true }) as string[]).toSorted()) {
    const file = join(path, name)
    if (!name.startsWith('.stfolder') && statSync(file).isFile())
      hash.update(`${name}\0`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function makeFile(mib: number): string {
  const path = join(fresh(), 'content')
  for (let i = 0; i < mib; i++) {
    const block = createHash('shake256', { outputLength: MIB }).update(`block ${i}`).digest()
    writeFileSync(path, block, { flag: 'a' })
  }
  return path
}

function makeFiles(count: number): string {
  const folder = join(fresh(), 'small')
  for (let i = 0; i < count; i++) {
    const inside = join(folder, `d${i % 100}`)
    if (i < 100) mkdirSync(inside, { recursive: true })
    const outputLength = 1_024 + (createHash('sha256').update(`size ${i}`).digest().readUInt32BE(0) % 15_361)
    writeFileSync(
      join(inside, `f${i}`),
      createHash('shake256', { outputLength }).update(`bytes ${i}`).digest(),
    )
  }
  return folder
}

const NAMES = SYSTEMS.map(({ name }) => name)
const WORKS = ['one', 'small', 'swarm']
const present = SYSTEMS.filter(({ name, absent }) => {
  if (!isAsked(NAMES, name)) return false
  if (absent !== undefined) print({ system: name, absent })
  return absent === undefined
})

async function timeAll(item: string, path: string, gib: number): Promise<void> {
  const expected = digestOf(path)
  for (let i = 0; i < rounds; i++) {
    for (const { name, one } of i % 2 === 0 ? present : present.toReversed()) {
      warmMemory(Math.min(3, 3 * gib))
      const { path: result, ...ran } = await one(path)
      const equal = digestOf(result) === expected
      rmSync(result, { recursive: true })
      const figures = Object.entries(ran).map(([key, value]) => [
        key,
        Number.isNaN(value) ? null : round(value),
      ])
      print({ item, system: name, round: i + 1, ...(Object.fromEntries(figures) as object), equal })
    }
  }
}

async function swarm(name: string, { send, receive }: Roles, path: string): Promise<void> {
  const [port, file] = [await freePort(), join(fresh(), 'bench.torrent')]
  const sender = send(path, file, port, String(UP_BYTES_PER_SECOND))
  await sender.event('ready')
  const started = performance.now()
  const receivers: Watched[] = []
  for (let i = 0; i < RECEIVERS; i++) receivers.push(receive(fresh(), file, await freePort(), port, 'stay'))
  await Promise.all(receivers.map((receiver) => receiver.event('done')))
  const lastSeconds = seconds(started)
  for (const each of [sender, ...receivers]) await each.stop()
  const copies = Number(sender.last('sent')?.['bytes']) / statSync(path).size
  print({
    item: 'swarm',
    system: name,
    receivers: RECEIVERS,
    seederCopies: round(copies),
    lastSeconds: round(lastSeconds),
  })
}

print({ bench: 'about', node: process.version, platform: `${process.platform} ${process.arch}`, rounds })
if (isAsked(WORKS, 'one')) {
  const gib = isQuick ? 0.125 : 1
  await timeAll(`one file, ${gib} GiB`, makeFile(gib * 1_024), gib)
}
if (isAsked(WORKS, 'small')) {
  const count = isQuick ? 1_000 : 10_000
  await timeAll(`${count} small files`, makeFiles(count), count / 100_000)
}
if (isAsked(WORKS, 'swarm')) {
  const path = makeFile(isQuick ? 64 : 256)
  for (let i = 0; i < rounds; i++) {
    for (const { name, roles } of present) if (roles !== undefined) await swarm(name, roles, path)
  }
}
