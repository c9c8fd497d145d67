/** The main job on a real size: 1 GiB between two processes, private and public, on whatever Node runs the tests. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { SHOAL, Watched } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'

const MIB = 1_048_576
const MIBS = 1_024
const LOOPBACK = ['--network', 'private', '--listen', '/ip4/127.0.0.1/tcp/0', '--json']

let work: string
let source: string
let digest: string

/** A file in which no two MiB are alike, so that a block at a wrong place is seen. */
function* content(): Generator<Buffer> {
  const piece = randomBytes(MIB)
  for (let i = 0; i < MIBS; i++) {
    piece.writeUInt32BE(i)
    yield Buffer.from(piece)
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: MIB }), hash)
  return hash.digest('hex')
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'shoal-gigabyte-'))
  source = join(work, 'holiday.iso')
  await pipeline(content, createWriteStream(source))
  digest = await sha256(source)
  return () => rm(work, { recursive: true, force: true })
}, 120_000)

test.each([
  ['sealed', []],
  ['public', ['--public']],
])('1 GiB travels between two processes and is equal: %s', { timeout: 300_000 }, async (_form, flags) => {
  const folder = await temporaryFolder()
  const share = new Watched(SHOAL, ['share', source, ...flags, '--home', join(folder, 'alice'), ...LOOPBACK])
  onTestFinished(() => share.stop())
  const { link } = await share.event('ready')
  const out = join(folder, 'out')
  const fetch = new Watched(SHOAL, ['fetch', '-', '-o', out, '--home', join(folder, 'bob'), ...LOOPBACK], {
    SHOAL_LINK: String(link),
  })
  onTestFinished(() => fetch.stop())
  expect(await fetch.event('done')).toMatchObject({
    bytes: MIBS * MIB,
    path: join(out, 'holiday.iso'),
    bytesReused: 0,
  })
  expect(await fetch.exited).toBe(0)
  expect(await sha256(join(out, 'holiday.iso'))).toBe(digest)
})
