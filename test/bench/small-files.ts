/**
 * What 10,000 files of 1-16 KiB cost to share and to fetch, side by side with plain TCP that makes them as durable,
 * as JSON lines. The start of a process counts on neither side. Usage: `npm run bench:small [-- --quick]`.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Commands, type Started } from './commands.ts'
import { Watched } from './processes.ts'
import { median, print, round } from './report.ts'

const FILES = 10_000
const FOLDERS = 100
const SMALLEST = 1_024
const LARGEST = 16_384
/** Files that the receiver of the yardstick writes at once: what is fastest here, and the plainest program. */
const IN_FLIGHT = { many: 64, one: 1 }
/** Part of the yardstick's speed that a fetch is to reach. */
const MARK = 0.3
const rounds = process.argv.includes('--quick') ? 1 : 5
const TCP = fileURLToPath(new URL('./tcp-files.ts', import.meta.url))

const work = mkdtempSync(join(tmpdir(), 'shoal-bench-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const shoal = new Commands(work)

/** The same bytes every time. Returns how many. */
function makeFiles(folder: string): number {
  let total = 0
  for (let i = 0; i < FILES; i++) {
    const inside = join(folder, `d${String(i % FOLDERS).padStart(3, '0')}`)
    if (i < FOLDERS) mkdirSync(inside, { recursive: true })
    const digest = createHash('sha256').update(`size ${i}`).digest()
    const size = SMALLEST + (digest.readUInt32BE(0) % (LARGEST - SMALLEST + 1))
    const bytes = createHash('shake256', { outputLength: size }).update(`bytes ${i}`).digest()
    writeFileSync(join(inside, `f${String(i).padStart(5, '0')}.bin`), bytes)
    total += size
  }
  return total
}

function digestOfTree(folder: string): string {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
  const paths = found.map((file) => relative(folder, join(file.parentPath, file.name))).toSorted()
  const hash = createHash('sha256')
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(join(folder, path)))
  return hash.digest('hex')
}

/**
 * Looks at what came and waits until the disk has settled: nobody pays for the one before. It is removed only at the
 * very end, because ext4 searches long for a free inode where many were just given back.
 */
function check(folder: string): void {
  if (digestOfTree(folder) !== expected) throw new Error(`what came to ${folder} differs`)
  spawnSync('sync')
}

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
}

let received = 0
async function plainTcp(port: number, inFlight: number): Promise<Measured> {
  const out = join(work, `tcp-${received++}`)
  const client = new Watched(TCP, ['receive', String(port), out, String(inFlight)])
  const done = await client.event('done')
  await client.exited
  check(out)
  return { seconds: Number(done['seconds']), cpuSeconds: Number(done['cpuSeconds']) }
}

async function fetchOnce(link: string): Promise<{ transferSeconds: number; cpuSeconds: number }> {
  const { transferSeconds, cost, path } = await shoal.fetch(link)
  if (path.endsWith(FOLDER)) check(path)
  return { transferSeconds, cpuSeconds: cost.cpuSeconds }
}

/** What a share and a fetch of one byte cost: the start of the processes. */
async function starting(isPublic: boolean): Promise<{ share: Measured; fetch: Measured }> {
  const { share, link, readySeconds } = await shoal.share(one, isPublic)
  const cpuSeconds = share.cost.cpuSeconds
  const fetched = await fetchOnce(link)
  await share.stop()
  return {
    share: { seconds: readySeconds, cpuSeconds },
    fetch: { seconds: 0, cpuSeconds: fetched.cpuSeconds },
  }
}

interface Round {
  readonly many: Measured
  readonly one: Measured
  readonly hash: Measured
  readonly fetch: Measured
  /** Of the sharing process while it served. */
  readonly serveCpuSeconds: number
}

async function measure(port: number, isPublic: boolean): Promise<Round> {
  const start = await starting(isPublic)
  spawnSync('sync')
  const { share, link, readySeconds }: Started = await shoal.share(content, isPublic)
  const { cpuSeconds } = share.cost
  const hash = {
    seconds: readySeconds - start.share.seconds,
    cpuSeconds: cpuSeconds - start.share.cpuSeconds,
  }
  const many = await plainTcp(port, IN_FLIGHT.many)
  const before = share.cost.cpuSeconds
  const fetched = await fetchOnce(link)
  const serveCpuSeconds = share.cost.cpuSeconds - before
  const oneByOne = await plainTcp(port, IN_FLIGHT.one)
  await share.stop()
  return {
    many,
    one: oneByOne,
    hash,
    fetch: {
      seconds: fetched.transferSeconds,
      cpuSeconds: fetched.cpuSeconds - start.fetch.cpuSeconds,
    },
    serveCpuSeconds,
  }
}

const FOLDER = 'small'
const content = join(work, FOLDER)
const one = join(work, 'one')
const bytes = makeFiles(content)
writeFileSync(one, 'x')
const expected = digestOfTree(content)
print({ bench: 'about', node: process.version, files: FILES, bytes, rounds })

const sender = new Watched(TCP, ['send', content])
const port = Number((await sender.event('ready'))['port'])
await plainTcp(port, IN_FLIGHT.many)
for (const isPublic of [false, true]) {
  const seen: Round[] = []
  for (let i = 0; i < rounds; i++) seen.push(await measure(port, isPublic))
  const middle = (pick: (round: Round) => number): number => round(median(seen.map(pick)))
  const speed = middle((r) => r.many.seconds / r.fetch.seconds)
  print({
    bench: 'small files',
    form: isPublic ? 'public' : 'sealed',
    speedToTcp: speed,
    reachesMark: speed >= MARK,
    speedToTcpOneByOne: middle((r) => r.one.seconds / r.fetch.seconds),
    fetchSeconds: middle((r) => r.fetch.seconds),
    tcpSeconds: middle((r) => r.many.seconds),
    tcpOneByOneSeconds: middle((r) => r.one.seconds),
    hashSeconds: middle((r) => r.hash.seconds),
    fetchCpuSeconds: middle((r) => r.fetch.cpuSeconds),
    serveCpuSeconds: middle((r) => r.serveCpuSeconds),
    tcpCpuSeconds: middle((r) => r.many.cpuSeconds),
    hashCpuSeconds: middle((r) => r.hash.cpuSeconds),
  })
}
await sender.stop()
