/** Small files of a home that a node writes at its start. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemDisk } from '../../src/store/disk.ts'
import { homePaths, loadPort, savePort, saveToken } from '../../src/store/home.ts'
import { temporaryFolder } from '../helpers/files.ts'

const FULL = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

test('a port that could not be kept is said, and none is kept', async () => {
  const paths = homePaths(await temporaryFolder(), {})
  const disk = { replaceFile: () => Promise.reject(FULL) }
  await expect(savePort(paths, 4001, disk)).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(await loadPort(paths)).toBeUndefined()
  await savePort(paths, 4001, systemDisk)
  expect(await loadPort(paths)).toBe(4001)
})

test('an empty file of a port is none, and another is damage', async () => {
  const paths = homePaths(await temporaryFolder(), {})
  await writeFile(paths.portFile, '')
  expect(await loadPort(paths)).toBeUndefined()
  await writeFile(paths.portFile, '70000\n')
  await expect(loadPort(paths)).rejects.toMatchObject({ code: 'ERR_HOME_INVALID' })
})

test('a token that cannot be written is said', async () => {
  const paths = homePaths(await temporaryFolder(), {})
  await saveToken(paths, 'secret')
  expect(await readFile(paths.tokenFile, 'utf8')).toBe('secret\n')
  const other = homePaths(await temporaryFolder(), {})
  await mkdir(other.tokenFile)
  await expect(saveToken(other, 'secret')).rejects.toMatchObject({ code: 'ERR_DISK' })
})
