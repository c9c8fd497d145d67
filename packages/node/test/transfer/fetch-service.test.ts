import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { FetchService } from '../../src/transfer/fetch-service.ts'
import { temporaryFolder } from '../helpers/files.ts'
import { NOT_RECORDED } from '../helpers/no-stagings.ts'
import { makeShare, partsWith } from '../helpers/providers.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

test('a connection that breaks while the list of files comes makes nothing of it come twice', async () => {
  const made = await makeShare({ 'a/b/c/d/file': 'deep' }, 'public', workers)
  let nodes = 0
  const { parts, channels, counts } = partsWith(made.source, workers, {
    onRead: (what, answer) => {
      if (what === 'node' && ++nodes === 4) channels[0]?.abort(new Error('cut'))
      return answer
    },
  })
  const service = new FetchService({
    ...parts,
    disk: systemDisk,
    stagings: NOT_RECORDED,
    hasNetwork: () => true,
    platform: 'posix',
  })
  const { path } = await service.fetch(made.link, { directory: await temporaryFolder() })
  expect(await readFile(join(path, 'a/b/c/d/file'), 'utf8')).toBe('deep')
  expect(channels).toHaveLength(2)
  // Five folders, and again the one whose answer was lost.
  expect(counts.nodes).toBe(6)
})

test('what the disk has no room for is refused in sizes that people read, before it comes', async () => {
  const made = await makeShare({ 'a/large': 'x'.repeat(3_400_000) }, 'sealed', workers)
  const { parts, counts } = partsWith(made.source, workers)
  const service = new FetchService({
    ...parts,
    disk: { ...systemDisk, freeBytes: async () => 1_234_567 },
    stagings: NOT_RECORDED,
    hasNetwork: () => true,
    platform: 'posix',
  })
  await expect(service.fetch(made.link, { directory: await temporaryFolder() })).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
    message: 'this needs 3.4 MB and the disk has 1.23 MB left',
  })
  // The page of the list of files came, and nothing of the content.
  expect(counts.blocks).toBe(1)
})

test('the rate of a fetch that goes on tells what comes, not what was found on the disk', async () => {
  // What is not written yet reads as zeros, too: when it goes on, all of it is there.
  const made = await makeShare({ 'a/large': new Uint8Array(12 << 20) }, 'public', workers)
  const { parts } = partsWith(made.source, workers)
  const service = new FetchService({
    ...parts,
    disk: systemDisk,
    stagings: NOT_RECORDED,
    hasNetwork: () => true,
    platform: 'posix',
  })
  const directory = await temporaryFolder()
  const onFile = (): never => {
    throw new Error('interrupted')
  }
  await expect(service.fetch(made.link, { directory, onFile })).rejects.toThrow('interrupted')
  const rates: number[] = []
  const { bytes, bytesReused } = await service.fetch(made.link, {
    directory,
    onEvent: (event) => {
      if (event.type === 'progress') rates.push(event.rate)
    },
  })
  expect(bytesReused).toBe(bytes)
  expect(rates.length).toBeGreaterThan(1)
  expect(rates).toEqual(rates.map(() => 0))
})
