/** What all commands of `shoal space` have in common: how they are refused, stopped, and end without a home. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SpaceArguments } from '../../src/arguments/space-tasks.ts'
import { space } from '../../src/commands/space.ts'
import { once, onlyOne } from '../../src/commands/space/job.ts'
import { NewFile } from '../../src/commands/space/new-file.ts'
import type { Context } from '../../src/context.ts'
import { failureOf } from '../../src/failure.ts'
import { parse } from '../../src/parse.ts'
import type { SPACE_HELP } from '../../src/strings/help.ts'
import { fakeOutput } from '../support.ts'

/** What each is given where it is used right. */
const GIVEN: Readonly<Record<keyof typeof SPACE_HELP, readonly string[]>> = {
  create: ['studio'],
  list: [],
  add: ['studio', 'a'],
  ls: ['studio'],
  search: ['studio', 'a'],
  watch: ['studio', 'a'],
  get: ['studio', 'a'],
  export: ['studio'],
  mv: ['studio', 'a', 'b'],
  rm: ['studio', 'a'],
  restore: ['studio', 'a'],
  tag: ['studio', 'a', '--tag', 'x'],
  note: ['studio', 'a', 'x'],
  title: ['studio', 'a', 'x'],
  log: ['studio'],
  undo: ['studio'],
  members: ['studio'],
  role: ['studio', '3f9c', 'read'],
  remove: ['studio', '3f9c'],
  leave: ['studio'],
  invite: ['studio'],
  join: [
    'shoal://join/bafyreiacaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcai#AQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFL5nsTHTIHChtJNcIXH5ZVN6yyqUxhm3YVfwXCdmkG2B-zxI',
  ],
  approve: ['studio'],
  invitations: ['studio'],
  revoke: ['studio', '3f9c'],
  check: ['studio'],
}
const ALL = Object.entries(GIVEN)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-space-'))
  await writeFile(join(folder, 'file'), '')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function asked(home: string, ...words: readonly string[]): SpaceArguments {
  const init = { env: {}, cwd: folder, columns: 80, version: () => '', onContent: () => {} }
  const args = parse({ ...init, argv: ['space', ...words, '--home', home] })
  if (args.command !== 'space') throw new Error('not a command of a space')
  return args
}

function contextOf(stop: AbortSignal): Context {
  const output = fakeOutput('plain')
  return {
    env: {},
    stdin: (async function* () {})(),
    isPersonPresent: false,
    output,
    keys: undefined,
    hidden: undefined,
    clock: output.clock,
    stop,
    uptimeSeconds: () => 0,
    onExit: () => {},
  }
}

test.each(ALL)('%s with an option that there is not: 2', (name) => {
  expect(() => asked('h', name, '--zzz')).toThrow(/there is no option --zzz|is missing/)
})

test.each(ALL)('%s in a home that is a file: 5', async (name, words) => {
  const failed = space(asked(join(folder, 'file'), name, ...words), contextOf(new AbortController().signal))
  const failure = failureOf(await failed.catch((error: unknown) => error))
  expect([failure.exit, failure.code]).toEqual([5, 'ERR_HOME_INVALID'])
})

test.each(ALL)('%s that is stopped: 130, but for what is meant to be', async (name, words) => {
  const stopped = space(asked(join(folder, 'home'), name, ...words), contextOf(AbortSignal.abort()))
  if (name === 'watch') return expect(await stopped).toBeUndefined()
  const failure = failureOf(await stopped.catch((error: unknown) => error))
  expect([failure.exit, failure.code]).toEqual([130, 'ERR_INTERRUPTED'])
})

test('what changes something is not done again where it is not known whether it was done', async () => {
  const job = once(() => Promise.reject(new Error('gone')))
  expect(job.canRepeat?.()).toBe(true)
  await expect(job.work(undefined as never)).rejects.toThrow('gone')
  expect(job.canRepeat?.()).toBe(false)
})

test('the beginning of an id names one, or none', () => {
  expect(onlyOne(['3f9c0', '3f9d1'], '3f9c')).toBe('3f9c0')
  expect(onlyOne(['3f9c0', '3f9d1'], '3f9')).toBeUndefined()
  expect(onlyOne(['3f9c0'], 'ab')).toBeUndefined()
})

test('a new file is whole, or it is not there; one that is there stays as it is', async () => {
  const path = join(folder, 'list')
  {
    await using file = await NewFile.make(path)
    await file.add('x'.repeat(100_000))
  }
  await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
  {
    await using file = await NewFile.make(path)
    for (const line of ['a', 'b']) await file.add(line)
    await file.finish()
  }
  expect(await readFile(path, 'utf8')).toBe('a\nb\n')
  await expect(NewFile.make(path)).rejects.toMatchObject({ code: 'ERR_DESTINATION_EXISTS' })
  await expect(NewFile.make(join(folder, 'no', 'x'))).rejects.toMatchObject({ code: 'ERR_SOURCE_MISSING' })
  await expect(NewFile.make(join(path, 'x'))).rejects.toMatchObject({ code: 'ERR_SOURCE_MISSING' })
  expect(await readFile(path, 'utf8')).toBe('a\nb\n')
})
