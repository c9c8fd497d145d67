/** Links without an address: who has the content is found by the network. */
import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode, type FetchEvent, type FoundBy, type NodeOptions, type ShoalNode } from '@shoal/node'
import { expect, onTestFinished, test } from 'vitest'
import { LOOPBACK, startNode, temporaryFolder } from '../helpers/nodes.ts'

const CONTENT = randomBytes(3_000_000)

async function shareOf(node: ShoalNode): Promise<string> {
  const file = join(await temporaryFolder(), 'talk.ogg')
  await writeFile(file, CONTENT)
  const { link } = await node.share(file)
  // Without the hints: no address, no peer id.
  return link.slice(0, link.indexOf('.'))
}

interface Fetched {
  readonly source: FoundBy | undefined
}

async function fetchInto(node: ShoalNode, link: string): Promise<Fetched> {
  const events: FetchEvent[] = []
  const directory = await temporaryFolder()
  const { path } = await node.fetch(link, { directory, onEvent: (event) => events.push(event) })
  expect(Buffer.compare(await readFile(path), CONTENT)).toBe(0)
  return { source: events.find((event) => event.type === 'plan')?.source }
}

/** A node that others join through, and what they are given for it. */
async function meetingPoint(): Promise<Pick<NodeOptions, 'bootstrap'>> {
  return { bootstrap: (await startNode()).addresses() }
}

test('the DHT finds who shares it, for one who knows neither address nor device', async () => {
  const joined = await meetingPoint()
  const alice = await startNode(joined)
  const link = await shareOf(alice)
  const bob = await startNode(joined)
  expect(await fetchInto(bob, link)).toEqual({ source: 'dht' })
  const { sources, dht } = bob.status().discovery
  expect(sources.dht).toMatchObject({ asked: 1, opened: 1 })
  expect(dht?.known).toBeGreaterThan(0)
  await expect.poll(() => alice.status().discovery.dht?.waiting).toBe(0)
})

test('a sender whose address changed is found by the id in the link', async () => {
  const joined = await meetingPoint()
  const home = join(await temporaryFolder(), 'home')
  const folder = await temporaryFolder()
  const file = join(folder, 'talk.ogg')
  await writeFile(file, CONTENT)
  const before = await startNode({ ...joined, home })
  const { link } = await before.share(file)
  const oldPort = before.addresses()[0]
  await before.stop()
  await rm(join(home, 'port'))
  const after = await startNode({ ...joined, home })
  expect((await after.share(file)).root).toBe(link.slice('shoal://'.length, link.indexOf('#')))
  expect(after.addresses()[0]).not.toBe(oldPort)
  const bob = await startNode(joined)
  const { source } = await fetchInto(bob, link)
  expect(['link', 'dht']).toContain(source)
})

test('a device met before is found again without any network between', async () => {
  const home = join(await temporaryFolder(), 'bob')
  const alice = await startNode()
  const link = await shareOf(alice)
  const bob = await createNode({ ...LOOPBACK, home })
  onTestFinished(() => bob.stop())
  const directory = await temporaryFolder()
  await bob.fetch(link, { directory, peers: alice.addresses() })
  await bob.stop()
  const again = await startNode({ home })
  expect(await fetchInto(again, link)).toEqual({ source: 'seen' })
})

test('a node that has it itself asks nobody', async () => {
  const alice = await startNode(await meetingPoint())
  const link = await shareOf(alice)
  expect(await fetchInto(alice, link)).toEqual({ source: 'self' })
  expect(alice.status().discovery.sources).toEqual({ self: expect.objectContaining({ opened: 1 }) as object })
})

test('when nobody has it any more, the message says what each source knew', async () => {
  const joined = await meetingPoint()
  const alice = await startNode(joined)
  const link = await shareOf(alice)
  await expect.poll(() => alice.status().discovery.dht?.waiting).toBe(0)
  const root = link.slice('shoal://'.length, link.indexOf('#'))
  await alice.unshare(root)
  const bob = await startNode(joined)
  const fetching = bob.fetch(link, { directory: await temporaryFolder(), waitMs: 3_000 })
  await expect(fetching).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: expect.stringMatching(
      /asked for 3 s: devices met before \(nobody has it\), the network \((they do not have it any more|nobody has it)\)$/,
    ) as string,
  })
})
