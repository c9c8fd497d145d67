import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { openStore, shareIn, specOf } from '../helpers/shares.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

async function* given(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

test('the same bytes are one file, for the user alone, which stays as it was', async () => {
  const { store, paths } = await openStore()
  const first = await store.inputs.receive(given('he', 'llo'))
  const before = statSync(first)
  expect(await store.inputs.receive(given('hello'))).toBe(first)
  expect(statSync(first).ctimeMs).toBe(before.ctimeMs)
  expect([readFileSync(first, 'utf8'), before.mode & 0o777]).toEqual(['hello', 0o600])
  expect(readdirSync(paths.inputs).length).toBe(1)
})

test('a file that nobody came to share goes with the last who gave it up', async () => {
  const { store, paths } = await openStore()
  const path = await store.inputs.receive(given('x'))
  await store.inputs.receive(given('x'))
  await store.inputs.release(path)
  expect(readdirSync(paths.inputs).length).toBe(1)
  await store.inputs.release(path)
  expect(readdirSync(paths.inputs)).toEqual([])
})

test('a file stays until the last share of it is removed', async () => {
  const opened = await openStore()
  const { store, paths } = opened
  const path = await store.inputs.receive(given('x'))
  for (const name of ['one', 'two']) await shareIn(opened, specOf(path, { name }), workers)
  await store.inputs.release(path)
  const rows = []
  for await (const row of store.list()) rows.push(row)
  expect(rows.map(({ name }) => name)).toEqual(['one', 'two'])
  await store.remove(rows.slice(0, 1))
  expect(readdirSync(paths.inputs).length).toBe(1)
  await store.remove(rows.slice(1))
  expect(readdirSync(paths.inputs)).toEqual([])
})

describe('what a process that died leaves behind is cleared away', () => {
  test('a part, and a file that it never came to share', async () => {
    const { store, paths } = await openStore()
    const path = await store.inputs.receive(given('x'))
    writeFileSync(`${path}.part`, 'half')
    await store.close()
    await (await openStore(paths)).store.close()
    expect(readdirSync(paths.inputs)).toEqual([])
  })

  test('but not a file that is shared', async () => {
    const opened = await openStore()
    const path = await opened.store.inputs.receive(given('x'))
    await shareIn(opened, specOf(path), workers)
    await opened.store.close()
    await (await openStore(opened.paths)).store.close()
    expect(readdirSync(opened.paths.inputs).length).toBe(1)
  })
})

test('a disk that is almost full, or fails, is told, and nothing is left', async () => {
  const almost = await openStore(undefined, { ...systemDisk, freeBytes: async () => 1_000 })
  await expect(almost.store.inputs.receive(given('x'))).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(readdirSync(almost.paths.inputs)).toEqual([])
  const full = Object.assign(new Error('no'), { code: 'ENOSPC' })
  const failing = await openStore(undefined, { ...systemDisk, writeNew: () => Promise.reject(full) })
  await expect(failing.store.inputs.receive(given('x'))).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(readdirSync(join(failing.paths.inputs))).toEqual([])
})
