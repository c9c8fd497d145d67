/**
 * What a catalogue costs: batches applied (read, Ed25519 verified, folded, on the disk), in batches of 64 and one by one,
 * then with 100,000 entries how soon it opens and answers, and how much memory that takes. Each figure is the median of
 * three rounds, `cpu` the same by the time that this thread had a core, since machines are shared. JSON lines. Usage: `node test/bench/spaces.ts [--quick]`.
 */
import { spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { CatalogueAuth } from '../../packages/node/src/spaces/catalogue/auth.ts'
import { decodeBatch, encodeBatch } from '../../packages/node/src/spaces/catalogue/batch.ts'
import type { Operation } from '../../packages/node/src/spaces/catalogue/operations.ts'
import { Ed25519Verifier } from '../../packages/node/src/spaces/catalogue/verifier.ts'
import { SpaceReader } from '../../packages/node/src/spaces/storage/space-reader.ts'
import { SpaceStore, type Opened } from '../../packages/node/src/spaces/storage/space-store.ts'
import { median, print, round } from './report.ts'

const { values } = parseArgs({
  // A database that is asked, in a process of its own.
  options: { quick: { type: 'boolean', default: false }, ask: { type: 'string' } },
})
const ROUNDS = values.quick ? 1 : 3
const ENTRIES = values.quick ? 10_000 : 100_000
const OPERATIONS = values.quick ? 6_400 : 64_000
const SINGLES = values.quick ? 2_000 : 10_000
const BATCH = 64
/** Batches that arrive together share a transaction: as many as come in one exchange. */
const TOGETHER = 64
const MIB = 1_048_576

const SPACE = digest('space')
const WORDS = `holiday summer winter report invoice draft final photo family garden house music concert
  recipe travel ticket scan letter contract budget meeting notes slides project plan design sketch`.split(
  /\s+/,
)
const KINDS = ['image/jpeg', 'application/pdf', 'text/plain', 'video/mp4']

const auth: CatalogueAuth = { judge: () => 'ok', takeChanged: () => [], revision: () => '' }

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest())
}

/** The same names in each run: word salad in years and months, as people's folders are. */
function putNumber(i: number): Operation {
  const hash = digest(`entry ${i}`)
  const word = (at: number): string => WORDS[(hash[at] as number) % WORDS.length] as string
  const path = `${word(0)}/${2_000 + ((hash[1] as number) % 26)}/${word(2)} ${word(3)} ${i}.${['jpg', 'pdf', 'txt', 'mp4'][i % 4]}`
  return {
    kind: 'put',
    path,
    content: {
      root: Uint8Array.from([1, 0x71, 0x12, 0x20, ...hash]),
      inner: '',
      wrappedKey: new Uint8Array(60),
      epoch: hash,
      bytes: i,
      type: KINDS[i % KINDS.length] as string,
      modifiedMs: 1_700_000_000_000 + i,
    },
  }
}

/** A chain of batches, each of `size` operations. */
function chain(operations: number, size: number): Uint8Array[] {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url'))
  const frames: Uint8Array[] = []
  let parents: Uint8Array[] = []
  for (let i = 0; i < operations; i += size) {
    const frame = encodeBatch(
      {
        space: SPACE,
        author: key,
        lamport: frames.length + 1,
        parents,
        authHeads: [],
        operations: Array.from({ length: Math.min(size, operations - i) }, (_, j) => putNumber(i + j)),
      },
      (signed) => new Uint8Array(sign(null, signed, privateKey)),
    )
    frames.push(frame)
    parents = [decodeBatch(frame).id]
  }
  return frames
}

function open(file: string): SpaceStore {
  return new SpaceStore({ file, space: SPACE, auth, verifier: new Ed25519Verifier() })
}

/** Milliseconds for which this thread had a core since then. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since)
  return (user + system) / 1_000
}

/** On this thread alone, and with the signatures on the threads of the pool. */
async function apply(
  file: string,
  frames: readonly Uint8Array[],
  isAside: boolean,
): Promise<[number, number]> {
  const store = open(file)
  const verifier = new Ed25519Verifier()
  const start = performance.now()
  const cpu = process.threadCpuUsage()
  for (let i = 0; i < frames.length; i += TOGETHER) {
    const some = frames.slice(i, i + TOGETHER)
    if (!isAside) store.receive(some)
    else {
      const opened = await Promise.all(
        some.map(async (frame): Promise<Opened> => {
          const read = store.read(frame)
          if ('reason' in read) return read
          const { author, signed, signature } = read.batch
          return (await verifier.verifyAside(author, signed, signature)) ? read : { reason: 'false' }
        }),
      )
      store.take(opened)
    }
  }
  const seconds = (performance.now() - start) / 1_000
  const cpuSeconds = cpuMs(cpu) / 1_000
  store.close()
  return [seconds, cpuSeconds]
}

async function throughput(folder: string, what: string, operations: number, size: number): Promise<void> {
  const frames = chain(operations, size)
  for (const isAside of [false, true]) {
    const rates: number[] = []
    const cpuRates: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const file = join(folder, `${what}-${isAside}-${i}.db`)
      const [seconds, cpuSeconds] = await apply(file, frames, isAside)
      rates.push(operations / seconds)
      cpuRates.push(operations / cpuSeconds)
    }
    const verified = isAside ? 'on the pool' : 'on the same thread'
    print({
      bench: 'spaces',
      what,
      verified,
      operationsPerSecond: Math.round(median(rates)),
      cpu: Math.round(median(cpuRates)),
    })
  }
  const verifier = new Ed25519Verifier()
  const cpu = process.threadCpuUsage()
  for (const frame of frames) {
    const { author, signed, signature } = decodeBatch(frame)
    verifier.verify(author, signed, signature)
  }
  const alone = operations / (cpuMs(cpu) / 1_000)
  print({ bench: 'spaces', what, alone: 'reading and signatures', cpu: Math.round(alone) })
}

const QUERIES = [
  (i: number) => WORDS[i % WORDS.length] as string,
  (i: number) => `${WORDS[i % WORDS.length]} ${WORDS[(i * 7) % WORDS.length]}`,
  (i: number) => (WORDS[i % WORDS.length] as string).slice(0, 1 + (i % 4)),
  (i: number) => `"${WORDS[i % WORDS.length]} ${WORDS[(i * 3) % WORDS.length]}"`,
  (i: number) => `type:image ${WORDS[i % WORDS.length]}`,
  (i: number) => `*${(WORDS[i % WORDS.length] as string).slice(1, 5)}*`,
  (i: number) => `${i * 7}`,
  (i: number) => `nothing${i}`,
  (i: number) => `tag:red ${WORDS[i % WORDS.length]}`,
  () => '',
]

function fill(file: string): void {
  const store = open(file)
  const frames = chain(ENTRIES, BATCH)
  for (let i = 0; i < frames.length; i += TOGETHER) store.receive(frames.slice(i, i + TOGETHER))
  store.close()
}

/** In a process that did nothing else: what it holds is what a space costs. */
function questions(file: string): void {
  const before = process.memoryUsage.rss()
  const started = performance.now()
  const again = open(file)
  const reader = new SpaceReader(file)
  const listed = reader.ls('', { limit: 100 }).items.length
  const openMs = performance.now() - started
  const times: number[] = []
  const cpuTimes: number[] = []
  const slow: { query: string; ms: number }[] = []
  for (let i = 0; i < (values.quick ? 200 : 2_000); i++) {
    const query = (QUERIES[i % QUERIES.length] as (i: number) => string)(i)
    const cpu = process.threadCpuUsage()
    const start = performance.now()
    reader.search(query, { limit: 50 })
    cpuTimes.push(cpuMs(cpu))
    const ms = performance.now() - start
    times.push(ms)
    slow.push({ query, ms: round(ms) })
  }
  const p = (of: number, all = times): number =>
    round(all.toSorted((a, b) => a - b)[Math.floor(all.length * of)] as number)
  print({
    bench: 'spaces',
    what: 'search',
    entries: ENTRIES,
    queries: times.length,
    p50Ms: p(0.5),
    p99Ms: p(0.99),
    cpuP99Ms: p(0.99, cpuTimes),
    slowest: slow.toSorted((a, b) => b.ms - a.ms).slice(0, 3),
  })
  const start = performance.now()
  const hash = again.stateHash()
  print({ bench: 'spaces', what: 'state hash', ms: round(performance.now() - start), hash: hash.slice(0, 8) })
  print({
    bench: 'spaces',
    what: 'open and list',
    entries: ENTRIES,
    listed,
    ms: round(openMs),
    rssMiB: round(process.memoryUsage.rss() / MIB),
    rssBeforeMiB: round(before / MIB),
    databaseMiB: round(statSync(file).size / MIB),
  })
  reader.close()
  again.close()
}

if (values.ask === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-bench-'))
  try {
    await throughput(folder, `batches of ${BATCH}`, OPERATIONS, BATCH)
    await throughput(folder, 'single operations', SINGLES, 1)
    const file = join(folder, 'large.db')
    fill(file)
    const asking = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--ask', file]
    spawnSync(process.execPath, asking, { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
} else questions(values.ask)
