import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { checkExport, checkImport, exportIdentity, importIdentity } from '../../src/control/home-identity.ts'
import { loadIdentity } from '../../src/identity/identity.ts'
import { loadInstances, MAX_FORMER_INSTANCES, startInstance } from '../../src/identity/instance.ts'
import { deviceKeys } from '../../src/spaces/keys/device-keys.ts'
import { takeHome } from '../../src/store/home-lock.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder } from '../helpers/files.ts'

const { random } = systemSeams
const PASSPHRASE = 'seven grey pebbles'

let folder: string
let home: string
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  home = join(folder, 'home')
  file = join(folder, 'ada.shoal')
})

const exists = { code: 'ERR_DESTINATION_EXISTS' }

test('an identity goes into a file of its own user and comes back in another home, as another instance', async () => {
  const { peerId, privateKey } = await loadIdentity(home)
  const nothing = { spaces: 0, shares: 0 }
  expect(await exportIdentity(home, file, PASSPHRASE)).toEqual({ peerId, file, ...nothing })
  expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
  const other = join(folder, 'deep', 'other')
  await checkImport(other, file)
  expect(await importIdentity(other, file, PASSPHRASE)).toEqual({ peerId, file, ...nothing })
  expect((await loadIdentity(other)).privateKey).toEqual(privateKey)
  const [before, after] = [await loadInstances(home, random), await loadInstances(other, random)]
  expect(after.current).not.toEqual(before.current)
  expect(after.former).toEqual([before.current])
  // And once more: it follows on both.
  const third = join(folder, 'third')
  await exportIdentity(other, join(folder, 'again'), PASSPHRASE)
  await importIdentity(third, join(folder, 'again'), PASSPHRASE)
  expect((await loadInstances(third, random)).former).toEqual([after.current, before.current])
})

test('what was imported signs with other keys, and still can show that it follows on the old ones', async () => {
  const { privateKey } = await loadIdentity(home)
  await exportIdentity(home, file, PASSPHRASE)
  const other = join(folder, 'other')
  await importIdentity(other, file, PASSPHRASE)
  const space = random.bytes(32)
  const identitySeed = privateKey.subarray(0, 32)
  const keysOf = (instance: Uint8Array): Uint8Array =>
    deviceKeys({ identitySeed, instance, space }).author.publicKey
  const old = keysOf((await loadInstances(home, random)).current)
  const { current, former } = await loadInstances(other, random)
  expect(keysOf(current)).not.toEqual(old)
  expect(former.map(keysOf)).toEqual([old])
})

test('nothing is ever replaced', async () => {
  await exportIdentity(home, file, PASSPHRASE)
  const before = await readFile(file)
  await expect(exportIdentity(home, file, PASSPHRASE)).rejects.toMatchObject(exists)
  await expect(checkExport(file)).rejects.toMatchObject(exists)
  await checkExport(join(folder, 'free'))
  await symlink(join(folder, 'nowhere'), join(folder, 'link'))
  await expect(exportIdentity(home, join(folder, 'link'), PASSPHRASE)).rejects.toMatchObject(exists)
  expect(await readFile(file)).toEqual(before)
  const { peerId } = await loadIdentity(home)
  for (const attempt of [checkImport(home, file), importIdentity(home, file, PASSPHRASE)]) {
    await expect(attempt).rejects.toMatchObject(exists)
  }
  expect((await loadIdentity(home)).peerId).toBe(peerId)
  const broken = join(folder, 'broken')
  await mkdir(broken)
  await writeFile(join(broken, 'identity.key'), 'damaged')
  await expect(importIdentity(broken, file, PASSPHRASE)).rejects.toMatchObject(exists)
})

test('a wrong passphrase, another file, a missing one and a home in use change nothing', async () => {
  await exportIdentity(home, file, PASSPHRASE)
  const other = join(folder, 'other')
  await writeFile(join(folder, 'text'), 'hello')
  await writeFile(join(folder, 'large'), new Uint8Array(100_000))
  const cases: [string, string, string][] = [
    [file, 'another passphrase', 'ERR_WRONG_KEY'],
    [join(folder, 'text'), PASSPHRASE, 'ERR_CONTENT_INVALID'],
    [join(folder, 'large'), PASSPHRASE, 'ERR_CONTENT_INVALID'],
    [folder, PASSPHRASE, 'ERR_CONTENT_INVALID'],
    [join(folder, 'missing'), PASSPHRASE, 'ERR_SOURCE_MISSING'],
    [join(file, 'below'), PASSPHRASE, 'ERR_SOURCE_MISSING'],
  ]
  for (const [from, passphrase, code] of cases) {
    await expect(importIdentity(other, from, passphrase)).rejects.toMatchObject({ code })
  }
  await expect(stat(other)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(exportIdentity(home, join(folder, 'no', 'folder'), PASSPHRASE)).rejects.toMatchObject({
    code: 'ERR_SOURCE_MISSING',
  })
  await expect(exportIdentity(home, join(folder, 'short'), 'short')).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
  expect(await readdir(folder)).not.toContain('short')

  await mkdir(other, { mode: 0o700 })
  const lock = takeHome(other)
  await expect(importIdentity(other, file, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_HOME_BUSY' })
  lock?.release()
  expect((await importIdentity(other, file, PASSPHRASE)).peerId).toBe((await loadIdentity(home)).peerId)
})

test('an import that ended in the middle is begun again', async () => {
  await exportIdentity(home, file, PASSPHRASE)
  const other = join(folder, 'other')
  await mkdir(other, { mode: 0o700 })
  // What it would leave: an instance, and no key yet.
  await startInstance(other, [random.bytes(32)], random)
  await importIdentity(other, file, PASSPHRASE)
  expect((await loadInstances(other, random)).former).toEqual([(await loadInstances(home, random)).current])
  expect((await readdir(other)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('an instance is made once, by whoever is first, and kept; a damaged one is told', async () => {
  await mkdir(home, { mode: 0o700 })
  const made = await Promise.all([1, 2, 3, 4].map(() => loadInstances(home, random)))
  for (const each of made) expect(each).toEqual(made[0])
  const many = Array.from({ length: MAX_FORMER_INSTANCES + 4 }, () => random.bytes(32))
  expect((await startInstance(home, many, random)).former).toEqual(many.slice(0, MAX_FORMER_INSTANCES))
  const path = join(home, 'identity.instance')
  const text = await readFile(path, 'utf8')
  for (const bad of [text.slice(0, -1), text.slice(1), `${text}\n`, 'x\n', text.replace('\n', '')]) {
    await writeFile(path, bad)
    await expect(loadInstances(home, random)).rejects.toMatchObject({ code: 'ERR_HOME_INVALID' })
  }
})
