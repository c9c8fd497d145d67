import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { WarningEvent } from '../../src/events.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import type { FileFacts } from '../../src/store/disk.ts'
import type { WalkedEntry } from '../../src/store/walk-facts.ts'
import { ListService } from '../../src/transfer/list-service.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { partsWith, sealWalked } from '../helpers/providers.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

const FACTS: FileFacts = { kind: 'file', size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n, executable: false }

/** A service on its own with one sealed share of empty files under `paths`, in order. */
async function serviceWith(paths: readonly string[]) {
  const folder = await temporaryFolder()
  await writeTree(folder, { empty: Buffer.alloc(0) })
  const entries = paths.map((path): WalkedEntry => {
    return {
      path,
      kind: 'file',
      size: 0,
      mtimeMs: 1,
      executable: false,
      source: join(folder, 'empty'),
      below: '',
      facts: FACTS,
    }
  })
  const { source, link } = await sealWalked({ kind: 'folder', entries }, workers)
  const { parts, channels } = partsWith(source, workers)
  return { service: new ListService(parts), link, channels }
}

test('names that a fetch would refuse are listed, each after a warning', async () => {
  const hostile = ['../up', '..', 'a\\b', 'con', 'ok', 'x\u202ey'].toSorted((a, b) => (a < b ? -1 : 1))
  const paths = ['..', '../up', ...hostile.filter((path) => !path.startsWith('..'))]
  const { service, link } = await serviceWith(
    paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  )
  const told: string[] = []
  const onEvent = ({ code, message }: WarningEvent): void => void told.push(`${code} ${message}`)
  for await (const { path } of service.list(link, { onEvent })) told.push(path)
  expect(told).toEqual([
    'WARN_UNSAFE_NAME a fetch would refuse the name ..: it names a folder above or the folder itself',
    '..',
    'WARN_UNSAFE_NAME a fetch would refuse the name ../up: it names a folder above or the folder itself',
    '../up',
    'WARN_UNSAFE_NAME a fetch would refuse the name a\\b: it contains a slash or backslash',
    'a\\b',
    'con',
    'ok',
    'WARN_UNSAFE_NAME a fetch would refuse the name x\\u{202e}y: it contains a character that turns the direction of writing',
    'x\u202ey',
  ])
})

test(
  'a connection that breaks between two pages makes no entry come twice',
  { timeout: 30_000 },
  async () => {
    const paths = Array.from({ length: 12_000 }, (_, i) => `${i}`.padStart(900, '0'))
    const { service, link, channels } = await serviceWith(paths)
    const got: string[] = []
    for await (const { path } of service.list(link)) {
      if (got.length === 0) channels[0]?.abort(new Error('cut'))
      got.push(path)
    }
    expect(channels.length).toBeGreaterThan(1)
    expect(got).toEqual(paths)
  },
)
