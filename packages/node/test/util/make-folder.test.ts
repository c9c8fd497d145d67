import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../src/util/make-folder.ts'
import { temporaryFolder } from '../helpers/files.ts'

test('all missing parents are made, and the topmost new one is told', async () => {
  const folder = await temporaryFolder()
  expect(await makeFolder(join(folder, 'a/b/c'), 0o700)).toBe(join(folder, 'a'))
  expect((await stat(join(folder, 'a/b/c'))).mode & 0o777).toBe(0o700)
  expect(await makeFolder(join(folder, 'a/b/c'))).toBeUndefined()
})

test('a file in the way is an error', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.runIf(process.platform === 'linux')(
  'a parent that is there but takes no children is an error, not a loop',
  async () => {
    await expect(makeFolder('/proc/shoal/home')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
