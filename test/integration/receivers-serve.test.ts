/** Receivers serve each other: from the first block on, and after the first device is gone. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchEvent, FetchOptions, KnownShare, ShoalNode } from '@shoal/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PublicShare } from '../../packages/node/src/store/public-share.ts'
import { SealedShare } from '../../packages/node/src/store/sealed-share.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
  ['public with times', { public: true, preserve: true }],
] as const
const MIB = 1_048_576

afterEach(() => vi.restoreAllMocks())

/** A link without addresses: only who is named as a peer is asked. */
const bare = (link: string): string => link.split('.')[0] ?? ''

async function known(node: ShoalNode): Promise<KnownShare[]> {
  const shares: KnownShare[] = []
  for await (const share of node.shares()) shares.push(share)
  return shares
}

/** Whole shares give so many blocks, and the others when they are released. */
function stallAfter(blocks: number): { release: () => void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let given = 0
  for (const share of [SealedShare.prototype, PublicShare.prototype]) {
    // oxlint-disable-next-line typescript/unbound-method
    const { readBlock } = share
    vi.spyOn(share, 'readBlock').mockImplementation(async function (this: never, block: number) {
      if (++given > blocks) await released
      return await readBlock.call(this, block)
    })
  }
  return { release }
}

/** The newest progress of a fetch, as it goes on. */
function watch(): { onEvent: (event: FetchEvent) => void; bytes: () => number; events: FetchEvent[] } {
  const events: FetchEvent[] = []
  return {
    events,
    onEvent: (event) => void events.push(event),
    bytes: () => events.findLast((event) => event.type === 'progress')?.bytes ?? 0,
  }
}

/** Fetches until so many bytes are here, or it ends by itself, and then no more. */
async function fetchUntil(
  node: ShoalNode,
  link: string,
  least: number,
  options: FetchOptions,
): Promise<{ bytes: number; error: unknown }> {
  const stop = new AbortController()
  const { bytes, onEvent } = watch()
  const ended = node.fetch(link, { ...options, onEvent, signal: stop.signal }).then(
    () => undefined,
    (error: unknown) => error,
  )
  await Promise.race([ended, vi.waitFor(() => expect(bytes()).toBeGreaterThanOrEqual(least), 20_000)])
  stop.abort(new Error('enough'))
  return { bytes: bytes(), error: await ended }
}

async function staging(folder: string): Promise<string> {
  const [name] = (await readdir(folder)).filter((each) => each.startsWith('.shoal-'))
  return join(folder, String(name))
}

describe.each(FORMS)('%s', (_form, options) => {
  test('a device that fetches gives what it has, and the rest when it comes', async () => {
    const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
    const work = await temporaryFolder()
    const content = randomBytes(24 * MIB + 5)
    await mkdir(join(work, 'Set'))
    await writeFile(join(work, 'Set', 'large.bin'), content)
    await writeFile(join(work, 'Set', 'note'), 'note')
    const link = bare((await alice.share(join(work, 'Set'), options)).link)
    const alices = stallAfter(12)

    const [bobs, carols] = [watch(), watch()]
    const stop = new AbortController()
    const bobFetch = bob.fetch(link, {
      directory: join(work, 'bob'),
      peers: alice.addresses(),
      seed: true,
      signal: stop.signal,
      onEvent: bobs.onEvent,
    })
    await vi.waitFor(() => expect(bobs.bytes()).toBeGreaterThan(8 * MIB), 20_000)
    const carolFetch = carol.fetch(link, {
      directory: join(work, 'carol'),
      peers: bob.addresses(),
      waitMs: 60_000,
      onEvent: carols.onEvent,
    })
    // Alice gives nothing: what comes is what Bob had.
    await vi.waitFor(() => expect(carols.bytes()).toBeGreaterThan(8 * MIB), 20_000)
    expect(bobs.bytes()).toBeLessThan(16 * MIB)
    alices.release()
    const { path } = await carolFetch
    expect((await readFile(join(path, 'large.bin'))).equals(content)).toBe(true)
    await bobFetch
    await vi.waitFor(() => {
      const served = bobs.events.findLast((event) => event.type === 'served')
      expect(served?.bytes).toBeGreaterThan(8 * MIB)
    }, 10_000)
    expect(bobs.events.findIndex(({ type }) => type === 'served')).toBeGreaterThan(
      bobs.events.findIndex(({ type }) => type === 'done'),
    )
    stop.abort()
  })

  test('who goes on serving has the same link, gives everything, and lists it as a share', async () => {
    const home = join(await temporaryFolder(), 'home')
    const [alice, bob, carol] = [await startNode(), await startNode({ home }), await startNode()]
    const work = await temporaryFolder()
    const content = randomBytes(3 * MIB)
    await mkdir(join(work, 'Set', 'empty'), { recursive: true })
    await writeFile(join(work, 'Set', 'a.bin'), content)
    await writeFile(join(work, 'Set', 'none'), '')
    const { link } = await alice.share(join(work, 'Set'), options)
    const { path, seed } = await bob.fetch(link, { directory: join(work, 'bob'), seed: true })
    await alice.stop()
    const fetched = await carol.fetch(bare(link), {
      directory: join(work, 'carol'),
      peers: bob.addresses(),
    })
    expect((await readFile(join(fetched.path, 'a.bin'))).equals(content)).toBe(true)
    expect(await readdir(fetched.path)).toEqual(['a.bin', 'empty', 'none'])
    expect(await known(bob)).toMatchObject([{ name: 'Set', state: 'serving' }])
    expect(bare((await known(bob))[0]?.link ?? '')).toBe(bare(link))
    await seed?.stop()
    expect(await seed?.ended).toBe('stopped')
    expect(await known(bob)).toMatchObject([{ state: 'stopped' }])
    await bob.stop()
    // It was recorded: the same folder has the same link.
    const again = await startNode({ home })
    const shared = await again.share(path, options)
    expect(bare(shared.link)).toBe(bare(link))
    expect(await known(again)).toHaveLength(1)
  })
})

test('what was merged into a folder is served without what lies beside it', async () => {
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const work = await temporaryFolder()
  const [a, b] = [randomBytes(2 * MIB), randomBytes(1_000_000)]
  await mkdir(join(work, 'Set'))
  await writeFile(join(work, 'Set', 'a'), a)
  await writeFile(join(work, 'Set', 'b'), b)
  const { link } = await alice.share(join(work, 'Set'))
  await mkdir(join(work, 'bob', 'Set'), { recursive: true })
  await writeFile(join(work, 'bob', 'Set', 'a'), a)
  await writeFile(join(work, 'bob', 'Set', 'own'), 'not for others')
  const result = await bob.fetch(link, { directory: join(work, 'bob'), seed: true })
  expect(result.bytesReused).toBeGreaterThan(MIB)
  await alice.stop()
  const { path } = await carol.fetch(bare(link), {
    directory: join(work, 'carol'),
    peers: bob.addresses(),
  })
  expect(await readdir(path)).toEqual(['a', 'b'])
  expect((await readFile(join(path, 'a'))).equals(a)).toBe(true)
  expect(await known(bob)).toMatchObject([{ state: 'serving' }])
})

test('of a part that was asked for, what is whole is served as long as that is asked for', async () => {
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const work = await temporaryFolder()
  const large = randomBytes(4 * MIB)
  await mkdir(join(work, 'Set'))
  await writeFile(join(work, 'Set', 'a'), 'small')
  await writeFile(join(work, 'Set', 'large'), large)
  const { link } = await alice.share(join(work, 'Set'), { public: true })
  const bobs = watch()
  const { seed } = await bob.fetch(link, {
    directory: join(work, 'bob'),
    only: ['large'],
    seed: true,
    onEvent: bobs.onEvent,
  })
  expect(bobs.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'WARN_SEED_NOT_KEPT' }))
  await alice.stop()
  const wanted = { peers: bob.addresses() }
  const { path } = await carol.fetch(bare(link), {
    ...wanted,
    directory: join(work, 'carol'),
    only: ['large'],
  })
  expect((await readFile(join(path, 'large'))).equals(large)).toBe(true)
  // All of it never comes from there, but what Bob has does.
  const { bytes, error } = await fetchUntil(carol, bare(link), 3 * MIB, {
    ...wanted,
    directory: join(work, 'all'),
  })
  expect(bytes).toBeLessThanOrEqual(large.byteLength)
  expect(error).toBeInstanceOf(Error)
  expect(await known(bob)).toEqual([])
  await seed?.stop()
})

test('bytes that were changed in the folder of a running fetch are never sent', async () => {
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const work = await temporaryFolder()
  const content = randomBytes(24 * MIB)
  await writeFile(join(work, 'large'), content)
  const share = await alice.share(join(work, 'large'))
  const link = bare(share.link)
  const alices = stallAfter(12)
  const stop = new AbortController()
  const bobs = watch()
  const bobFetch = bob.fetch(link, {
    directory: join(work, 'bob'),
    peers: alice.addresses(),
    signal: stop.signal,
    onEvent: bobs.onEvent,
  })
  await vi.waitFor(() => expect(bobs.bytes()).toBeGreaterThan(8 * MIB), 20_000)
  const file = await open(join(await staging(join(work, 'bob')), 'content'), 'r+')
  await file.write(Buffer.alloc(100), 0, 100, 3 * MIB)
  await file.close()
  const { error } = await fetchUntil(carol, link, 6 * MIB, {
    directory: join(work, 'carol'),
    peers: bob.addresses(),
  })
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  stop.abort(new Error('enough'))
  await expect(bobFetch).rejects.toThrow('enough')
  alices.release()
  const result = await carol.fetch(share.link, { directory: join(work, 'carol') })
  expect((await readFile(result.path)).equals(content)).toBe(true)
  expect(result.bytesReused).toBeGreaterThan(0)
})
