import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListEntry, ListOptions, ShoalNode } from '@shoal/node'
import { describe, expect, test } from 'vitest'
import { linkWithWrongKey } from '../helpers/links.ts'
import { folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const

async function list(node: ShoalNode, link: string, options?: ListOptions): Promise<ListEntry[]> {
  const entries: ListEntry[] = []
  for await (const entry of node.list(link, options)) entries.push(entry)
  return entries
}

async function holiday(): Promise<string> {
  const folder = await folderOf('Holiday', {
    'day 1/nothing': null,
    'day 1/sea.bin': Buffer.alloc(3_000_000, 7),
    'day 1/small': 'x',
    'day 1.txt': 'one',
    'Ünïcödé 🐟.txt': 'fish',
  })
  await utimes(join(folder, 'day 1.txt'), 1_000_000_000.5, 1_000_000_000.5)
  return folder
}

describe.each(FORMS)('%s', (form, options) => {
  test('everything is listed in order, or what lies at and below a path', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link } = await alice.share(await holiday(), options)
    const all = await list(bob, link)
    expect(all.map(({ path, kind, bytes }) => [path, kind, bytes])).toEqual([
      ['day 1', 'folder', 0],
      ['day 1/nothing', 'folder', 0],
      ['day 1/sea.bin', 'file', 3_000_000],
      ['day 1/small', 'file', 1],
      ['day 1.txt', 'file', 3],
      ['Ünïcödé 🐟.txt', 'file', 4],
    ])
    const text = all.find(({ path }) => path === 'day 1.txt')
    expect(text?.mtime).toBe(form === 'sealed' ? 1_000_000_000_500 : null)

    const below = all.filter(({ path }) => path.startsWith('day 1/'))
    for (const path of ['day 1', 'day 1/', './day 1', '/day 1//.']) {
      expect(await list(bob, link, { path })).toEqual(below)
    }
    expect(await list(bob, link, { path: 'day 1.txt' })).toEqual([text])
    expect(await list(bob, link, { path: 'day 1/sea.bin' })).toMatchObject([{ bytes: 3_000_000 }])
    expect(await list(bob, link, { path: 'day 1/small' })).toMatchObject([{ path: 'day 1/small', bytes: 1 }])
    expect(await list(bob, link, { path: 'day 1/nothing' })).toEqual([])
    expect(await list(bob, link, { path: '.' })).toEqual(all)
  })

  test.each(['day', 'day 1/se', 'day 1/sea.bin/x', 'day 1.txt/x', '..', 'zzz', '\u0001', 'Holiday'])(
    'a path that is not there is told: %j',
    async (path) => {
      const alice = await startNode()
      const { link } = await alice.share(await holiday(), options)
      await expect(list(alice, link, { path })).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
    },
  )

  test.each([0, 5, 3_000_000])(
    'a share of one file of %i bytes is one entry with its name',
    async (bytes) => {
      const [alice, bob] = [await startNode(), await startNode()]
      const file = join(await temporaryFolder(), 'talk.txt')
      await writeFile(file, Buffer.alloc(bytes))
      const { link } = await alice.share(file, options)
      const all = await list(bob, link)
      expect(all).toMatchObject([{ path: 'talk.txt', kind: 'file', bytes }])
      expect(await list(bob, link, { path: 'talk.txt' })).toEqual(all)
      await expect(list(bob, link, { path: 'talk' })).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
    },
  )

  test('an empty folder has no entries', async () => {
    const alice = await startNode()
    const folder = join(await temporaryFolder(), 'nothing')
    await mkdir(folder)
    const { link } = await alice.share(folder, options)
    expect(await list(alice, link)).toEqual([])
    await expect(list(alice, link, { path: 'x' })).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
  })
})

test('30,000 entries are listed, and paths among them are found', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const folder = join(await temporaryFolder(), 'many')
  const names = Array.from({ length: 100 }, (_, i) => `${i}`.padStart(3, '0').padStart(120, 'n'))
  for (let i = 0; i < 299; i++) {
    await mkdir(join(folder, `folder ${i}`), { recursive: true })
    await Promise.all(names.map((file) => writeFile(join(folder, `folder ${i}`, file), '')))
  }
  for (const [, options] of FORMS) {
    const { link } = await alice.share(folder, options)
    expect(await list(bob, link)).toHaveLength(299 * 101)
    for (const name of ['folder 0', 'folder 150', 'folder 298', 'folder 99']) {
      const below = await list(bob, link, { path: name })
      expect(below.map(({ path }) => path)).toEqual(names.map((file) => `${name}/${file}`))
      expect(await list(bob, link, { path: `${name}/${names[50]}` })).toEqual([below[50]])
    }
    const missing = list(bob, link, { path: 'folder 2000' })
    await expect(missing).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
  }
}, 120_000)

test('an ipfs:// link with a path is that path, and a path given besides lies below it', async () => {
  const alice = await startNode()
  const { root } = await alice.share(await holiday(), { public: true })
  const below = await list(alice, `ipfs://${root}/day%201`)
  expect(below.map(({ path }) => path)).toEqual(['day 1/nothing', 'day 1/sea.bin', 'day 1/small'])
  expect(await list(alice, `ipfs://${root}/day%201`, { path: 'small' })).toEqual(below.slice(2))
})

describe('what ends in an error', () => {
  test('a wrong key', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { wrong } = await linkWithWrongKey(alice)
    await expect(list(bob, wrong)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' })
  })

  test('a link that is none, a share that was stopped, a node that does not answer', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    await expect(list(bob, 'shoal://x')).rejects.toMatchObject({ code: 'ERR_LINK_MALFORMED' })
    const share = await alice.share(await holiday())
    await share.stop()
    const gone = list(bob, share.link, { waitMs: 1_500 })
    await expect(gone).rejects.toMatchObject({ code: 'ERR_CONTENT_GONE' })
    await alice.stop()
    const silent = list(bob, share.link, { waitMs: 1_500 })
    await expect(silent).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  })

  test('an abort rejects with its reason, also between two entries; so does a node that stops', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link } = await alice.share(await holiday())
    const stop = new AbortController()
    const reason = new Error('enough')
    const entries = bob.list(link, { signal: stop.signal })
    await entries.next()
    stop.abort(reason)
    await expect(entries.next()).rejects.toBe(reason)
    const others = bob.list(link)
    await others.next()
    await bob.stop()
    await expect(others.next()).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
  })
})
