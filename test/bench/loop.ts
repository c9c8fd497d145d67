/**
 * How late the event loops of both sides are at ordinary heavy work, as JSON lines in milliseconds: one shares 1 GiB, the other
 * fetches it at full speed, and each of the machine's cores hashes besides with `--busy`. Nothing of it may shed load.
 * Usage: `npx node test/bench/loop.ts [--quick] [--busy]`.
 */
import { randomFillSync } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LOOP_LIMITS } from '../../packages/node/src/network/limits.ts'
import { LOOPBACK_FLAGS, SHOAL, Watched, warmMemory } from './processes.ts'
import { print, round } from './report.ts'

const MIB = 1_048_576
const SIZE_MIB = process.argv.includes('--quick') ? 128 : 1_024
const BUSY =
  'const { createHash } = require("node:crypto"); const b = Buffer.alloc(1e6); for (;;) createHash("sha256").update(b).digest()'
const PROBE = new URL('./loop-probe.ts', import.meta.url).href

const work = mkdtempSync(join(tmpdir(), 'shoal-bench-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

function run(name: string, args: readonly string[], env: Record<string, string> = {}): Watched {
  return new Watched(SHOAL, [...args, '--json', '--home', join(work, name), ...LOOPBACK_FLAGS], {
    ...env,
    NODE_OPTIONS: `--import=${PROBE}`,
    SHOAL_LOOP_PROBE: join(work, `${name}.json`),
  })
}

function report(name: string, more: Record<string, number>): void {
  const facts = JSON.parse(readFileSync(join(work, `${name}.json`), 'utf8')) as Record<string, number>
  const rounded = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, round(value)]))
  const sheds = (facts['maxMedian'] ?? Infinity) > LOOP_LIMITS.shedAboveMs
  print({ bench: `event loop, ${name}`, mib: SIZE_MIB, ...more, ...rounded, sheds })
}

const path = join(work, 'file')
const file = openSync(path, 'w')
const block = Buffer.alloc(MIB)
for (let i = 0; i < SIZE_MIB; i++) writeSync(file, randomFillSync(block))
closeSync(file)
warmMemory(1)
const hashing = process.argv.includes('--busy') ? availableParallelism() : 0
const workers = Array.from({ length: hashing }, () => new Worker(BUSY, { eval: true }))

const share = run('share', ['share', path])
const { link } = await share.event('ready')
const readySeconds = (performance.now() - share.startedMs) / 1_000
const fetch = run('fetch', ['fetch', '-', '-o', join(work, 'out')], { SHOAL_LINK: String(link) })
const done = await fetch.event('done')
await fetch.exited
await share.stop()
for (const worker of workers) await worker.terminate()
print({ bench: 'about', node: process.version, cores: availableParallelism(), hashing })
report('share', { seconds: round(readySeconds) })
report('fetch', { seconds: round(Number(done['transferSeconds'])) })
