/**
 * What several providers are worth when some of them lie, stall or crawl, and what a limited seeder has to send when
 * those who fetch help each other. JSON lines; the two sides of a ratio alternate in one run, because the speed of a
 * shared machine drifts. Usage: `tsc -b && node test/bench/swarm.ts [--quick] [lies stalls slow seeding]`.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Commands, type Started } from './commands.ts'
import { SHOAL, Watched, warmMemory } from './processes.ts'
import { median, print, round } from './report.ts'

const MIB = 1_048_576
const PROVIDERS = 8
const HOSTILE = fileURLToPath(new URL('./hostile-program.ts', import.meta.url))
/** What the lying seven of eight do. */
const LIARS = 'always one-in-hundred last-byte wrong-length always one-in-hundred last-byte'.split(' ')
const STALLING = 6
const SLOW_BYTES_PER_SECOND = 10_000
const RECEIVERS = 4
/** A fetch that is not done by then counts as failed, in milliseconds. */
const GIVE_UP_MS = 90_000
const UP = { flag: '30MiB', bytesPerSecond: 30 * MIB }

const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 1 : 3
const mib = isQuick ? 64 : 256
const named = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const isAsked = (part: string): boolean => named.length === 0 || named.includes(part)

const work = mkdtempSync(join(tmpdir(), 'shoal-bench-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const shoal = new Commands(work)

/** Pseudo-random bytes, no two blocks alike. */
function makeFile(): string {
  const path = join(work, 'content')
  const file = openSync(path, 'w')
  const block = Buffer.alloc(MIB)
  for (let at = 0; at < MIB; at += 32) createHash('sha256').update(String(at)).digest().copy(block, at)
  for (let at = 0; at < mib; at++) {
    block.writeDoubleLE(at)
    writeSync(file, block)
  }
  closeSync(file)
  return path
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const path = makeFile()
const expected = await digestOf(path)

/** The command takes this option; it may be older than this bench. */
function has(command: string, option: string): boolean {
  const { stdout } = spawnSync(process.execPath, [SHOAL, command, '--help'], { encoding: 'utf8' })
  return stdout.includes(option)
}

const peers = (addresses: readonly string[]): string[] => addresses.flatMap((each) => ['--peer', each])

interface Sent {
  readonly how: string
  /** Blocks that were begun. */
  readonly blocks: number
  /** What went out after the handshake. */
  readonly bytes: number
  readonly badBlocks: number
}

interface Outcome {
  /** undefined: the fetch failed. */
  readonly seconds: number | undefined
  readonly error?: string
  /** What came is what was shared. */
  readonly equal: boolean
  readonly sent: readonly Sent[]
  /** Blocks that came again although nothing was wrong with them, in parts of the content. */
  readonly duplicates: number
}

/** What the `served` events of these shares say they sent, in bytes. */
const servedBy = (senders: readonly Watched[]): number =>
  senders.reduce((sum, share) => sum + Number(share.last('served')?.['bytes'] ?? 0), 0)

/** One fetch by a bare root from these honest peers and as many hostile ones as there are `hows`. */
async function fetchFrom(honest: readonly Started[], hows: readonly string[]): Promise<Outcome> {
  const [{ root, address }] = honest as readonly [Started]
  const hostile = hows.length === 0 ? undefined : new Watched(HOSTILE, [root, address, ...hows])
  const hostileAddresses = ((await hostile?.event('ready'))?.['addresses'] ?? []) as string[]
  const senders = honest.map(({ share }) => share)
  // `served` comes once a second.
  await delay(1_500)
  const before = servedBy(senders)
  warmMemory(1)
  const addresses = [...hostileAddresses, ...honest.map((each) => each.address)]
  const fetching = shoal.startFetch(root, ...peers(addresses))
  const deadline = setTimeout(() => fetching.child.kill('SIGKILL'), GIVE_UP_MS)
  await fetching.exited
  clearTimeout(deadline)
  const done = fetching.last('done')
  const error =
    done === undefined ? ((fetching.last('error')?.['code'] as string | undefined) ?? 'gave up') : undefined
  await delay(1_500)
  await hostile?.stop()
  const sent = (hostile?.last('sent')?.['sent'] ?? []) as Sent[]
  const result = done === undefined ? undefined : String(done['path'])
  const equal = result !== undefined && (await digestOf(result)) === expected
  if (result !== undefined) rmSync(result)
  const seconds = done === undefined ? undefined : Number(done['transferSeconds'])
  const good = sent.reduce(
    (sum, each) => sum + each.bytes * (1 - each.badBlocks / Math.max(1, each.blocks)),
    0,
  )
  const duplicates = (servedBy(senders) - before + good) / (mib * MIB) - 1
  return {
    seconds,
    equal,
    sent,
    duplicates,
    ...(error === undefined ? {} : { error }),
  }
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}

async function shares(count: number, ...flags: readonly string[]): Promise<Started[]> {
  const started: Started[] = []
  for (let i = 0; i < count; i++) started.push(await shoal.share(path, true, ...flags))
  return started
}

/** The same honest peers, alone and beside hostile ones, in turn. */
async function compare(
  bench: string,
  hows: readonly string[],
  honestCount: number,
  mark: number,
): Promise<void> {
  const honest = await shares(honestCount)
  const ratios: number[] = []
  const [clean, beside]: [Outcome[], Outcome[]] = [[], []]
  for (let i = 0; i < rounds; i++) {
    clean.push(await fetchFrom(honest, []))
    beside.push(await fetchFrom(honest, hows))
    ratios.push((beside[i]?.seconds ?? Infinity) / (clean[i]?.seconds ?? Infinity))
  }
  for (const { share } of honest) await share.stop()
  const liars = beside.flatMap(({ sent }) => sent)
  const time = median(ratios)
  print({
    bench,
    mib,
    rounds,
    honest: honestCount,
    hostile: hows.length,
    timeToClean: Number.isFinite(time) ? round(time) : null,
    mark,
    cleanSeconds: clean.map(({ seconds }) => round(seconds ?? 0)),
    seconds: beside.map(({ seconds }) => (seconds === undefined ? null : round(seconds))),
    equal: beside.every(({ equal }) => equal),
    hostileAsked: liars.filter(({ blocks }) => blocks > 0).length / rounds,
    mostBadBlocksOfOne: Math.max(...liars.map(({ badBlocks }) => badBlocks), 0),
    duplicates: beside.map(({ duplicates }) => round(duplicates)),
    cleanDuplicates: clean.map(({ duplicates }) => round(duplicates)),
    ...(beside.some(({ error }) => error !== undefined)
      ? { errors: beside.map(({ error }) => error ?? null) }
      : {}),
  })
}

/** One limited seeder, and receivers that know nobody else and serve what they have. */
async function seeding(): Promise<void> {
  const absent = [...(has('share', '--up') ? [] : ['--up']), ...(has('fetch', '--seed') ? [] : ['--seed'])]
  if (absent.length > 0) {
    print({ bench: 'one limited seeder', absent })
    return
  }
  for (let i = 0; i < rounds; i++) {
    const [seeder] = (await shares(1, '--up', UP.flag)) as [Started]
    warmMemory(1)
    const started = performance.now()
    const receivers = Array.from({ length: RECEIVERS }, () =>
      shoal.startFetch(seeder.root, '--seed', ...peers([seeder.address])),
    )
    const ends = await Promise.all(
      receivers.map(async (receiver) => {
        const { path: result } = await receiver.event('done')
        return { seconds: (performance.now() - started) / 1_000, path: String(result) }
      }),
    )
    await delay(1_500)
    const copies = servedBy([seeder.share]) / (mib * MIB)
    const helped = servedBy(receivers) / (mib * MIB)
    for (const each of [...receivers, seeder.share]) await each.stop()
    const digests = await Promise.all(ends.map((end) => digestOf(end.path)))
    for (const end of ends) rmSync(end.path)
    const last = Math.max(...ends.map(({ seconds }) => seconds))
    print({
      bench: 'one limited seeder',
      mib,
      up: UP.flag,
      receivers: RECEIVERS,
      seederCopies: round(copies),
      mark: 1.2,
      receiverCopies: round(helped),
      lastSeconds: round(last),
      lastToOneCopy: round(last / ((mib * MIB) / UP.bytesPerSecond)),
      equal: digests.every((digest) => digest === expected),
    })
  }
}

print({ bench: 'about', node: process.version, platform: `${process.platform} ${process.arch}`, mib, rounds })
if (isAsked('lies')) await compare('7 of 8 lie', LIARS, 1, 1.5)
if (isAsked('stalls')) {
  const share = Math.floor((mib / PROVIDERS) * 0.99)
  await compare(
    '6 of 8 stall at 99 % of their share',
    Array<string>(STALLING).fill(`stalls-at=${share}`),
    PROVIDERS - STALLING,
    1.2,
  )
}
if (isAsked('slow')) {
  for (const count of isQuick ? [1, 7] : [1, 2, 3, 4, 5, 6, 7]) {
    await compare(
      `${count} of 8 at 10 kB/s`,
      Array<string>(count).fill(`slow=${SLOW_BYTES_PER_SECOND}`),
      PROVIDERS - count,
      1.1,
    )
  }
}
if (isAsked('seeding')) await seeding()
