import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SegmentReader, SharedFolders } from '../../src/store/segment-reader.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

function read(path: string, below: string): string {
  using folders = new SharedFolders()
  const reader = new SegmentReader([{ path, below, offset: 1, length: 3 }], folders)
  const bytes = new Uint8Array(4)
  try {
    reader.readInto(bytes)
  } finally {
    reader.close()
  }
  return Buffer.from(bytes).toString()
}

test('reads a part of a file, and zeros behind it', async () => {
  const work = await temporaryFolder()
  await writeTree(work, { 'tree/a/b': 'bytes' })
  expect(read(join(work, 'tree/a/b'), 'a/b')).toBe('yte\0')
  expect(read(join(work, 'tree/a/b'), '')).toBe('yte\0')
})

test('a link anywhere below the folder that was shared is not followed', async () => {
  const work = await temporaryFolder()
  await writeTree(work, { 'tree/a/b': 'bytes', 'outside/b': 'other' })
  renameSync(join(work, 'tree/a'), join(work, 'held'))
  symlinkSync(join(work, 'outside'), join(work, 'tree/a'))
  const refused = expect.objectContaining({ code: 'ERR_SOURCE_CHANGED' }) as Error
  expect(() => read(join(work, 'tree/a/b'), 'a/b')).toThrow(refused)
  symlinkSync(join(work, 'outside/b'), join(work, 'tree/link'))
  expect(() => read(join(work, 'tree/link'), 'link')).toThrow(refused)
  expect(() => read(join(work, 'tree/link'), '')).toThrow(refused)
  symlinkSync(join(work, 'outside'), join(work, 'other-tree'))
  expect(() => read(join(work, 'other-tree/b'), 'b')).toThrow(refused)
  // On the way to what was shared links are the user's own.
  symlinkSync(work, join(work, 'way'))
  expect(read(join(work, 'way/held/b'), 'b')).toBe('yte\0')
})
