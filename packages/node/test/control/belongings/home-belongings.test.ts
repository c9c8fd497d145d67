/** Spaces and links of shares go from one home to another with its identity, whole or not at all. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { belongingsOf, takeOver } from '../../../src/control/belongings/home-belongings.ts'
import { exportIdentity, importIdentity } from '../../../src/control/home-identity.ts'
import { openHomeShares } from '../../../src/control/home-shares.ts'
import { parseLink } from '../../../src/content/link.ts'
import type { WarningEvent } from '../../../src/events.ts'
import { hasIdentity, loadIdentity } from '../../../src/identity/identity.ts'
import { sealIdentity } from '../../../src/identity/sealed-identity.ts'
import { keptSpaces } from '../../../src/spaces/host/kept-spaces.ts'
import { BlockWorkers } from '../../../src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../../src/store/disk.ts'
import { takeHome } from '../../../src/store/home-lock.ts'
import { homePaths } from '../../../src/store/home.ts'
import type { KnownShare } from '../../../src/transfer/known-share.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { temporaryFolder, writeTree } from '../../helpers/files.ts'
import { openStore, shareIn, specOf } from '../../helpers/shares.ts'
import { hostOf, pathsIn, put, tell } from '../../helpers/space-hosts.ts'

const PASSPHRASE = 'seven grey pebbles'
const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

let folder: string
let home: string
let other: string
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  home = join(folder, 'home')
  other = join(folder, 'other')
  file = join(folder, 'ada.shoal')
})

/** A home with a private and a public share, and none that uses it. */
async function homeWithShares(): Promise<void> {
  await loadIdentity(home)
  await writeTree(folder, { 'Holiday/a': 'first', talk: 'second' })
  const opened = await openStore(homePaths(home, {}))
  await shareIn(opened, specOf(join(folder, 'Holiday')), workers)
  await shareIn(opened, specOf(join(folder, 'talk'), { isPublic: true }), workers)
  await opened.store.close()
}

async function sharesOf(of: string): Promise<KnownShare[]> {
  const opened = await openHomeShares(homePaths(of, {}), () => {})
  try {
    const shares: KnownShare[] = []
    for await (const share of opened.shares()) shares.push(share)
    return shares
  } finally {
    await opened.close()
  }
}

test('links come along as stopped, name no device, and are forgotten one by one', async () => {
  await homeWithShares()
  expect(await exportIdentity(home, file, PASSPHRASE)).toMatchObject({ spaces: 0, shares: 2 })
  expect(await importIdentity(other, file, PASSPHRASE)).toMatchObject({ spaces: 0, shares: 2 })
  const [before, after] = [await sharesOf(home), await sharesOf(other)]
  for (const [i, share] of before.entries()) {
    const link = parseLink(share.link)
    expect(after[i]).toEqual({ ...share, link: expect.any(String), state: 'stopped' })
    const { root, key } = parseLink(String(after[i]?.link))
    expect([root.toString(), key]).toEqual([link.root.toString(), link.key])
    const { name, bytes } = share
    expect(parseLink(String(after[i]?.link)).hints).toEqual({ name, size: bytes })
  }
  // From there they go on to a third home, without what was forgotten.
  const opened = await openHomeShares(homePaths(other, {}), () => {})
  expect(await opened.unshare(String(before[0]?.root))).toMatchObject([{ name: 'Holiday' }])
  await expect(opened.unshare(String(before[0]?.root))).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
  await opened.close()
  expect(await exportIdentity(other, join(folder, 'again'), PASSPHRASE)).toMatchObject({ shares: 1 })
  await importIdentity(join(folder, 'third'), join(folder, 'again'), PASSPHRASE)
  expect(await sharesOf(join(folder, 'third'))).toMatchObject([{ name: 'talk', sealed: false }])
})

test('a home that a process has is read as it is, and one whose index is lost as it was', async () => {
  await homeWithShares()
  const lock = takeHome(home)
  const { indexFile } = homePaths(home, {})
  const before = await readFile(indexFile)
  expect(await exportIdentity(home, file, PASSPHRASE)).toMatchObject({ shares: 2 })
  expect(await readFile(indexFile)).toEqual(before)
  for (const name of readdirSync(home).filter((each) => each.startsWith('index.db')))
    await rm(join(home, name))
  await expect(exportIdentity(home, join(folder, 'b'), PASSPHRASE)).rejects.toMatchObject({
    code: 'ERR_HOME_BUSY',
  })
  lock?.release()
  const warnings: WarningEvent[] = []
  const onWarning = (warning: WarningEvent): void => void warnings.push(warning)
  const moved = await exportIdentity(home, join(folder, 'c'), PASSPHRASE, { onWarning })
  expect(moved).toMatchObject({ shares: 2 })
  expect(warnings).toMatchObject([{ type: 'warning', code: 'WARN_INDEX_REBUILT' }])
  // The home was given back.
  takeHome(home)?.release()
})

test('what the file has no room for is told', async () => {
  await homeWithShares()
  const links = await import('../../../src/store/links-of-index.ts')
  const read = links.linksOfIndex
  vi.spyOn(links, 'linksOfIndex').mockImplementation((index) => read(index, { shares: 1, bytes: 1_000 }))
  const warnings: WarningEvent[] = []
  const onWarning = (warning: WarningEvent): void => void warnings.push(warning)
  expect(await exportIdentity(home, file, PASSPHRASE, { onWarning })).toMatchObject({ shares: 1 })
  vi.restoreAllMocks()
  expect(warnings).toMatchObject([
    { type: 'warning', code: 'WARN_NOT_EXPORTED', message: expect.stringContaining('1 oldest') },
  ])
  await importIdentity(other, file, PASSPHRASE)
  expect(await sharesOf(other)).toMatchObject([{ name: 'talk' }])
})

test('a space waits for its log, and is the same again once it came', async () => {
  await homeWithShares()
  const host = await hostOf(home)
  const { id: space } = await host.call('found', { name: 'Studio' })
  await put(host, space, ['a', 'b/c'])
  // While it is open.
  expect(await exportIdentity(home, file, PASSPHRASE)).toMatchObject({ spaces: 1, shares: 2 })
  expect(await importIdentity(other, file, PASSPHRASE)).toMatchObject({ spaces: 1 })
  expect(keptSpaces(other)).toEqual([{ id: space, name: 'Studio' }])
  // What is only waiting goes on to the next home under its name, and is in no list.
  const third = join(folder, 'third')
  await exportIdentity(other, join(folder, 'again'), PASSPHRASE)
  await importIdentity(third, join(folder, 'again'), PASSPHRASE)
  expect(keptSpaces(third)).toEqual([{ id: space, name: 'Studio' }])
  const back = await hostOf(other)
  expect(await back.call('list', {})).toEqual([])
  expect(keptSpaces(other)).toEqual([{ id: space, name: 'Studio' }])
  await tell(space, host, back)
  expect(await back.call('list', {})).toMatchObject([{ id: space, name: 'Studio', role: 'founder' }])
  expect(await pathsIn(back, space)).toEqual(['a', 'b/c'])
})

test('an export of version 1 brings back the identity alone', async () => {
  const [seed, instance] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const old = await sealIdentity(
    { seed, instance, former: [], along: undefined },
    PASSPHRASE,
    systemSeams.random,
  )
  await writeFile(file, old)
  expect(await importIdentity(other, file, PASSPHRASE)).toMatchObject({ spaces: 0, shares: 0 })
  expect([await sharesOf(other), keptSpaces(other)]).toEqual([[], []])
})

test('a file whose inside is none is refused before anything is made', async () => {
  const [seed, instance] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  for (const along of [Uint8Array.of(0x9a, 0, 255, 255, 255), Uint8Array.of(1), Uint8Array.of(0x80, 0x80)]) {
    await rm(file, { force: true })
    await writeFile(
      file,
      await sealIdentity({ seed, instance, former: [], along }, PASSPHRASE, systemSeams.random),
    )
    await expect(importIdentity(other, file, PASSPHRASE)).rejects.toMatchObject({
      code: 'ERR_CONTENT_INVALID',
    })
    expect(readdirSync(folder)).not.toContain('other')
  }
})

test('wherever the disk fails, the home has no identity, and what it then takes over is all of it', async () => {
  await homeWithShares()
  const host = await hostOf(home)
  for (const name of ['Studio', 'Familie']) await host.call('found', { name })
  const belongings = await belongingsOf(home, () => {})
  await takeOver(other, belongings, systemDisk, () => {})
  const [shares, spaces] = [await sharesOf(other), keptSpaces(home)]
  expect([shares.length, spaces.length]).toEqual([2, 2])
  const full = { code: 'ERR_DISK_FULL' }
  let steps = 0
  for (; ; steps++) {
    const into = join(folder, `at ${steps}`)
    mkdirSync(into, { mode: 0o700 })
    const disk = failingAt(steps)
    const isDone = await takeOver(into, belongings, disk, () => {}).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject(full)
        return false
      },
    )
    if (isDone) break
    await takeOver(into, belongings, systemDisk, () => {})
    expect([linksIn(await sharesOf(into)), keptSpaces(into)]).toEqual([linksIn(shares), spaces])
  }
  expect(steps).toBeGreaterThan(8)
  await exportIdentity(home, file, PASSPHRASE)
  const into = join(folder, 'into')
  for (const at of [4, steps - 1]) {
    await expect(importIdentity(into, file, PASSPHRASE, { disk: failingAt(at) })).rejects.toMatchObject(full)
    expect(await hasIdentity(into)).toBe(false)
    // What could not be undone is not taken for another device's.
    await expect(loadIdentity(into)).rejects.toMatchObject({
      code: 'ERR_HOME_INVALID',
      hint: expect.stringContaining('identity.import'),
    })
  }
  await importIdentity(into, file, PASSPHRASE)
  expect(readdirSync(into)).not.toContain('identity.import')
  expect([linksIn(await sharesOf(into)), keptSpaces(into)]).toEqual([linksIn(shares), spaces])
})

test('an import that fails leaves the home as it was, where the disk lets it', async () => {
  await homeWithShares()
  const host = await hostOf(home)
  await host.call('found', { name: 'Studio' })
  await exportIdentity(home, file, PASSPHRASE)
  const once = failingAt(4, 4)
  await expect(importIdentity(other, file, PASSPHRASE, { disk: once })).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
  })
  expect(readdirSync(other).filter((name) => name.startsWith('identity'))).toEqual([])
  const { peerId } = await loadIdentity(other)
  expect(peerId).not.toBe((await loadIdentity(home)).peerId)
  expect([await sharesOf(other), keptSpaces(other)]).toEqual([[], []])
})

test('nothing stays of an import that ended in the middle when another file is imported', async () => {
  await homeWithShares()
  const host = await hostOf(home)
  await host.call('found', { name: 'Studio' })
  await exportIdentity(home, file, PASSPHRASE)
  const elsewhere = join(folder, 'elsewhere')
  const another = join(folder, 'another.shoal')
  await exportIdentity(elsewhere, another, PASSPHRASE)
  await importIdentity(other, file, PASSPHRASE)
  // The key comes last.
  await rm(join(other, 'identity.key'))
  // A space that somebody opened is none of that.
  const opened = join(other, 'spaces', '0'.repeat(64))
  mkdirSync(opened)
  writeFileSync(join(opened, 'auth.db'), '')
  expect(await importIdentity(other, another, PASSPHRASE)).toMatchObject({ spaces: 0, shares: 0 })
  expect(await sharesOf(other)).toEqual([])
  expect(keptSpaces(other)).toEqual([{ id: '0'.repeat(64), name: '' }])
  expect(readdirSync(join(other, 'shares'))).toEqual([])
})

test('a home that then had too many spaces is left alone', async () => {
  const host = await hostOf(home)
  await host.call('found', { name: 'Studio' })
  await exportIdentity(home, file, PASSPHRASE)
  for (let i = 0; i < 128; i++) {
    const space = join(other, 'spaces', String(i).padStart(64, '0'))
    mkdirSync(space, { recursive: true, mode: 0o700 })
    writeFileSync(join(space, 'auth.db'), '')
  }
  await expect(importIdentity(other, file, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  expect(readdirSync(join(other, 'spaces'))).toHaveLength(128)
  expect(await hasIdentity(other)).toBe(false)
})

const linksIn = (shares: readonly KnownShare[]): string[] => shares.map(({ link }) => link)

/** A disk that is full from the call of this number to that one, among those that change it. */
function failingAt(at: number, last = Infinity): Disk {
  let calls = 0
  const full = (): Promise<never> => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
  const count =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    (...given: Given): Promise<Result> => {
      const call = calls++
      return call >= at && call <= last ? full() : work(...given)
    }
  return {
    ...systemDisk,
    makeFolder: count(systemDisk.makeFolder),
    replaceFile: count(systemDisk.replaceFile),
    removeAll: count(systemDisk.removeAll),
    rename: count(systemDisk.rename),
    syncFolder: count(systemDisk.syncFolder),
  }
}
