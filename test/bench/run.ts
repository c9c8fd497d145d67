/**
 * What sharing and fetching costs, side by side with its yardsticks in one run, as JSON lines. Runs of the two sides
 * of a ratio alternate, because the speed of a shared machine drifts. Usage: `npm run bench [-- --quick]`.
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Commands } from './commands.ts'
import { Watched, warmMemory } from './processes.ts'
import { median, print, round } from './report.ts'

const MIB = 1_048_576
const GIB = 1_073_741_824
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 1 : 3
const RAW = fileURLToPath(new URL('./raw-stream.ts', import.meta.url))

const work = mkdtempSync(join(tmpdir(), 'shoal-bench-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const shoal = new Commands(work)

/** A file of pseudo-random bytes, quickly made: one random MiB with a counter in front of each copy. */
function makeFile(name: string, bytes: number): string {
  const path = join(work, name)
  const file = openSync(path, 'w')
  const block = Buffer.alloc(MIB)
  for (let at = 0; at < MIB; at += 32) createHash('sha256').update(String(at)).digest().copy(block, at)
  for (let at = 0; at < bytes; at += MIB) {
    block.writeDoubleLE(at)
    writeSync(file, block, 0, Math.min(MIB, bytes - at))
  }
  closeSync(file)
  return path
}

/** sha-256 of a file on one core: the floor of any content addressing. */
async function hashAlone(path: string): Promise<{ seconds: number; cpuSeconds: number; digest: string }> {
  const before = process.cpuUsage()
  const started = performance.now()
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - started) / 1_000, cpuSeconds: (user + system) / 1e6, digest }
}

async function rawStream(bytes: number): Promise<{ seconds: number; cpu: [number, number] }> {
  const server = new Watched(RAW, ['server'])
  const { address } = await server.event('ready')
  const before = server.cost.cpuSeconds
  const client = new Watched(RAW, ['client', String(address), String(bytes)])
  const done = await client.event('done')
  await client.exited
  const cpu: [number, number] = [server.cost.cpuSeconds - before, client.cost.cpuSeconds]
  await server.stop()
  return { seconds: Number(done['seconds']), cpu }
}

async function sharing(path: string, gib: number): Promise<void> {
  for (const isPublic of [false, true]) {
    const ratios: number[] = []
    const shares: { seconds: number; cpuSeconds: number }[] = []
    for (let i = 0; i < rounds; i++) {
      warmMemory(1)
      const hash = await hashAlone(path)
      const { share, readySeconds } = await shoal.share(path, isPublic)
      const { cpuSeconds } = share.cost
      await share.stop()
      shares.push({ seconds: readySeconds, cpuSeconds })
      ratios.push(cpuSeconds / hash.cpuSeconds)
    }
    print({
      bench: 'share',
      form: isPublic ? 'public' : 'sealed',
      gib,
      wallSecondsPerGib: round(median(shares.map((s) => s.seconds)) / gib),
      cpuSecondsPerGib: round(median(shares.map((s) => s.cpuSeconds)) / gib),
      cpuToSha256: round(median(ratios)),
      includes: 'process start',
    })
  }
}

async function fetching(path: string, gib: number): Promise<void> {
  const { digest } = await hashAlone(path)
  for (const isPublic of [false, true]) {
    const { share, link } = await shoal.share(path, isPublic)
    const ratios: number[] = []
    const seen: { raw: number; fetch: number; start: number; fetchCpu: number; shareCpu: number }[] = []
    for (let i = 0; i < rounds; i++) {
      warmMemory(gib * 3)
      const raw = await rawStream(gib * GIB)
      warmMemory(gib * 3)
      const before = share.cost.cpuSeconds
      const fetched = await shoal.fetch(link)
      const shareCpu = share.cost.cpuSeconds - before
      if ((await hashAlone(fetched.path)).digest !== digest) throw new Error('what was fetched differs')
      rmSync(fetched.path)
      ratios.push(raw.seconds / fetched.transferSeconds)
      const start = fetched.wallSeconds - fetched.transferSeconds
      seen.push({
        raw: raw.seconds,
        fetch: fetched.transferSeconds,
        start,
        fetchCpu: fetched.cost.cpuSeconds,
        shareCpu,
      })
    }
    await share.stop()
    print({
      bench: 'fetch',
      form: isPublic ? 'public' : 'sealed',
      gib,
      rounds,
      speedToRawStream: round(median(ratios)),
      fetchSeconds: round(median(seen.map((s) => s.fetch))),
      rawSeconds: round(median(seen.map((s) => s.raw))),
      startAndEndSeconds: round(median(seen.map((s) => s.start))),
      fetchCpuSecondsPerGib: round(median(seen.map((s) => s.fetchCpu)) / gib),
      shareCpuSecondsPerGib: round(median(seen.map((s) => s.shareCpu)) / gib),
      equal: true,
    })
  }
}

async function memory(sizes: readonly number[]): Promise<void> {
  for (const isPublic of [false, true]) {
    const peaks: Record<string, [number, number]> = {}
    for (const gib of sizes) {
      const path = makeFile(`memory-${gib}`, gib * GIB)
      const { share, link } = await shoal.share(path, isPublic)
      const fetched = await shoal.fetch(link)
      peaks[`${gib} GiB`] = [round(share.cost.peakMiB), round(fetched.cost.peakMiB)]
      await share.stop()
      rmSync(fetched.path)
      rmSync(path)
    }
    const [first, last] = [Object.values(peaks).at(0), Object.values(peaks).at(-1)]
    print({
      bench: 'peak memory in MiB',
      form: isPublic ? 'public' : 'sealed',
      shareAndFetch: peaks,
      growth: [round((last?.[0] ?? 0) - (first?.[0] ?? 0)), round((last?.[1] ?? 0) - (first?.[1] ?? 0))],
    })
  }
}

async function small(): Promise<void> {
  const path = makeFile('small', 10_000)
  const { share, link } = await shoal.share(path, false)
  const walls: number[] = []
  for (let i = 0; i < rounds; i++) {
    const fetched = await shoal.fetch(link)
    walls.push(fetched.wallSeconds)
    rmSync(fetched.path)
  }
  await share.stop()
  print({
    bench: '10 kB, command to done',
    wallSeconds: round(median(walls)),
    worst: round(Math.max(...walls)),
  })
}

print({ bench: 'about', node: process.version, platform: `${process.platform} ${process.arch}`, rounds })
const gib = isQuick ? 0.25 : 1
const path = makeFile('content', gib * GIB)
await small()
await sharing(path, gib)
await fetching(path, gib)
rmSync(path)
await memory(isQuick ? [0.25, 1] : [1, 4])
