import { randomBytes } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode, type ShareEvent, type ShoalNode } from '@shoal/node'
import { expect, onTestFinished, test } from 'vitest'
import { LOOPBACK, startNode, temporaryFolder } from '../helpers/nodes.ts'

const REASON = new Error('changed my mind')

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
}

interface Scene {
  readonly alice: ShoalNode
  readonly bob: ShoalNode
  readonly work: string
  readonly link: string
}

/** Alice shares a file that takes a while to fetch. */
async function scene(): Promise<Scene> {
  const [alice, bob] = [await startNode(), await startNode()]
  const work = await temporaryFolder()
  await writeFile(join(work, 'film'), randomBytes(20_000_000))
  const { link } = await alice.share(join(work, 'film'))
  return { alice, bob, work, link }
}

/** Each operation with a signal, as a program would call it. */
const OPERATIONS: Record<string, (scene: Scene, signal: AbortSignal) => Promise<unknown>> = {
  share: ({ bob, work }, signal) => bob.share(join(work, 'film'), { signal }),
  shareInput: ({ bob }, signal) =>
    bob.shareInput(
      (async function* () {
        yield Buffer.from('hello')
      })(),
      { signal },
    ),
  shares: ({ alice }, signal) => drain(alice.shares({ signal })),
  unshare: ({ alice, link }, signal) =>
    alice.unshare(link.replace(/^shoal:\/\/([^#]*).*$/, '$1'), { signal }),
  fetch: ({ bob, work, link }, signal) => bob.fetch(link, { directory: join(work, 'out'), signal }),
  list: ({ bob, link }, signal) => drain(bob.list(link, { signal })),
  read: ({ bob, link }, signal) => drain(bob.read(link, { signal })),
  verify: ({ bob, work, link }, signal) => bob.verify(join(work, 'film'), link, { signal }),
}

test('each operation rejects at once with the reason of a signal that is aborted, and does nothing', async () => {
  const all = await scene()
  for (const [name, run] of Object.entries(OPERATIONS)) {
    await expect(run(all, AbortSignal.abort(REASON)), name).rejects.toBe(REASON)
    expect(await readdir(all.work), name).toEqual(['film'])
    expect((await all.bob.shares().next()).done, name).toBe(true)
  }
  // What was shared before is shared still.
  await all.bob.fetch(all.link, { directory: join(all.work, 'out') })
})

test('each operation of a node that was stopped rejects with that', async () => {
  const all = await scene()
  await all.alice.stop()
  await all.bob.stop()
  const { signal } = new AbortController()
  for (const [name, run] of Object.entries(OPERATIONS)) {
    await expect(run(all, signal), name).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
  }
})

test('a read that is aborted gives nothing more, and one that is left asks for nothing more', async () => {
  const { bob, link } = await scene()
  const stop = new AbortController()
  let taken = 0
  const reading = (async () => {
    for await (const bytes of bob.read(link, { signal: stop.signal })) {
      taken += bytes.byteLength
      stop.abort(REASON)
    }
  })()
  await expect(reading).rejects.toBe(REASON)
  expect(taken).toBeLessThan(20_000_000)
  for await (const bytes of bob.read(link)) {
    expect(bytes.byteLength).toBeGreaterThan(0)
    break
  }
})

test('a fetch that is aborted in its middle leaves nothing under the final name, and can be called again', async () => {
  const { bob, link, work } = await scene()
  const stop = new AbortController()
  const directory = join(work, 'out')
  const fetching = bob.fetch(link, {
    directory,
    signal: stop.signal,
    // The first event of the transfer: a later one may come too late on a fast machine.
    onEvent: (event) => event.type === 'plan' && stop.abort(REASON),
  })
  await expect(fetching).rejects.toBe(REASON)
  expect((await readdir(directory)).filter((name) => !name.startsWith('.shoal-'))).toEqual([])
  const { bytes } = await bob.fetch(link, { directory })
  expect(bytes).toBe(20_000_000)
  expect(await readdir(directory)).toEqual(['film'])
})

test('a share that is aborted while it is read, or while content comes in, keeps nothing of it', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home })
  const work = await temporaryFolder()
  await writeFile(join(work, 'film'), randomBytes(40_000_000))
  const hashing = new AbortController()
  const onEvent = (event: ShareEvent): unknown => event.type === 'hashing' && hashing.abort(REASON)
  const sharing = node.share(join(work, 'film'), { signal: hashing.signal, onEvent })
  await expect(sharing).rejects.toBe(REASON)

  const coming = new AbortController()
  const source = (async function* () {
    yield randomBytes(1_000)
    coming.abort(REASON)
    // Nothing more comes, and it never ends.
    await new Promise(() => {})
  })()
  await expect(node.shareInput(source, { signal: coming.signal })).rejects.toBe(REASON)
  expect((await node.shares().next()).done).toBe(true)
  expect(await readdir(join(home, 'inputs'))).toEqual([])
  expect(await readdir(join(home, 'shares')).catch(() => [])).toEqual([])
})

test('a search for somebody who has it is aborted at once', async () => {
  const { alice, bob, link, work } = await scene()
  await alice.stop()
  for (const run of [
    (signal: AbortSignal) => bob.fetch(link, { directory: join(work, 'out'), waitMs: 0, signal }),
    (signal: AbortSignal) => drain(bob.list(link, { waitMs: 0, signal })),
    (signal: AbortSignal) => bob.verify(join(work, 'film'), link, { waitMs: 0, signal }),
  ]) {
    const stop = new AbortController()
    const searching = run(stop.signal)
    setImmediate(() => stop.abort(REASON))
    await expect(searching).rejects.toBe(REASON)
  }
  expect(await readdir(work)).toEqual(['film'])
})

test('an onEvent that throws ends its operation with what it threw, whenever it is called', async () => {
  const { alice, bob, link, work } = await scene()
  const throwAt = (type: string) => (event: { readonly type: string }) => {
    if (event.type === type) throw REASON
  }
  const directory = join(work, 'out')
  await expect(bob.fetch(link, { directory, onEvent: throwAt('plan') })).rejects.toBe(REASON)
  await expect(bob.fetch(link, { directory, onEvent: throwAt('done') })).rejects.toBe(REASON)
  await expect(drain(bob.read(link, { onEvent: throwAt('content') }))).rejects.toBe(REASON)
  await expect(bob.verify(join(work, 'film'), link, { onEvent: throwAt('done') })).rejects.toBe(REASON)
  await expect(alice.share(work, { onEvent: throwAt('ready') })).rejects.toBe(REASON)
  // From a timer or a socket, after the share was made.
  await writeFile(join(work, 'b'), 'b')
  const other = await alice.share(join(work, 'b'), { onEvent: throwAt('served') })
  // The share ends as soon as somebody connects, so what becomes of the fetch is open.
  const fetching = bob.fetch(other.link, { directory, waitMs: 1_000 }).catch(() => {})
  expect(await other.ended).toBe('stopped')
  await fetching
})

test('a signal that lives long keeps nothing of the operations that it was given to', async () => {
  const { alice, bob, link, work } = await scene()
  const { signal } = new AbortController()
  const before = getEventListeners(signal, 'abort').length
  const share = await alice.share(join(work, 'film'), { signal })
  await bob.fetch(link, { directory: join(work, 'out'), signal })
  await drain(bob.list(link, { signal }))
  await bob.verify(join(work, 'film'), link, { signal })
  await share.stop()
  expect(getEventListeners(signal, 'abort').length).toBe(before)
})

test('a start that is aborted rejects with the reason and leaves the home free', async () => {
  const home = join(await temporaryFolder(), 'home')
  await expect(createNode({ ...LOOPBACK, home, signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON)
  // At each of the steps that a start waits for, as far as timers strike them.
  for (const delayMs of [0, 20, 60, 150, 400]) {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(REASON), delayMs)
    const start = createNode({ ...LOOPBACK, home, signal: stop.signal })
    const outcome = await start.catch((error: unknown) => error)
    clearTimeout(timer)
    if (outcome === REASON) continue
    expect(outcome).toHaveProperty('peerId')
    await (outcome as ShoalNode).stop()
  }
  const node = await startNode({ home })
  onTestFinished(() => node.stop())
  expect(node.addresses().length).toBeGreaterThan(0)
})

test('the signal of a start ends the start alone', async () => {
  const stop = new AbortController()
  const node = await startNode({ signal: stop.signal })
  stop.abort(REASON)
  const work = await temporaryFolder()
  await writeFile(join(work, 'a'), 'still here')
  const { link } = await node.share(join(work, 'a'))
  expect(link.startsWith('shoal://')).toBe(true)
})

test.each<[string, (node: ShoalNode) => unknown]>([
  ['a misspelt option', (node) => node.fetch('shoal://x', { waitMS: 1 } as object)],
  ['an option of another kind', (node) => node.share('/tmp', { exclude: 'photos' } as object)],
  ['a time that no timer can wait', (node) => node.list('shoal://x', { waitMs: Infinity })],
  ['a half millisecond', (node) => node.verify('/tmp', 'shoal://x', { waitMs: 0.5 })],
  ['no path', (node) => node.share(undefined as unknown as string)],
  ['no link', (node) => node.read(undefined as unknown as string)],
  ['no content', (node) => node.shareInput(undefined as unknown as AsyncIterable<Uint8Array>)],
  ['no options at all', (node) => node.unshare('bafy', null as unknown as object)],
])('%s is refused, and named', async (_name, call) => {
  const node = await startNode()
  await expect((async () => call(node))()).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})
