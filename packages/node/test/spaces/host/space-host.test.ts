/** All spaces of a home in one thread: opened, kept, told apart, and what becomes of those that are damaged. */
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import type { SpaceCall } from '../../../src/spaces/host/calls.ts'
import { MAX_CALLS, MAX_SPACES } from '../../../src/spaces/host/limits.ts'
import { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { hostOf, hostWith, newHome, pathsIn, put } from '../../helpers/space-hosts.ts'

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted })

function startedWorkers(): Worker[] {
  const started: Worker[] = []
  const note = (worker: Worker): void => void started.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return started
}

test('a home without spaces has no thread and no folder for them, also once it is closed', async () => {
  const started = startedWorkers()
  const home = await newHome()
  const host = await hostOf(home)
  await host.close()
  expect(started).toEqual([])
  expect(existsSync(home)).toBe(false)
})

test('what is in the spaces of a home is there when it is opened again', async () => {
  const home = await newHome()
  const { host, space } = await hostWith(['a', 'b/c'], home)
  const { id: other } = await host.call('found', { name: 'work' })
  await host.close()
  const again = await hostOf(home)
  const list = await again.call('list', {})
  expect(list).toHaveLength(2)
  const holiday = list.find(({ id }) => id === space)
  const facts = {
    name: 'holiday',
    role: 'founder',
    members: 1,
    entries: 2,
    bytes: 4,
    fault: null,
    unwritten: null,
  }
  expect(holiday).toEqual({ id: space, ...facts })
  expect(list.find(({ id }) => id === other)).toMatchObject({ name: 'work', entries: 0 })
  expect(await pathsIn(again, space)).toEqual(['a', 'b/c'])
  expect(await again.call('check', { space })).toMatchObject({ isSound: true })
})

test('a space is meant by its id, its name or the beginning of its id, unless that means another too', async () => {
  const host = await hostOf()
  const first = await host.call('found', { name: 'one' })
  const second = await host.call('found', { name: 'two' })
  const twin = await host.call('found', { name: 'two' })
  const resolve = async (ref: string): Promise<string> => (await host.call('resolve', { ref })).id
  expect(await resolve(first.id)).toBe(first.id)
  expect(await resolve('one')).toBe(first.id)
  expect(await resolve(first.id.slice(0, 12))).toBe(first.id)
  expect(await resolve(second.id)).toBe(second.id)
  await expect(resolve('two')).rejects.toEqual(code('ERR_SPACE_AMBIGUOUS'))
  for (const ref of ['', 'three', first.id.slice(0, 3), `${twin.id}0`])
    await expect(resolve(ref)).rejects.toEqual(code('ERR_SPACE_UNKNOWN'))
  await expect(host.call('check', { space: '0'.repeat(64) })).rejects.toEqual(code('ERR_SPACE_UNKNOWN'))
})

test('a damaged space says so, the others go on, and it is back once it is mended', async () => {
  const home = await newHome()
  const { host, space } = await hostWith(['a'], home)
  const { id: other } = await host.call('found', { name: 'work' })
  await host.close()
  const file = join(home, 'spaces', space, 'catalogue.db')
  const whole = await readFile(file)
  for (const part of ['-wal', '-shm']) await rm(`${file}${part}`, { force: true })
  await writeFile(file, 'this is no database, and long enough to be taken for one')
  const again = await hostOf(home)
  const fault = { code: 'ERR_HOME_INVALID' }
  const list = await again.call('list', {})
  expect(list.find(({ id }) => id === space)).toMatchObject({ name: '', role: null, fault })
  await expect(pathsIn(again, space)).rejects.toMatchObject(fault)
  await put(again, other, ['b'])
  expect(await pathsIn(again, other)).toEqual(['b'])
  await writeFile(file, whole)
  expect(await pathsIn(again, space)).toEqual(['a'])
})

test('a name that is none makes no space and leaves nothing', async () => {
  const home = await newHome()
  const host = await hostOf(home)
  await expect(host.call('found', { name: '' })).rejects.toEqual(code('ERR_OPTIONS_INVALID'))
  expect(await host.call('list', {})).toEqual([])
})

test(`a home has ${MAX_SPACES} spaces at most`, async () => {
  const home = await newHome()
  const ids = Array.from({ length: MAX_SPACES }, (_, i) => i.toString(16).padStart(64, '0'))
  await Promise.all(ids.map((id) => mkdir(join(home, 'spaces', id), { recursive: true })))
  const host = await hostOf(home)
  await expect(host.call('found', { name: 'one more' })).rejects.toEqual(code('ERR_LIMIT'))
  await expect(host.call('keep', { space: 'f'.repeat(64) })).rejects.toEqual(code('ERR_LIMIT'))
  await host.call('keep', { space: ids[0] as string })
})

test('a space of which nothing came yet is kept, and not listed', async () => {
  const host = await hostOf()
  const space = 'a'.repeat(64)
  await host.call('keep', { space })
  expect(await host.call('list', {})).toEqual([])
  expect(await pathsIn(host, space)).toEqual([])
  await expect(host.call('members', { space })).rejects.toEqual(code('ERR_PROTOCOL'))
  await expect(host.call('keep', { space: '../a' })).rejects.toEqual(code('ERR_SPACE_UNKNOWN'))
})

test('when the thread dies, what it was asked fails, and the next call finds everything that was written', async () => {
  const started = startedWorkers()
  const { host, space } = await hostWith(['a'])
  const lost = host.call('check', { space })
  await Promise.all([expect(lost).rejects.toEqual(code('ERR_INTERNAL')), started[0]?.terminate()])
  expect(await pathsIn(host, space)).toEqual(['a'])
  await put(host, space, ['b'])
  expect(await pathsIn(host, space)).toEqual(['a', 'b'])
})

test('what was begun is finished before the host is closed, and nothing is begun after', async () => {
  const home = await newHome()
  const { host, space } = await hostWith([], home)
  const begun = put(host, space, ['a'])
  await Promise.all([host.close(), begun])
  await expect(host.call('list', {})).rejects.toEqual(code('ERR_NODE_STOPPED'))
  expect(await pathsIn(await hostOf(home), space)).toEqual(['a'])
})

test(`over ${MAX_CALLS} calls that wait there are no more`, async () => {
  const waiting: (() => void)[] = []
  const run = (call: SpaceCall): Promise<unknown> =>
    call.name === 'close' ? Promise.resolve() : new Promise((resolve) => void waiting.push(() => resolve([])))
  const host = new SpaceHost({ run, close: async () => {} })
  const calls = Array.from({ length: MAX_CALLS }, () => host.call('list', {}))
  await expect(host.call('list', {})).rejects.toEqual(code('ERR_LIMIT'))
  for (const answer of waiting.splice(0)) answer()
  await Promise.all(calls)
  const next = host.call('list', {})
  waiting[0]?.()
  expect(await next).toEqual([])
  await host.close()
})

test('whoever waits for changes of a space is told of each, and of those of no other', async () => {
  const { host, space } = await hostWith([])
  const { id: other } = await host.call('found', { name: 'work' })
  let changes = 0
  const end = host.onChange(space, () => changes++)
  await put(host, other, ['a'])
  await pathsIn(host, space)
  expect(changes).toBe(0)
  await put(host, space, ['a'])
  await expect(host.call('move', { space, from: 'gone', to: 'b' })).rejects.toEqual(code('ERR_NOT_IN_SPACE'))
  expect(changes).toBe(2)
  end()
  await put(host, space, ['b'])
  expect(changes).toBe(2)
})

test('a file beside the spaces that is none of theirs is left alone', async () => {
  const home = await newHome()
  const { host, space } = await hostWith([], home)
  await appendFile(join(home, 'spaces', 'notes.txt'), 'mine')
  expect((await host.call('list', {})).map(({ id }) => id)).toEqual([space])
})
