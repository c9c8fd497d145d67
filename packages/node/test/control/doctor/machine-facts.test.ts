/** What this machine tells of itself; and what is found where no node can be asked. */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { machineFacts } from '../../../src/control/doctor/machine-facts.ts'
import { examineMachine } from '../../../src/control/doctor/machine-checks.ts'
import type { Finding } from '../../../src/control/doctor/finding.ts'
import { ShoalError } from '../../../src/errors.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { temporaryFolder } from '../../helpers/files.ts'

afterEach(() => vi.restoreAllMocks())

const factsOf = (home: string) => machineFacts({ home, freeBytes: systemDisk.freeBytes })

async function found(home: string): Promise<Map<string, Finding>> {
  const failure = new ShoalError('ERR_HOME_INVALID', 'why')
  const findings = new Map<string, Finding>()
  for await (const finding of examineMachine(home, failure, new AbortController().signal)) {
    findings.set(finding.id, finding)
  }
  return findings
}

test('a home, a file in its place, and nothing there', async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  const facts = factsOf(home)
  const hasModes = process.platform !== 'win32'
  expect(await facts.homeFacts()).toMatchObject({
    isFolder: true,
    isOwn: hasModes ? true : null,
    mode: hasModes ? 0o700 : null,
    isWritable: true,
  })
  expect(await facts.freeBytes()).toBeGreaterThan(0)
  expect(facts.node).toMatch(/^\d+\./)
  expect(facts.sqlite).toMatch(/^3\./)
  expect(await readdir(home)).toEqual([])
  await writeFile(join(folder, 'file'), '')
  expect(await factsOf(join(folder, 'file')).homeFacts()).toMatchObject({ isFolder: false })
  for (const nowhere of ['none', 'file/none']) {
    expect(await factsOf(join(folder, nowhere)).homeFacts()).toMatchObject({ isFolder: false, mode: null })
  }
})

test.skipIf(process.platform === 'win32')('a home that others can look into', async () => {
  const home = await temporaryFolder()
  await chmod(home, 0o755)
  expect((await factsOf(home).homeFacts()).mode).toBe(0o755)
  expect((await found(home)).get('home')).toMatchObject({ severity: 'warning', data: { mode: '0755' } })
})

test.skipIf(process.platform !== 'linux')('how many files may be open (only Linux tells)', async () => {
  const { most, now } = await factsOf('/').openFiles()
  expect(most).toBeGreaterThan(0)
  expect(now).toBeGreaterThan(2)
})

test('where no node can be asked, that is found, and what of the machine may be the reason', async () => {
  vi.spyOn(systemDisk, 'freeBytes').mockResolvedValue(900_000_000)
  const findings = await found(await temporaryFolder())
  expect([...findings.keys()].toSorted()).toEqual(['disk', 'files', 'home', 'runtime', 'start'])
  expect(findings.get('start')).toMatchObject({ severity: 'problem', data: { code: 'ERR_HOME_INVALID' } })
  expect(findings.get('disk')).toMatchObject({ severity: 'problem', data: { free: 900_000_000 } })
})

test('a home that is nowhere is a finding, and keeps nothing from being looked at', async () => {
  const findings = await found(join(await temporaryFolder(), 'none'))
  expect(findings.get('home')).toMatchObject({ severity: 'problem' })
  expect(findings.get('disk')).toMatchObject({ severity: 'warning', data: {} })
  expect(findings.size).toBe(5)
})
