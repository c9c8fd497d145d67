/**
 * Limits of speed between real nodes, seen from outside: a proxy counts what passes. Never above is asserted; how far
 * below a busy machine stays is reported.
 */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode, type FetchOptions, type NodeOptions, type ShareOptions } from '@shoal/node'
import { expect, onTestFinished, test } from 'vitest'
import { countingProxy, extremes } from '../helpers/counting-proxy.ts'
import { LOOPBACK, startNode, temporaryFolder } from '../helpers/nodes.ts'
import { LOOPBACK_FLAGS } from '../bench/processes.ts'
import { Shoal } from '../helpers/shoal.ts'

/** What no ten seconds may have more of, beside the limit. */
const MOST = 1.05
const SECONDS = 10
/** Connecting, and finding each other: limits are not about that. */
const UNCOUNTED_BYTES = 20_000

interface Provider {
  readonly link: string
  readonly peer: string
  readonly port: number
}

async function provide(bytes: number, options: NodeOptions, shareOptions: ShareOptions): Promise<Provider> {
  const node = await startNode(options)
  const path = join(await temporaryFolder(), 'content')
  await writeFile(path, randomBytes(bytes))
  const { link } = await node.share(path, shareOptions)
  const port = Number(/\/tcp\/(\d+)/.exec(node.addresses()[0] ?? '')?.[1])
  // Without its hints: the way is through the proxy.
  return { link: link.replace(/\.[\w-]*$/, ''), peer: node.peerId, port }
}

/** Fetches through a proxy until what passed in `SECONDS` after the first one is known. */
async function watch(
  { link, peer, port }: Provider,
  options: NodeOptions,
  fetchOptions: FetchOptions,
): Promise<{ most: number; first: number; bytes: number }> {
  await using proxy = await countingProxy(port)
  const node = await startNode(options)
  const stop = new AbortController()
  const directory = await temporaryFolder()
  const peers = [`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${peer}`]
  const fetching = node.fetch(link, { ...fetchOptions, directory, peers, signal: stop.signal })
  let failure: unknown
  fetching.catch((error: unknown) => (failure = error))
  await expect
    .poll(() => failure !== undefined || proxy.elapsedMs > (SECONDS + 1) * 1_000, { timeout: 50_000 })
    .toBe(true)
  expect(failure).toBeUndefined()
  stop.abort(new Error('measured'))
  await expect(fetching).rejects.toThrow('measured')
  await node.stop()
  const { most } = extremes(proxy.slots, { seconds: SECONDS, fromSecond: 1, toSecond: SECONDS + 1 })
  const { most: first } = extremes(proxy.slots, { seconds: SECONDS, toSecond: SECONDS })
  return { most, first, bytes: proxy.slots.reduce((sum, bytes) => sum + bytes, 0) }
}

/** Two peers together get what a share may send, and each half of it. */
async function ofShare(up: number): Promise<void> {
  const provider = await provide(8_000_000, {}, { up })
  const each = await Promise.all([watch(provider, {}, {}), watch(provider, {}, {})])
  const most = each.reduce((sum, { most: one }) => sum + one, 0)
  console.log(JSON.stringify({ limit: 'up of a share', rate: up, most, each }))
  expect(most).toBeLessThanOrEqual(up * MOST)
  expect(Math.min(...each.map(({ bytes }) => bytes))).toBeGreaterThan(0.1 * up * SECONDS)
}

/** Also from the first byte on, though every stream begins with a window of 256 KiB. */
async function ofFirst(down: number): Promise<void> {
  const provider = await provide(8_000_000, {}, {})
  const { first, bytes } = await watch(provider, {}, { down })
  console.log(JSON.stringify({ limit: 'down, first ten seconds', rate: down, first, bytes }))
  expect(first).toBeLessThanOrEqual(down * MOST + UNCOUNTED_BYTES / SECONDS)
  expect(bytes).toBeGreaterThan(down)
}

async function ofFetch(down: number): Promise<void> {
  const provider = await provide(50_000_000, {}, {})
  const { most, bytes } = await watch(provider, {}, { down })
  console.log(JSON.stringify({ limit: 'down of a fetch', rate: down, most, bytes }))
  expect(most).toBeLessThanOrEqual(down * MOST)
  expect(bytes).toBeGreaterThan(down)
}

/** The limits of a node stand over those of what it does. */
async function ofNode(down: number): Promise<void> {
  const provider = await provide(8_000_000, {}, {})
  const { most, bytes } = await watch(provider, { down }, { down: 4_000_000 })
  console.log(JSON.stringify({ limit: 'down of a node', rate: down, most, bytes }))
  expect(most).toBeLessThanOrEqual(down * MOST)
  expect(bytes).toBeGreaterThan(down)
}

test('in ten seconds no more passes than a share, a fetch and a node may', async () => {
  // At once, since each takes its time whatever the machine does.
  await Promise.all([
    ofShare(400_000),
    ofFetch(3_000_000),
    ofNode(200_000),
    ofFirst(100_000),
    ofFirst(300_000),
  ])
})

test('limits are set and lifted while transfers run', async () => {
  const provider = await provide(30_000_000, {}, {})
  const node = await startNode({ down: 50_000 })
  expect(node.status()).toMatchObject({ up: 0, down: 50_000 })
  expect(() => node.setLimits({ up: -1 })).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }))
  node.setLimits({ up: 1_000 })
  expect(node.status()).toMatchObject({ up: 1_000, down: 50_000 })
  const peers = [`/ip4/127.0.0.1/tcp/${provider.port}/p2p/${provider.peer}`]
  let connected = false
  const fetching = node.fetch(provider.link, {
    directory: await temporaryFolder(),
    peers,
    onEvent: (event) => {
      connected ||= event.type === 'progress'
    },
  })
  await expect.poll(() => connected, { timeout: 30_000 }).toBe(true)
  // 30 MB at 50 kB/s would take ten minutes.
  node.setLimits({ up: 0, down: 0 })
  expect(await fetching).toMatchObject({ bytes: 30_000_000 })
})

test('what a limit has to be is checked before anything is done', async () => {
  const node = await startNode()
  const wrong = expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }) as unknown
  await expect(node.share(import.meta.filename, { up: 0.5 })).rejects.toEqual(wrong)
  await expect(node.share(import.meta.filename, { down: -1 })).rejects.toEqual(wrong)
  const path = join(await temporaryFolder(), 'a')
  await writeFile(path, 'a')
  const share = await node.share(path, { up: 1_000_000, down: 1_000_000 })
  await expect(node.fetch(share.link, { down: -1 })).rejects.toEqual(wrong)
  await expect(node.verify(path, share.link, { up: Number.NaN })).rejects.toEqual(wrong)
  expect(() => node.list(share.link, { down: Infinity })).toThrow(wrong)
  expect(() => node.read(share.link, { down: 1.5 })).toThrow(wrong)
})

test('a command limits its own work in a node that runs already, and nothing else', async () => {
  const home = join(await temporaryFolder(), 'home')
  const running = await createNode({ ...LOOPBACK, home, workerThreads: 2 })
  onTestFinished(() => running.stop())
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'slow'), randomBytes(3_000_000))
  await writeFile(join(folder, 'quick'), randomBytes(3_000_000))
  const flags = [...LOOPBACK_FLAGS.slice(0, 2), '--home', home]
  const slow = new Shoal(['share', join(folder, 'slow'), '--up', '400kB', ...flags])
  const slowLink = await slow.link()
  const quick = await running.share(join(folder, 'quick'))
  expect(running.status()).toMatchObject({ up: 0, down: 0 })
  const other = await startNode()
  const seconds = async (link: string, options: FetchOptions = {}): Promise<number> => {
    const result = await other.fetch(link, { ...options, directory: await temporaryFolder() })
    return result.transferSeconds
  }
  // A pause of a fifth of a second may be made up for, so 3 MB take 7.3 s at least.
  const slowSeconds = await seconds(slowLink)
  expect(slowSeconds).toBeGreaterThan(7.2)
  expect(await seconds(quick.link)).toBeLessThan(slowSeconds)
  const theirs = join(folder, 'theirs')
  await writeFile(theirs, randomBytes(3_000_000))
  const { link } = await other.share(theirs)
  const fetched = new Shoal(['fetch', link, '-o', await temporaryFolder(), '--json', '--down=1MB', ...flags])
  expect(await fetched.ended, fetched.stderr).toBe(0)
  expect((await fetched.event('done'))['transferSeconds']).toBeGreaterThan(2.4)
  slow.signal('SIGINT')
  expect(await slow.ended).toBe(0)
})
