/**
 * The main job, to watch: one process shares a folder, another fetches it by its link, both on this machine. Each
 * has a home of its own, so they are two devices that know nothing of each other. The link has no address in it: both
 * know a third device, and find each other through the DHT. Usage: `npm run demo`.
 */
import { createHash } from 'node:crypto'
import {
  cpSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SHOAL, Watched } from '../bench/processes.ts'

const VIDEO_BYTES = 96_000_000
const LOOPBACK = ['--network', 'private', '--listen', '/ip4/127.0.0.1/tcp/0']
const repository = fileURLToPath(new URL('../..', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'shoal-demo-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

const say = (text = ''): void => console.log(text)
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** A folder worth sending: this repository's documents, a large file, an empty one and an empty folder. */
function makeHoliday(): string {
  const folder = join(work, 'Holiday')
  mkdirSync(join(folder, 'empty folder'), { recursive: true })
  cpSync(join(repository, 'docs'), join(folder, 'docs'), { recursive: true })
  writeFileSync(join(folder, 'empty file'), '')
  writeFileSync(join(folder, 'Ünïcödé 🐟.txt'), 'a name in more than one script\n')
  const video = Buffer.alloc(VIDEO_BYTES)
  for (let at = 0; at < VIDEO_BYTES; at += 32)
    createHash('sha256').update(String(at)).digest().copy(video, at)
  writeFileSync(join(folder, 'clip.mov'), video)
  return folder
}

/** sha-256 of every file below a folder, and what else is there. */
async function fingerprint(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const item of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name)
    if (!item.isFile()) {
      found.set(relative(folder, path), 'folder')
      continue
    }
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    found.set(relative(folder, path), `${hash.digest('hex')} ${Math.floor(statSync(path).mtimeMs)}`)
  }
  return found
}

const holiday = makeHoliday()
const before = await fingerprint(holiday)

/** Any device that runs Shoal will do for others to join the network through. */
const note = join(work, 'note.txt')
writeFileSync(note, 'hello\n')
const carol = new Watched(SHOAL, ['share', note, '--json', '--home', join(work, 'carol'), ...LOOPBACK])
const [meetingPoint = ''] = (await carol.event('ready'))['addresses'] as string[]
const network = [...LOOPBACK, '--bootstrap', meetingPoint]
say('carol runs Shoal; alice and bob know her address, and nothing of each other')
say()

for (const form of ['private link', 'public'] as const) {
  say(`--- ${form} ---`)
  const flags = form === 'public' ? ['--public'] : []
  say(`alice$ shoal share Holiday ${flags.join(' ')}`)
  const home = (name: string): string[] => ['--home', join(work, `${form} ${name}`.replaceAll(' ', '-'))]
  const share = new Watched(SHOAL, ['share', holiday, ...flags, '--json', ...home('alice'), ...network])
  const ready = await share.event('ready')
  // Without its hints: no address, no device.
  const [link = ''] = String(ready['link']).split('.')
  say(`  ${link}`)
  say(`  ${String(ready['files'])} files, ${megabytes(Number(ready['bytes']))}, nothing was copied`)

  const out = join(work, `out ${form}`)
  say(`bob$   shoal fetch '${link.slice(0, 24)}…' -o out`)
  const fetching = new Watched(SHOAL, ['fetch', '-', '-o', out, '--json', ...home('bob'), ...network], {
    SHOAL_LINK: link,
  })
  const done = await fetching.event('done')
  const { peakMiB } = fetching.cost
  await fetching.exited
  const seconds = Number(done['transferSeconds'])
  say(
    `  ${megabytes(Number(done['bytes']))} in ${seconds.toFixed(2)} s (${megabytes(Number(done['bytes']) / seconds)}/s), every byte checked`,
  )
  if (peakMiB > 0)
    say(`  peak memory: sender ${share.cost.peakMiB.toFixed(0)} MiB, receiver ${peakMiB.toFixed(0)} MiB`)
  await share.stop()

  const after = await fingerprint(String(done['path']))
  // A public share carries no times: only names and bytes are compared.
  const facts = (all: Map<string, string>): string =>
    [...all]
      .map(([path, fact]) => `${path}: ${form === 'public' ? fact.split(' ')[0] : fact}`)
      .toSorted()
      .join('\n')
  if (facts(before) !== facts(after)) throw new Error('what arrived differs from what was sent')
  say(`  ${after.size} files and folders compared: equal`)
  say()
}
await carol.stop()
