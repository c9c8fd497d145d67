import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { homeConfig } from '../../../src/control/config/home-config.ts'
import { CONFIG_KEY_NAMES, isConfigKey } from '../../../src/control/config/keys.ts'
import { takeHome } from '../../../src/store/home-lock.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { temporaryFolder } from '../../helpers/files.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const PEER = '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWSJiWGjGwKjKa3ZZSDCMiSUbAqWPFLDLRNwvAPyGoVJzr'

async function fileOf(home: string): Promise<unknown> {
  return JSON.parse(await readFile(join(home, 'config.json'), 'utf8'))
}

test('looking makes nothing, and tells what holds without a setting', async () => {
  const home = join(await temporaryFolder(), 'home')
  const { settings, warnings } = await homeConfig(home).read()
  expect(settings.map(({ key }) => key)).toEqual(CONFIG_KEY_NAMES)
  expect(settings.every((setting) => setting.default)).toBe(true)
  expect(settings.find(({ key }) => key === 'mdns')).toEqual({
    type: 'config',
    key: 'mdns',
    value: true,
    default: true,
  })
  expect(warnings).toEqual([])
  await expect(stat(home)).rejects.toThrow('ENOENT')
})

test('a change makes the home, is told, and is taken back by null', async () => {
  const home = join(await temporaryFolder(), 'home')
  const config = homeConfig(home)
  expect(await config.change({ network: 'private', up: 5, peer: [PEER] })).toEqual({
    settings: [
      { type: 'config', key: 'network', value: 'private', default: false },
      { type: 'config', key: 'peer', value: [PEER], default: false },
      { type: 'config', key: 'up', value: 5, default: false },
    ],
    warnings: [],
  })
  expect((await stat(home)).mode & 0o777).toBe(0o700)
  // What is usual follows the network that is set.
  expect((await config.read()).settings.find(({ key }) => key === 'mdns')?.value).toBe(false)
  const { settings } = await config.change({ up: null })
  expect(settings).toEqual([{ type: 'config', key: 'up', value: 0, default: true }])
  expect(await fileOf(home)).toEqual({ network: 'private', peer: [PEER] })
})

test('a value that makes no sense, by itself or beside the others, changes nothing', async () => {
  const home = await temporaryFolder()
  const config = homeConfig(home)
  await config.change({ bootstrap: [PEER], down: 7 })
  const wrong = [
    { network: 'lan' as const },
    { listen: ['here'] },
    { peer: ['/ip4/127.0.0.1/tcp/1'] },
    { bootstrap: ['x/p2p/y'] },
    { up: -1 },
    { up: 1, mdns: 'yes' as unknown as boolean },
  ]
  for (const changes of wrong) {
    await expect(config.change(changes)).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  }
  expect(await fileOf(home)).toEqual({ bootstrap: [PEER], down: 7 })
  await config.change({ network: 'lan', bootstrap: null })
  expect(await fileOf(home)).toEqual({ network: 'lan', down: 7 })
})

test('a wrong value in the file is mended by setting it, and by nothing else', async () => {
  const home = await temporaryFolder()
  const text = '{"up": "fast", "down": 7}'
  await writeFile(join(home, 'config.json'), text)
  const config = homeConfig(home)
  await expect(config.read()).rejects.toMatchObject({ code: 'ERR_HOME_INVALID' })
  await expect(config.change({ down: 8 })).rejects.toMatchObject({ code: 'ERR_HOME_INVALID' })
  expect(await readFile(join(home, 'config.json'), 'utf8')).toBe(text)
  await config.change({ up: null })
  expect(await fileOf(home)).toEqual({ down: 7 })
})

test(`what another version set is kept, with one warning (seed ${seed})`, async () => {
  const home = await temporaryFolder()
  const config = homeConfig(home)
  const name = fc.oneof(fc.string(), fc.constant('__proto__'), fc.constant('toString'))
  const others = fc.dictionary(
    name.filter((key) => !isConfigKey(key)),
    fc.jsonValue(),
    { minKeys: 1, maxKeys: 5 },
  )
  const property = fc.asyncProperty(others, fc.nat(), async (content, up) => {
    const text = JSON.stringify({ ...content, up: 1 })
    await writeFile(join(home, 'config.json'), text)
    const { warnings } = await config.change({ up })
    expect(warnings).toMatchObject([{ type: 'warning', code: 'WARN_CONFIG_UNKNOWN' }])
    expect((await config.read()).warnings).toEqual(warnings)
    const wanted = { ...(JSON.parse(text) as object), up }
    expect(new Map(Object.entries((await fileOf(home)) as object))).toEqual(new Map(Object.entries(wanted)))
  })
  await fc.assert(property, { seed, numRuns: 50 })
})

test('a home that a process has is not changed, and can be looked at', async () => {
  const home = await temporaryFolder()
  const lock = takeHome(home)
  await expect(homeConfig(home).change({ up: 5 })).rejects.toMatchObject({ code: 'ERR_HOME_BUSY' })
  expect((await homeConfig(home).read()).settings).toHaveLength(CONFIG_KEY_NAMES.length)
  lock?.release()
  await homeConfig(home).change({ up: 5 })
  expect(await fileOf(home)).toEqual({ up: 5 })
})

test('while one changes it, another is refused and has lost nothing when it comes again', async () => {
  const home = await temporaryFolder()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const slow = {
    ...systemDisk,
    replaceFile: async (path: string, bytes: Uint8Array) => {
      begun.resolve()
      await goOn.promise
      await systemDisk.replaceFile(path, bytes)
    },
  }
  const first = homeConfig(home, slow).change({ up: 5 })
  await begun.promise
  await expect(homeConfig(home).change({ down: 6 })).rejects.toMatchObject({ code: 'ERR_HOME_BUSY' })
  goOn.resolve()
  await first
  await homeConfig(home).change({ down: 6 })
  expect(await fileOf(home)).toEqual({ up: 5, down: 6 })
})

test('after a change that the disk refused the home is free', async () => {
  const home = await temporaryFolder()
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const disk = { ...systemDisk, replaceFile: () => Promise.reject(full) }
  await expect(homeConfig(home, disk).change({ up: 5 })).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  await homeConfig(home).change({ up: 6 })
  expect(await fileOf(home)).toEqual({ up: 6 })
})
