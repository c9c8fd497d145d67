import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchEvent, ShareEvent } from '@shoal/node'
import { describe, expect, test } from 'vitest'
import { linkWithWrongKey } from '../helpers/links.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const

async function contents(folder: string): Promise<Record<string, Buffer | null>> {
  const found: Record<string, Buffer | null> = {}
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name)
    found[path.slice(folder.length + 1)] = item.isFile() ? await readFile(path) : null
  }
  return found
}

describe.each(FORMS)('%s', (form, options) => {
  test.each([
    ['an empty file', 0],
    ['one byte', 1],
    ['a block less one', 1_048_559],
    ['a block of the sealed format', 1_048_560],
    ['a MiB', 1_048_576],
    ['a few blocks', 5_000_001],
    ['enough to make padding blocks', 40_000_000],
  ])('%s arrives byte for byte', async (_name, bytes) => {
    const [alice, bob] = [await startNode(), await startNode()]
    const folder = await temporaryFolder()
    const content = randomBytes(bytes)
    await writeFile(join(folder, 'holiday.iso'), content)
    const share = await alice.share(join(folder, 'holiday.iso'), options)
    expect(share.sealed).toBe(form === 'sealed')
    expect(share.link.startsWith('shoal://')).toBe(true)

    const out = join(folder, 'out')
    const events: FetchEvent[] = []
    const result = await bob.fetch(share.link, { directory: out, onEvent: (event) => events.push(event) })
    expect(result.path).toBe(join(out, 'holiday.iso'))
    expect(Buffer.compare(await readFile(result.path), content)).toBe(0)
    expect(await readdir(out)).toEqual(['holiday.iso'])
    expect(result.bytes).toBe(bytes)
    expect(result.bytesFetched).toBeGreaterThanOrEqual(bytes)
    expect(events.at(-1)).toMatchObject({ type: 'done', bytes })
    const progress = events.filter((event) => event.type === 'progress')
    if (bytes > 0) expect(progress.at(-1)).toMatchObject({ bytes, total: bytes })
  })

  test('a folder arrives with its names, empty files and empty folders', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const work = await temporaryFolder()
    const folder = join(work, 'Holiday')
    await mkdir(join(folder, 'empty folder'), { recursive: true })
    await mkdir(join(folder, 'deep/er/still'), { recursive: true })
    await writeFile(join(folder, 'deep/er/still/a'), randomBytes(1_500_000))
    await writeFile(join(folder, 'deep/er/b'), randomBytes(10))
    await writeFile(join(folder, 'empty file'), '')
    await writeFile(join(folder, 'Ünïcödé 🐟.txt'), 'fish')
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
    await chmod(join(folder, 'run.sh'), 0o755)
    await utimes(join(folder, 'deep/er/b'), 1_000_000_000.5, 1_000_000_000.5)
    await symlink('/etc/passwd', join(folder, 'a link'))

    const warnings: ShareEvent[] = []
    const share = await alice.share(folder, {
      ...options,
      onEvent: (event) => event.type === 'warning' && warnings.push(event),
    })
    expect(warnings).toMatchObject([{ code: 'WARN_SKIPPED_LINK' }])
    const { path } = await bob.fetch(share.link, { directory: join(work, 'out') })
    const { ['a link']: _link, ...expected } = await contents(folder)
    expect(await contents(path)).toEqual(expected)
    if (form === 'sealed') {
      expect((await stat(join(path, 'deep/er/b'))).mtimeMs).toBe(1_000_000_000_500)
      expect((await stat(join(path, 'run.sh'))).mode & 0o777).toBe(0o755)
      expect((await stat(join(path, 'deep/er/b'))).mode & 0o777).toBe(0o644)
    }
  })

  test('an empty folder arrives', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const work = await temporaryFolder()
    await mkdir(join(work, 'nothing'))
    const share = await alice.share(join(work, 'nothing'), options)
    const { path, bytes } = await bob.fetch(share.link, { directory: join(work, 'out') })
    expect(bytes).toBe(0)
    expect(await readdir(path)).toEqual([])
  })

  test('a file that is changed behind the share ends the fetch with "gone" and leaves nothing', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const work = await temporaryFolder()
    const file = join(work, 'thesis.pdf')
    await writeFile(file, randomBytes(3_000_000))
    const share = await alice.share(file, options)
    const { atime, mtime } = await stat(file)
    await writeFile(file, randomBytes(3_000_000))
    await utimes(file, atime, mtime)
    const out = join(work, 'out')
    await expect(bob.fetch(share.link, { directory: out })).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })
    expect(await readdir(out)).toEqual([])
  })

  test('several at once fetch several at once', async () => {
    const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
    const work = await temporaryFolder()
    const files = [randomBytes(4_000_000), randomBytes(2_000_000), randomBytes(10)]
    await Promise.all(files.map((content, i) => writeFile(join(work, `${i}`), content)))
    const shares = await Promise.all(files.map((_, i) => alice.share(join(work, `${i}`), options)))
    const fetches = [bob, carol].flatMap((node, who) =>
      shares.map((share) => node.fetch(share.link, { directory: join(work, `out-${who}`) })),
    )
    await Promise.all(fetches)
    for (const who of [0, 1]) {
      for (const [i, content] of files.entries()) {
        expect(await readFile(join(work, `out-${who}`, `${i}`))).toEqual(content)
      }
    }
  })
})

test('with --preserve a public folder keeps times and executable bits', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const work = await temporaryFolder()
  const folder = join(work, 'tools')
  await mkdir(folder)
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  await writeFile(join(folder, 'empty'), '')
  await chmod(join(folder, 'run.sh'), 0o755)
  await utimes(join(folder, 'run.sh'), 1_000_000_000.5, 1_000_000_000.5)
  const share = await alice.share(folder, { public: true, preserve: true })
  const { path } = await bob.fetch(share.link, { directory: join(work, 'out') })
  expect(await readFile(join(path, 'empty'))).toHaveLength(0)
  const got = await stat(join(path, 'run.sh'))
  expect([got.mtimeMs, got.mode & 0o777]).toEqual([1_000_000_000_500, 0o755])
})

describe('what ends in an error leaves nothing behind', () => {
  test('a wrong key is told before anything is opened', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { wrong } = await linkWithWrongKey(alice)
    const directory = join(await temporaryFolder(), 'out')
    await expect(bob.fetch(wrong, { directory })).rejects.toMatchObject({
      code: 'ERR_WRONG_KEY',
    })
    await expect(readdir(directory)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a share that was stopped is gone, a stopped node does not answer', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const work = await temporaryFolder()
    await writeFile(join(work, 'a'), 'first')
    const share = await alice.share(join(work, 'a'))
    await share.stop()
    const fetch = (): Promise<unknown> =>
      bob.fetch(share.link, { directory: join(work, 'out'), waitMs: 1_500 })
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_CONTENT_GONE' })
    await alice.stop()
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  })

  test('a destination that exists is not touched', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const work = await temporaryFolder()
    await writeFile(join(work, 'a'), 'first')
    const share = await alice.share(join(work, 'a'))
    await mkdir(join(work, 'out'))
    await writeFile(join(work, 'out/a'), 'mine')
    await expect(bob.fetch(share.link, { directory: join(work, 'out') })).rejects.toMatchObject({
      code: 'ERR_DESTINATION_EXISTS',
    })
    expect(await contents(join(work, 'out'))).toEqual({ a: Buffer.from('mine') })
  })

  test('an aborted fetch rejects with the reason, and nothing stands under the final name', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const work = await temporaryFolder()
    await writeFile(join(work, 'a'), randomBytes(50_000_000))
    const share = await alice.share(join(work, 'a'))
    const stop = new AbortController()
    const reason = new Error('enough')
    const fetch = bob.fetch(share.link, {
      directory: join(work, 'out'),
      signal: stop.signal,
      onEvent: (event) => event.type === 'progress' && stop.abort(reason),
    })
    await expect(fetch).rejects.toBe(reason)
    expect((await readdir(join(work, 'out'))).filter((name) => !name.startsWith('.shoal-'))).toEqual([])
  })

  test('a fetch survives its provider being restarted in the middle', async () => {
    const home = join(await temporaryFolder(), 'home')
    const [alice, bob] = [await startNode({ home }), await startNode()]
    const work = await temporaryFolder()
    const content = randomBytes(60_000_000)
    await writeFile(join(work, 'a'), content)
    const share = await alice.share(join(work, 'a'), { public: true })
    let restarted: Promise<unknown> | undefined
    const restart = async (): Promise<void> => {
      await alice.stop()
      // A public share of the same bytes has the same root, and the home keeps its port: the link stays good.
      const again = await startNode({ home })
      await again.share(join(work, 'a'), { public: true })
    }
    const { path, bytesFetched } = await bob.fetch(share.link, {
      directory: join(work, 'out'),
      onEvent: (event) => {
        if (event.type === 'progress' && event.bytes > 0) restarted ??= restart()
      },
    })
    await restarted
    expect(restarted).toBeDefined()
    expect(Buffer.compare(await readFile(path), content)).toBe(0)
    // No block that was verified is fetched again; only the nodes of the plan may be.
    expect(bytesFetched).toBeLessThan(content.byteLength + 100_000)
  })
})
