/**
 * A space, to watch: three homes on this machine, each with Shoal in the background. One founds a space and lets the others in;
 * what each puts in and changes comes to all, also what was done apart; who is removed gets nothing new. Usage: `npm run demo`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { LOOPBACK_FLAGS, SHOAL } from '../bench/processes.ts'

type Json = Readonly<Record<string, unknown>>

const WAIT_MS = 60_000
const POLL_MS = 200
const NAMES = ['anna', 'ben', 'carla'] as const
type Name = (typeof NAMES)[number]

const work = mkdtempSync(join(tmpdir(), 'shoal-demo-'))
process.on('exit', () => {
  for (const name of NAMES) spawnSync(process.execPath, [SHOAL, 'daemon', 'stop', '--home', join(work, name)])
  rmSync(work, { recursive: true, force: true })
})

const say = (text = ''): void => console.log(text)
const flags = (name: Name): string[] => ['--json', '--home', join(work, name), ...LOOPBACK_FLAGS]

function lines(text: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json)
}

/** A command that has to succeed, as lines of JSON. */
function ask(name: Name, ...words: readonly string[]): Json[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SHOAL, ...words, ...flags(name)], {
    cwd: work,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name}: shoal ${words.join(' ')}: ${stdout}${stderr}`)
  return lines(stdout)
}

/** The same, shown. */
function run(name: Name, ...words: readonly string[]): Json[] {
  say(`${name}$ shoal ${words.join(' ').slice(0, 90)}`)
  return ask(name, ...words)
}

/** Paths in the space, once they are as wanted. */
async function sees(name: Name, isThere: (entries: readonly Json[]) => boolean): Promise<void> {
  const endMs = performance.now() + WAIT_MS
  for (;;) {
    const entries = ask(name, 'space', 'ls', 'studio')
    if (isThere(entries)) {
      say(`  ${name} sees ${entries.map(({ path }) => String(path)).join(', ')}`)
      return
    }
    if (performance.now() > endMs) throw new Error(`${name} does not see it: ${JSON.stringify(entries)}`)
    await later(POLL_MS)
  }
}

const has =
  (...paths: readonly string[]) =>
  (entries: readonly Json[]): boolean =>
    paths.every((path) => entries.some((entry) => entry['path'] === path))

/** One joins, and anna lets it in once both have the same digits. */
async function letIn(name: Name, link: string): Promise<void> {
  say(`${name}$ shoal space join '${link.slice(0, 28)}…'`)
  const child = spawn(process.execPath, [SHOAL, 'space', 'join', '-', ...flags(name)], { cwd: work })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  child.stdin.end(`${link}\n`)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const shown = (): unknown =>
    lines(text.slice(0, text.lastIndexOf('\n') + 1)).find(({ code }) => typeof code === 'string')?.['code']
  const endMs = performance.now() + WAIT_MS
  while (shown() === undefined && performance.now() < endMs) await later(POLL_MS)
  const [request] = ask('anna', 'space', 'approve', 'studio')
  say(`  ${name} shows ${String(shown())}, anna ${String(request?.['code'])}`)
  if (request === undefined || request['code'] !== shown()) throw new Error('the codes differ')
  run('anna', 'space', 'approve', 'studio', String(request['id']))
  if ((await ended) !== 0) throw new Error(`${name} did not get in: ${text}`)
}

mkdirSync(join(work, 'clips'))
writeFileSync(join(work, 'clips', 'sea.txt'), 'waves\n')
writeFileSync(join(work, 'clips', 'sun.txt'), 'light\n')
for (const name of NAMES) ask(name, 'daemon', 'start')

say('--- a space ---')
run('anna', 'space', 'create', 'studio')
run('anna', 'space', 'add', 'studio', 'clips', '--tag', 'raw')
const [invited] = run('anna', 'space', 'invite', 'studio', '--uses', '2')
for (const name of ['ben', 'carla'] as const) await letIn(name, String(invited?.['link']))
for (const name of ['ben', 'carla'] as const) await sees(name, has('clips/sea.txt', 'clips/sun.txt'))
const found = run('ben', 'space', 'search', 'studio', 'sea')
say(`  ${found.length} found`)

say('ben is away; both go on')
ask('ben', 'daemon', 'stop')
run('anna', 'space', 'mv', 'studio', 'clips/sun.txt', 'clips/noon.txt')
ask('anna', 'daemon', 'stop')
ask('ben', 'daemon', 'start')
run('ben', 'space', 'note', 'studio', 'clips/sun.txt', 'the best one')
ask('anna', 'daemon', 'start')
await sees('ben', has('clips/noon.txt'))
await sees('anna', (entries) => entries.length === 2)
const endMs = performance.now() + WAIT_MS
while (ask('anna', 'space', 'search', 'studio', 'best').length === 0) {
  if (performance.now() > endMs) throw new Error('the note is not there')
  await later(POLL_MS)
}
say('  both changes are there')

run('ben', 'space', 'get', 'studio', 'clips/noon.txt', '-o', 'out')
const got = readFileSync(join(work, 'out', 'clips', 'sun.txt'), 'utf8')
if (got !== 'light\n') throw new Error('what was got differs from what was put in')

const carla = ask('carla', 'space', 'members', 'studio').find(({ self }) => self === true)
run('anna', 'space', 'remove', 'studio', String(carla?.['id']).slice(0, 12))
writeFileSync(join(work, 'secret.txt'), 'for us two\n')
run('anna', 'space', 'add', 'studio', 'secret.txt')
await sees('ben', has('secret.txt'))
// The member that stayed has a session after that, and so would she.
run('ben', 'space', 'tag', 'studio', 'secret.txt', '--tag', 'ours')
await sees('anna', (entries) => entries.some(({ tags }) => (tags as string[]).includes('ours')))
if (has('secret.txt')(ask('carla', 'space', 'ls', 'studio')))
  throw new Error('who was removed sees what came later')
say('  carla sees nothing of it')
