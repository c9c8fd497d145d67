import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { closeAnchor, openAnchor } from '../../src/store/anchor.ts'
import { takeFolder, takeHome } from '../../src/store/home-lock.ts'
import { temporaryFolder } from '../helpers/files.ts'

const script = new URL('../../src/store/home-lock.ts', import.meta.url).href

/** Another process that takes the home and tells whether it got it. */
function holder(home: string): { got: Promise<string>; kill: () => Promise<unknown> } {
  const code = `import { takeHome } from ${JSON.stringify(script)}
    console.log(takeHome(${JSON.stringify(home)}) === undefined ? 'refused' : 'taken')
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const got = once(child.stdout, 'data').then(([data]) => String(data).trim())
  return { got, kill: async () => (child.kill('SIGKILL'), await once(child, 'exit')) }
}

test('a home has one owner, and is free again when that process was killed', async () => {
  const home = await temporaryFolder()
  const first = holder(home)
  expect(await first.got).toBe('taken')
  expect(takeHome(home)).toBeUndefined()
  const second = holder(home)
  expect(await second.got).toBe('refused')
  await second.kill()
  await first.kill()
  const lock = takeHome(home)
  expect(lock).toBeDefined()
  lock?.release()
})

test('a released home can be taken again', async () => {
  const home = await temporaryFolder()
  takeHome(home)?.release()
  const again = takeHome(home)
  expect(again).toBeDefined()
  again?.release()
})

test('a damaged lock file is named', async () => {
  const home = await temporaryFolder()
  writeFileSync(join(home, 'lock.db'), 'this is no database, but long enough to look at'.repeat(100))
  expect(() => takeHome(home)).toThrow(expect.objectContaining({ code: 'ERR_HOME_INVALID' }))
})

test.each<[string, (file: string) => void]>([
  ['a damaged lock', (file) => writeFileSync(file, 'this is no database, but long enough'.repeat(100))],
  // As what it finds when the folder is moved away at this moment.
  ['one that cannot be opened', (file) => mkdirSync(file)],
])('%s of a folder is an error that a person can act on', async (_what, damage) => {
  const path = await temporaryFolder()
  damage(join(path, 'lock.db'))
  const folder = openAnchor(path)
  onTestFinished(() => closeAnchor(folder))
  const told = {
    code: 'ERR_DISK',
    message: expect.stringContaining(`cannot lock ${path}/lock.db: `) as string,
  }
  expect(() => takeFolder(folder)).toThrow(expect.objectContaining(told))
})
