import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FOLD_VERSION } from '../../../src/spaces/storage/schema.ts'
import { author, content, digest, Folder } from '../../helpers/catalogue.ts'

const alice = author('alice')
const members = [alice]
const PROGRAM = fileURLToPath(new URL('run-appends.ts', import.meta.url))
const KILLS = 4

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

test('whoever is killed in the middle of appending has all that it said was there, and no half of anything', async () => {
  using folder = new Folder()
  const notes = folder.file('notes')
  for (let kill = 0; kill < KILLS; kill++) {
    const before = lines(notes).length
    const child = spawn(process.execPath, [PROGRAM, folder.file('a'), notes, `${kill}`], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    await expect
      .poll(() => lines(notes).length, { timeout: 20_000, interval: 5 })
      .toBeGreaterThan(before + 5 * kill)
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    const store = folder.store('a', { members })
    const told = lines(notes)
    expect(told.every((id) => store.counts(Buffer.from(id, 'hex')) === true)).toBe(true)
    const { isSame, batches } = store.check()
    expect(isSame).toBe(true)
    // At most the one that was being told.
    expect(batches - told.length).toBeLessThanOrEqual(kill + 1)
    store.close()
  }
})

test('tables of another version of the fold are made anew from the log', () => {
  using folder = new Folder()
  const store = folder.store('a', { members })
  store.write(
    alice,
    [
      { kind: 'put', path: 'x', content: content('x') },
      { kind: 'tag', entry: 0, tag: 't', replaced: [] },
    ],
    [],
  )
  const state = store.stateHash()
  store.close()
  const database = new DatabaseSync(folder.file('a'))
  database.exec(
    `UPDATE space SET fold = ${FOLD_VERSION + 1}; DELETE FROM live; UPDATE entry SET path = 'damaged'`,
  )
  database.close()
  expect(folder.store('a', { members }).stateHash()).toBe(state)
})

test('check finds tables that are not what the log says, and rebuild mends them', () => {
  using folder = new Folder()
  const store = folder.store('a', { members })
  store.write(alice, [{ kind: 'put', path: 'x', content: content('x') }], [])
  const database = folder.closing(new DatabaseSync(folder.file('a')))
  database.exec("UPDATE live SET shown = 'y'")
  expect(store.check().isSame).toBe(false)
  store.rebuild()
  expect(store.check().isSame).toBe(true)
})

test('a file that is something else, of another space or of a newer Shoal is refused and left as it is', () => {
  using folder = new Folder()
  const invalid = expect.objectContaining({ code: 'ERR_HOME_INVALID' })
  writeFileSync(folder.file('text'), 'no database, but long enough to be read as one'.repeat(100))
  expect(() => folder.store('text', { members })).toThrow(invalid)
  const foreign = new DatabaseSync(folder.file('foreign'))
  foreign.exec('CREATE TABLE of_somebody (x)')
  foreign.close()
  expect(() => folder.store('foreign', { members })).toThrow(invalid)
  folder.store('a', { members }).close()
  expect(() => folder.store('a', { members, space: digest('another') })).toThrow(invalid)
  const newer = new DatabaseSync(folder.file('a'))
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  expect(() => folder.store('a', { members })).toThrow(invalid)
})
