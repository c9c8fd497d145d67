/** Why a fetch waits or is slow, and who gives it what it brings, as real nodes tell it. */
import { randomBytes, randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tcp } from '@libp2p/tcp'
import { createNode, type FetchEvent, type ShoalNode, type WaitingEvent } from '@shoal/node'
import type { ControlClient } from '@shoal/node/control'
import { expect, onTestFinished, test, vi } from 'vitest'
import { EVENT_SCHEMAS } from '../../packages/node/src/control/answer-schemas.ts'
import type { FetchStateEvent, SourcesEvent } from '../../packages/node/src/events.ts'
import { stock } from '../helpers/hosts.ts'
import { clientOf, folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const BYTES = 4_000_000
const SLOW = 400_000
const PATIENCE = { timeout: 60_000, interval: 100 }
const NOW = expect.any(Number) as unknown

async function makeFile(): Promise<{ readonly work: string; readonly file: string }> {
  const work = await temporaryFolder()
  const file = join(work, 'sea.bin')
  await writeFile(file, randomBytes(BYTES))
  return { work, file }
}

/** A node that fetches in the background. */
async function background(
  work: string,
  options = {},
): Promise<{ readonly node: ShoalNode; readonly client: ControlClient }> {
  const node = await startNode({ home: join(work, 'background'), onStopRequest: () => {}, ...options })
  return { node, client: await clientOf(node) }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

/** Waits until the only fetch is as it should be. */
function until(client: ControlClient, facts: object): Promise<FetchStateEvent> {
  return vi.waitFor(async () => {
    const [fetch] = await all(client.fetches())
    expect(fetch).toMatchObject(facts)
    return fetch as FetchStateEvent
  }, PATIENCE)
}

test('who gives is told while it runs, and who left afterwards', async () => {
  const { work, file } = await makeFile()
  const alice = await startNode({ up: SLOW })
  const { link, root } = await alice.share(file)
  const { client, node } = await background(work)
  const directory = join(work, 'out')
  const { id } = await client.keepFetch({ link, directory }, randomUUID())
  const giving = await vi.waitFor(async () => {
    const event = EVENT_SCHEMAS.sources.parse(await client.fetchSources(id))
    expect(event.sources[0]?.rate).toBeGreaterThan(0)
    return event
  }, PATIENCE)
  const { blocks, here, available, sources } = giving
  expect(giving).toMatchObject({ type: 'sources', root, directory, single: available })
  expect(blocks).toBeGreaterThanOrEqual(4)
  expect(here + available).toBe(blocks)
  expect(sources).toEqual([
    {
      id: alice.peerId,
      name: null,
      foundBy: 'link',
      state: 'giving',
      has: 1,
      alone: available,
      bytes: NOW,
      rate: NOW,
      direct: true,
      since: NOW,
    },
  ])
  // What a program of this node fetches is told of as well.
  const more = new AbortController()
  const inProgram = node.fetch(link, { directory: join(work, 'more'), signal: more.signal })
  inProgram.catch(() => {})
  await vi.waitFor(() => expect(node.sources(root)).toHaveLength(2), PATIENCE)
  const directories = (await all(client.sources(root))).map((event) => event.directory)
  expect(directories.toSorted()).toEqual([join(work, 'more'), directory])
  expect(await all(client.sources('bafyother'))).toEqual([])
  more.abort()
  await expect(inProgram).rejects.toThrow('aborted')

  await alice.stop()
  const { detail } = await until(client, { reason: 'no-source', detail: { peer: alice.peerId } })
  expect(detail).toEqual({ peer: alice.peerId, lastSeen: NOW })
  await client.changeFetch(id, 'pause')
  const nobody: SourcesEvent = {
    type: 'sources',
    root,
    directory,
    blocks: null,
    here: 0,
    available: 0,
    single: 0,
    sources: [],
  }
  expect(await client.fetchSources(id)).toEqual(nobody)
  expect(node.sources()).toEqual([])
  await expect(client.fetchSources('nothing')).rejects.toMatchObject({ code: 'ERR_NO_FETCH' })
})

test('what nobody has who is there is told, and how much that is', async () => {
  const work = await temporaryFolder()
  const folder = await folderOf('Set', { a: randomBytes(BYTES), z: randomBytes(BYTES) })
  const alice = await startNode()
  const bob = await startNode()
  const { link } = await alice.share(folder)
  await bob.fetch(link, { directory: join(work, 'bob'), only: ['a'], seed: true })
  await alice.stop()
  const { client } = await background(work)
  const [bare = ''] = link.split('.')
  const request = { link: bare, directory: join(work, 'out'), peers: bob.addresses() }
  const { id } = await client.keepFetch(request, randomUUID())
  const waiting = await until(client, { state: 'running', reason: 'incomplete' })
  const { detail, bytes, total } = EVENT_SCHEMAS.fetch.parse(waiting)
  expect(detail).toEqual({ missing: (total ?? 0) - bytes })
  expect(bytes).toBeGreaterThan(BYTES / 2)
  const { blocks, here, available, single, sources } = await client.fetchSources(id)
  expect(here).toBeLessThan(blocks ?? 0)
  expect({ available, single }).toEqual({ available: 0, single: 0 })
  expect(sources).toMatchObject([{ id: bob.peerId, state: 'idle', foundBy: 'peer', alone: 0 }])
  expect(sources[0]?.has).toBeCloseTo(here / (blocks ?? 1))
})

test('what was changed by who had it is told', async () => {
  const work = await temporaryFolder()
  const folder = await folderOf('Set', { a: randomBytes(BYTES), z: randomBytes(BYTES) })
  const alice = await startNode()
  const { link } = await alice.share(folder)
  await writeFile(join(folder, 'z'), randomBytes(BYTES))
  const { client } = await background(work)
  await client.keepFetch({ link, directory: join(work, 'out') }, randomUUID())
  const { detail } = await until(client, { reason: 'source-changed' })
  expect(detail?.missing).toBeGreaterThan(0)
})

test('devices that are known and cannot be connected to are told', async () => {
  const { work, file } = await makeFile()
  const joined = { bootstrap: (await startNode()).addresses() }
  const home = join(work, 'alice')
  const alice = await startNode({ ...joined, home })
  const { link, root } = await alice.share(file)
  await expect.poll(() => alice.status().discovery.dht?.waiting, PATIENCE).toBe(0)
  await alice.stop()
  const { client } = await background(work, joined)
  const [bare = ''] = link.split('.')
  await client.keepFetch({ link: bare, directory: join(work, 'out') }, randomUUID())
  await until(client, { reason: 'unreachable', detail: { peers: 1 } })
  const again = await startNode({ ...joined, home })
  await again.serve(root)
  await until(client, { state: 'done', reason: null, detail: null })
})

test('what comes by way of a third device only is told to be slow, and so is who gives it', async () => {
  const { work, file } = await makeFile()
  const alice = await startNode({ up: SLOW })
  const { link } = await alice.share(file)
  // As libp2p marks what a relay passes on.
  const limited: ReturnType<typeof tcp> = (components) => {
    const transport = tcp()(components)
    const dial = transport.dial.bind(transport)
    transport.dial = (address, options) => dial(address, { ...options, limits: { seconds: 600 } } as never)
    return transport
  }
  const libp2p = await stock({ addresses: { listen: [] }, transports: [limited] })
  const node = await createNode({ home: join(work, 'home'), network: 'private', workerThreads: 1, libp2p })
  onTestFinished(() => node.stop())
  const events: FetchEvent[] = []
  const fetching = node.fetch(link, {
    directory: join(work, 'out'),
    onEvent: (event) => void events.push(event),
  })
  fetching.catch(() => {})
  const waits = (): WaitingEvent[] =>
    events.filter((event) => event.type === 'waiting').map((event) => EVENT_SCHEMAS.waiting.parse(event))
  await vi.waitFor(() => expect(waits().map(({ reason }) => reason)).toEqual(['indirect']), PATIENCE)
  expect(node.sources()).toMatchObject([{ sources: [{ id: alice.peerId, direct: false }] }])
  await fetching
})

test('whether another device has all of it is told to who shares it', async () => {
  const { work, file } = await makeFile()
  const { client, node: alice } = await background(work)
  const { link, root } = await alice.share(file)
  const bob = await startNode()
  const { seed } = await bob.fetch(link, { directory: join(work, 'bob'), seed: true })
  expect(seed).toBeDefined()
  const receivers = async (): Promise<object | undefined> =>
    (await all(client.receivers())).find((event) => event.root === root)
  await expect.poll(receivers, PATIENCE).toMatchObject({ finished: 1, otherCopies: { connected: NOW } })
  await bob.stop()
  await expect.poll(receivers, PATIENCE).toMatchObject({ otherCopies: { connected: 0, lastSeen: NOW } })
  await rm(work, { recursive: true, force: true })
})
