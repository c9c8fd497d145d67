/** What changes in a node, as a client is told of it over the control API. */
import { randomBytes, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShoalNode } from '@shoal/node'
import type { ControlClient } from '@shoal/node/control'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ChangeEvent, GapEvent, LoggedEvent } from '../../packages/node/src/events.ts'
import { clientOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

type Told = ChangeEvent | GapEvent

/** Listens from an event on. */
function listen(client: ControlClient, lastId?: string) {
  const told: Told[] = []
  const stop = new AbortController()
  const ended = (async () => {
    for await (const event of client.events(lastId, stop.signal)) told.push(event)
  })()
  ended.catch(() => {})
  onTestFinished(() => stop.abort())
  const events = (): LoggedEvent[] => told.flatMap((one) => (one.type === 'change' ? [one.event] : []))
  return {
    told,
    events,
    ended,
    stop: () => stop.abort(),
    until: (facts: object) =>
      vi.waitFor(() => expect(events()).toContainEqual(expect.objectContaining(facts)), {
        timeout: 30_000,
        interval: 50,
      }),
  }
}

/** The id that an answer is true at. */
async function asOf(node: ShoalNode, path: string): Promise<unknown> {
  const { socket, tokenFile } = node.status()
  const token = await readFile(tokenFile, 'utf8')
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', authorization: `Bearer ${token.trim()}` }
    request({ socketPath: socket, path, headers }, (response) => {
      response.resume()
      resolve(response.headers['x-shoal-as-of'])
    })
      .on('error', reject)
      .end()
  })
}

test('shares, fetches, who gets what and settings are told as they change, and gone when they are', async () => {
  const work = await temporaryFolder()
  const file = join(work, 'sea.bin')
  await writeFile(file, randomBytes(3_000_000))
  const alice = await startNode({ home: join(work, 'alice'), onStopRequest: () => {} })
  const bob = await startNode({ home: join(work, 'bob'), onStopRequest: () => {} })
  const [toAlice, toBob] = [await clientOf(alice), await clientOf(bob)]
  const [ofAlice, ofBob] = [listen(toAlice), listen(toBob)]
  await vi.waitFor(() => expect([ofAlice.told[0]?.type, ofBob.told[0]?.type]).toEqual(['gap', 'gap']))

  const { link, root } = await alice.share(file)
  await ofAlice.until({ type: 'share', root, link, name: 'sea.bin', state: 'serving' })
  const { id } = await toBob.keepFetch({ link, directory: join(work, 'out') }, randomUUID())
  await ofBob.until({ type: 'fetch', id, state: 'done', bytes: 3_000_000 })
  await ofAlice.until({ type: 'served', root, peers: 0 })
  await ofAlice.until({ type: 'receivers', root, finished: 1 })
  const receivers: unknown[] = []
  for await (const event of toAlice.receivers()) receivers.push(event)
  expect(receivers).toMatchObject([{ type: 'receivers', root, finished: 1 }])

  await toAlice.configure({ up: 5_000_000 })
  await ofAlice.until({ type: 'config', key: 'up', value: 5_000_000 })
  await ofAlice.until({ type: 'status', up: 5_000_000 })
  await toAlice.unshare(root)
  await ofAlice.until({ type: 'gone', kind: 'share', id: root })
  const ids = ofAlice.told.map((one) => Number(one.id.split('-')[1]))
  expect(ids).toEqual(ids.toSorted((a, b) => a - b))

  // Somebody who listened until the share began is told of what came after it, and of nothing twice.
  const began = ofAlice.told.find((one) => one.type === 'change' && one.event.type === 'share')
  const again = listen(toAlice, began?.id)
  await again.until({ type: 'gone', kind: 'share', id: root })
  expect(again.told.map(({ type }) => type)).not.toContain('gap')
  expect(again.events()).not.toContainEqual(expect.objectContaining({ type: 'share' }))
})

test('a share that is not what it was is told so', async () => {
  const work = await temporaryFolder()
  const file = join(work, 'notes.txt')
  await writeFile(file, 'one')
  const node = await startNode({ home: join(work, 'home') })
  const { told, until } = listen(await clientOf(node))
  await vi.waitFor(() => expect(told).toHaveLength(1))
  const before = await node.share(file)
  await before.stop()
  await until({ type: 'share', root: before.root, state: 'stopped' })
  await writeFile(file, 'another')
  const { root } = await node.share(file)
  await until({ type: 'share', root: before.root, state: 'stale' })
  await until({ type: 'share', root, state: 'serving' })
})

test('an answer says at which event it is true, and a node that starts anew tells so by a gap', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const file = join(work, 'notes.txt')
  await writeFile(file, 'one')
  const first = await startNode({ home })
  const empty = await asOf(first, '/v1/shares')
  const { root } = await first.share(file)
  const client = await clientOf(first)
  const { until, ended } = listen(client, String(empty))
  await until({ type: 'share', root, state: 'serving' })
  await vi.waitFor(async () => expect(await asOf(first, '/v1/shares')).not.toBe(empty))
  expect(await asOf(first, '/v1/status')).toBe(await asOf(first, '/v1/shares'))
  const known = String(await asOf(first, '/v1/shares'))
  await first.stop()
  await expect(ended).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })

  const second = await startNode({ home })
  const { told } = listen(await clientOf(second), known)
  await vi.waitFor(() => expect(told[0]).toMatchObject({ type: 'gap' }))
  expect(told[0]?.id.split('-')[0]).not.toBe(known.split('-')[0])
})
