import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig, writeConfigFile } from '../../../src/control/config/file.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { temporaryFolder } from '../../helpers/files.ts'

async function homeWith(text: string): Promise<string> {
  const home = await temporaryFolder()
  await writeFile(join(home, 'config.json'), text)
  return home
}

const fault = (code: string): Error => Object.assign(new Error(`${code}: it failed, open`), { code })

test('without a file, without a home, and with a file in its place nothing is set', async () => {
  const folder = await temporaryFolder()
  expect(await loadConfig(folder)).toEqual({})
  expect(await loadConfig(join(folder, 'none'))).toEqual({})
  await writeFile(join(folder, 'file'), '')
  expect(await loadConfig(join(folder, 'file'))).toEqual({})
})

test('what a newer Shoal set does not matter', async () => {
  expect(
    await loadConfig(await homeWith('{"up": 5, "colour": {"deep": true}, "__proto__": {"down": 1}}')),
  ).toEqual({
    up: 5,
  })
})

describe('a damaged file is told by its name and never taken for another', () => {
  test.each([
    ['nothing', '', 'it is no JSON', 'remove it'],
    ['half of one', '{"up": 5', 'it is no JSON', 'remove it'],
    ['bytes that are no text', '{"peer": ["\xff"]}', 'it is no JSON', 'remove it'],
    ['a list', '[]', 'no JSON object', 'remove it'],
    ['null', 'null', 'no JSON object', 'remove it'],
    ['a wrong kind', '{"up": "fast"}', 'up is a whole number', 'shoal config set'],
    ['null for a value', '{"mdns": null}', 'mdns is true or false', 'shoal config set'],
    ['an address that is none', '{"listen": ["here"]}', 'here is no address', 'shoal config set'],
    ['what contradicts itself', '{"network": "lan", "mdns": false}', 'lan needs mDNS', 'shoal config set'],
  ])('%s', async (_what, text, message, hint) => {
    const home = await temporaryFolder()
    await writeFile(join(home, 'config.json'), text, 'latin1')
    await expect(loadConfig(home)).rejects.toMatchObject({
      code: 'ERR_HOME_INVALID',
      message: expect.stringMatching(new RegExp(`^${home}/config\\.json.*${message}`)) as string,
      hint: expect.stringContaining(hint) as string,
    })
    expect(await readFile(join(home, 'config.json'), 'latin1')).toBe(text)
  })
})

test.each([
  ['EACCES', 'ERR_PERMISSION'],
  ['EIO', 'ERR_DISK'],
])('a file that cannot be read, %s, is told', async (code, wanted) => {
  const disk = { ...systemDisk, readWhole: () => Promise.reject(fault(code)) }
  const told = expect.stringContaining('/h/config.json') as string
  await expect(loadConfig('/h', disk)).rejects.toMatchObject({ code: wanted, message: told })
})

test('a folder in the place of the file is told', async () => {
  const home = await temporaryFolder()
  await mkdir(join(home, 'config.json'))
  await expect(loadConfig(home)).rejects.toMatchObject({ code: 'ERR_DISK' })
})

test.each([
  ['ENOSPC', 'ERR_DISK_FULL'],
  ['EROFS', 'ERR_PERMISSION'],
  ['EIO', 'ERR_DISK'],
])('a write that fails, %s, is told, and the file stays as it was', async (code, wanted) => {
  const home = await homeWith('{"up": 5}')
  const disk = { ...systemDisk, replaceFile: () => Promise.reject(fault(code)) }
  await expect(writeConfigFile(home, { up: 6 }, disk)).rejects.toMatchObject({ code: wanted })
  expect(await loadConfig(home)).toEqual({ up: 5 })
})

test('it is for the owner alone', async () => {
  const home = await temporaryFolder()
  await writeConfigFile(home, { up: 6 }, systemDisk)
  expect((await stat(join(home, 'config.json'))).mode & 0o777).toBe(0o600)
  expect(await loadConfig(home)).toEqual({ up: 6 })
})
