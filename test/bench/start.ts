/**
 * What a long index costs: how soon a node is ready that has shared 100,000 files before, and how soon a command that finds
 * it running answers, side by side with a node that has shared one, as JSON lines. Usage: `npx node test/bench/start.ts [--quick]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeRecord, encodeRecord } from '../../packages/node/src/store/share-record.ts'
import { LOOPBACK_FLAGS, SHOAL, Watched } from './processes.ts'
import { median, print, round } from './report.ts'

const isQuick = process.argv.includes('--quick')
const SHARES = isQuick ? 1_000 : 100_000
const ROUNDS = isQuick ? 3 : 15
/** Seconds. */
const MARKS = { ready: 0.3, attached: 0.25 }
const NODE = fileURLToPath(new URL('./start-program.ts', import.meta.url))

const work = mkdtempSync(join(tmpdir(), 'shoal-bench-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

/** A home with so many shares, of which one is of a file that is there. */
async function makeHome(name: string, shares: number): Promise<string> {
  const home = join(work, name)
  const path = join(work, `${name}.txt`)
  writeFileSync(path, name)
  const share = new Watched(SHOAL, ['share', path, '--json', '--home', home, ...LOOPBACK_FLAGS])
  await share.event('ready')
  await share.stop()
  const folder = join(home, 'shares')
  const [first = ''] = readdirSync(folder)
  const record = decodeRecord(readFileSync(join(folder, first)))
  for (let i = 1; i < shares; i++) {
    const id = i.toString(16).padStart(32, '0')
    writeFileSync(join(folder, id), encodeRecord({ ...record, paths: [join(work, 'gone', String(i))] }))
  }
  if (shares > 1)
    for (const file of readdirSync(home)) if (file.startsWith('index.db')) rmSync(join(home, file))
  return home
}

/** Seconds until a node is ready: from the call of `createNode`, and from the start of the process with all that it loads. */
async function startNode(home: string): Promise<{ seconds: number; inAll: number }> {
  const node = new Watched(NODE, [home])
  const ready = await node.event('ready')
  await node.exited
  return { seconds: Number(ready['seconds']), inAll: Number(ready['inAll']) }
}

/** Seconds from the start of a command until it says that a path is shared, by the node that runs already. */
async function attach(home: string, path: string): Promise<number> {
  const command = new Watched(SHOAL, ['share', path, '--json', '--home', home, ...LOOPBACK_FLAGS])
  await command.event('ready')
  const seconds = (performance.now() - command.startedMs) / 1_000
  await command.stop()
  return seconds
}

const homes = { one: await makeHome('one', 1), many: await makeHome('many', SHARES) }
spawnSync('sync')
print({ bench: 'about', node: process.version, shares: SHARES, rounds: ROUNDS })
print({ bench: 'index made anew from the records', seconds: round((await startNode(homes.many)).seconds) })

const ready: Record<keyof typeof homes, number[]> = { one: [], many: [] }
const inAll: number[] = []
for (let i = 0; i < ROUNDS; i++) {
  ready.one.push((await startNode(homes.one)).seconds)
  const many = await startNode(homes.many)
  ready.many.push(many.seconds)
  inAll.push(many.inAll)
}
print({
  bench: 'ready after createNode',
  seconds: round(median(ready.many)),
  worst: round(Math.max(...ready.many)),
  secondsWithOneShare: round(median(ready.one)),
  secondsOfProcess: round(median(inAll)),
  reachesMark: median(ready.many) <= MARKS.ready,
})

const attached: Record<keyof typeof homes, number[]> = { one: [], many: [] }
mkdirSync(join(work, 'more'))
for (const name of ['one', 'many'] as const) {
  const first = join(work, `${name}.txt`)
  const running = new Watched(SHOAL, ['share', first, '--json', '--home', homes[name], ...LOOPBACK_FLAGS])
  await running.event('ready')
  for (let i = 0; i < ROUNDS; i++) {
    const path = join(work, 'more', `${name}-${i}`)
    writeFileSync(path, path)
    attached[name].push(await attach(homes[name], path))
  }
  await running.stop()
}
print({
  bench: 'a command that attaches',
  seconds: round(median(attached.many)),
  worst: round(Math.max(...attached.many)),
  secondsWithOneShare: round(median(attached.one)),
  reachesMark: median(attached.many) < MARKS.attached,
})
