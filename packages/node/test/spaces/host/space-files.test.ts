/** Which fetches and calls come to putting files into a space and getting them out. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ShoalError } from '../../../src/errors.ts'
import type { EntrySource } from '../../../src/spaces/host/calls.ts'
import type { KeptContent } from '../../../src/spaces/host/kept-content.ts'
import { FETCH_PATTERNS } from '../../../src/spaces/host/limits.ts'
import { SpaceFiles } from '../../../src/spaces/host/space-files.ts'
import { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import type { FetchOptions, FetchResult } from '../../../src/transfer/fetch-service.ts'
import { rootOf } from '../../helpers/space-hosts.ts'

const KEY = new Uint8Array(32).fill(7)
const { signal } = new AbortController()

/** Of a space in which are these, with each fetch that was asked for. */
function filesWith(
  sources: readonly EntrySource[],
  keep: (root: string) => Promise<void> = async () => {},
  entries = 0,
): { files: SpaceFiles; fetches: FetchOptions[]; stopped: () => number } {
  const fetches: FetchOptions[] = []
  let stopped = 0
  const host = new SpaceHost({ run: async () => sources, close: async () => {} })
  const fetch = async (_link: string, options: FetchOptions): Promise<FetchResult> => {
    fetches.push(options)
    const seed = { stop: async () => void stopped++ }
    const result = { path: join('/out', `share ${fetches.length}`) }
    return { ...result, ...(options.seed === true ? { seed } : {}) } as unknown as FetchResult
  }
  const never = (): never => {
    throw new Error('nobody shares here')
  }
  const kept = { keep } as unknown as KeptContent
  const stat = async (): Promise<{ entries: number }> => ({ entries })
  return {
    files: new SpaceFiles({ host, kept, fetch, stat, share: never, madeOf: never }),
    fetches,
    stopped: () => stopped,
  }
}

const source = (path: string, inner: string, root = rootOf('one')): EntrySource => ({
  path,
  inner,
  root,
  bytes: 1,
  key: KEY,
})

test('of each share only what is asked for is fetched, all of it together', async () => {
  const other = rootOf('other')
  const sources = [source('a', 'x/[a]'), source('film', '', other), source('b', 'x/b')]
  const { files, fetches } = filesWith(sources)
  const got = await files.get('space', ['whatever'], { signal, directory: '/out', waitMs: 5 })
  expect(fetches).toMatchObject([
    { only: [String.raw`/x/\[a\]`, '/x/b'], directory: '/out', waitMs: 5, overwrite: false, seed: false },
    { directory: '/out' },
  ])
  expect(fetches[1]).not.toHaveProperty('only')
  expect(got).toEqual([
    { path: 'a', file: join('/out', 'share 1', 'x', '[a]'), bytes: 1 },
    { path: 'b', file: join('/out', 'share 1', 'x', 'b'), bytes: 1 },
    { path: 'film', file: join('/out', 'share 2'), bytes: 1 },
  ])
})

test('more files than a fetch takes patterns, or longer ones, are more fetches', async () => {
  const many = Array.from({ length: FETCH_PATTERNS + 1 }, (_, i) => source(`${i}`, `${i}`))
  const first = filesWith(many)
  expect(await first.files.get('space', [''], { signal })).toHaveLength(many.length)
  expect(first.fetches.map(({ only }) => only?.length)).toEqual([FETCH_PATTERNS, 1])
  const long = Array.from({ length: 40 }, (_, i) => source(`${i}`, `${'x'.repeat(900)}${i}`))
  const second = filesWith(long)
  await second.files.get('space', [''], { signal })
  const units = second.fetches.map(({ only = [] }) => only.join('').length)
  expect(units.length).toBe(3)
  expect(Math.max(...units)).toBeLessThan(65_536)
})

test('what was fetched whole goes on as a share that is kept up; a part is served as it is', async () => {
  const whole = filesWith([source('a', '')])
  await whole.files.get('space', ['a'], { signal, seed: true })
  expect(whole.stopped()).toBe(1)
  // x, x/y, and two files.
  const all = [source('a', 'x/a'), source('b', 'x/y/b')]
  const folder = filesWith(all, undefined, 4)
  expect(await folder.files.get('space', [''], { signal, seed: true })).toHaveLength(2)
  expect(folder.fetches).toHaveLength(1)
  expect(folder.fetches[0]).not.toHaveProperty('only')
  const more = filesWith(all, undefined, 5)
  await more.files.get('space', [''], { signal, seed: true })
  expect(more.fetches[0]?.only).toHaveLength(2)
  const part = filesWith([source('a', 'x')], async () => {
    throw new ShoalError('ERR_NOT_SHARED', 'a part is no share')
  })
  await part.files.get('space', ['a'], { signal, seed: true })
  expect(part.stopped()).toBe(0)
  const broken = filesWith([source('a', '')], async () => {
    throw new ShoalError('ERR_DISK', 'broken')
  })
  await expect(broken.files.get('space', ['a'], { signal, seed: true })).rejects.toMatchObject({
    code: 'ERR_DISK',
  })
})
