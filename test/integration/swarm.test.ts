/** Several providers for one fetch, on real nodes: all give, who dies is made up for, who lies is left alone, and peers tell of each other. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode, type FetchEvent, type FoundBy } from '@shoal/node'
import { expect, onTestFinished, test } from 'vitest'
import { parseLink } from '../../packages/node/src/content/link.ts'
import { BarredPeers } from '../../packages/node/src/network/barred-peers.ts'
import { BARRED_LIMITS } from '../../packages/node/src/network/limits.ts'
import { BlockWorkers } from '../../packages/node/src/store/block-workers.ts'
import { systemDisk } from '../../packages/node/src/store/disk.ts'
import { startFetcher, startProvider } from '../../packages/node/test/helpers/libp2p-swarm.ts'
import { makeShare, type MadeShare } from '../../packages/node/test/helpers/providers.ts'
import { LOOPBACK, startNode, temporaryFolder } from '../helpers/nodes.ts'

const BLOCK = 1_048_576
const BYTES = 48 * BLOCK

async function share(bytes = BYTES): Promise<MadeShare> {
  const workers = new BlockWorkers({ threads: 2 })
  onTestFinished(() => workers.close())
  return await makeShare({ '': randomBytes(bytes) }, 'public', workers)
}

test('three that have everything all give, and the events count them', async () => {
  const { source, link, path } = await share()
  const providers = [await startProvider(source), await startProvider(source), await startProvider(source)]
  const fetcher = await startFetcher()
  let most = 0
  const result = await fetcher.fetch(link, {
    from: providers.map(({ address }) => address),
    onEvent: (event) => {
      if (event.type === 'progress') most = Math.max(most, event.peers)
    },
  })
  expect(Buffer.compare(await readFile(result.path), await readFile(path))).toBe(0)
  expect(most).toBe(3)
  const sent = providers.map((provider) => provider.sent())
  for (const bytes of sent) expect(bytes).toBeGreaterThan(0)
  console.log(JSON.stringify({ name: 'three providers', sentBlocks: sent.map((bytes) => bytes / BLOCK) }))
})

test('one of three that dies in the middle is made up for', async () => {
  const { source, link, path } = await share()
  const providers = [await startProvider(source), await startProvider(source), await startProvider(source)]
  const fetcher = await startFetcher()
  let stopped: Promise<void> | undefined
  const result = await fetcher.fetch(link, {
    from: providers.map(({ address }) => address),
    onEvent: (event) => {
      if (event.type === 'progress' && event.peers === 3 && event.bytes > 0) stopped ??= providers[0]?.stop()
    },
  })
  await stopped
  expect(stopped).toBeDefined()
  expect(Buffer.compare(await readFile(result.path), await readFile(path))).toBe(0)
})

test('a liar among honest ones is left alone after one block, over a restart too, until its time is over', async () => {
  const { source, link, path } = await share()
  const liar = await startProvider(source, {
    onRead: (answer) => {
      if (answer.outcome === 'bytes') answer.bytes[0] = (answer.bytes[0] as number) ^ 1
      return answer
    },
  })
  const honest = await startProvider(source)
  const fetcher = await startFetcher()
  const file = join(await temporaryFolder(), 'barred.json')
  let nowMs = 1_700_000_000_000
  const start = async (): Promise<BarredPeers> => {
    const barred = new BarredPeers({ file, disk: systemDisk, clock: { now: () => nowMs } })
    await barred.load()
    return barred
  }
  const barred = await start()
  const from = [liar.address, honest.address]
  const result = await fetcher.fetch(link, { from, barred })
  expect(Buffer.compare(await readFile(result.path), await readFile(path))).toBe(0)
  expect(barred.isBarred(liar.peerId)).toBe(true)
  expect(barred.isBarred(honest.peerId)).toBe(false)
  await barred.close()
  const told = liar.sent()

  const again = await start()
  expect(again.isBarred(liar.peerId)).toBe(true)
  await expect(fetcher.fetch(link, { from: [liar.address], barred: again, waitMs: 1 })).rejects.toMatchObject(
    {
      code: 'ERR_NO_PROVIDER',
      message: expect.stringContaining('sent wrong data before') as string,
    },
  )
  expect(liar.sent()).toBe(told)

  nowMs += BARRED_LIMITS.barredMs
  expect((await start()).isBarred(liar.peerId)).toBe(false)
  await expect(
    fetcher.fetch(link, { from: [liar.address], barred: await start(), waitMs: 5_000 }),
  ).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
})

test('a node that was lied to neither asks nor answers the liar, also after a restart', async () => {
  const { source, link } = await share(4 * BLOCK)
  const liar = await startProvider(source, {
    onRead: (answer) => {
      if (answer.outcome === 'bytes') answer.bytes[0] = (answer.bytes[0] as number) ^ 1
      return answer
    },
  })
  const home = join(await temporaryFolder(), 'home')
  const bob = await createNode({ ...LOOPBACK, home })
  onTestFinished(() => bob.stop())
  const options = async () => ({ directory: await temporaryFolder(), peers: [liar.address] })
  await expect(bob.fetch(link, await options())).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  await bob.stop()
  const again = await startNode({ home })
  await expect(again.fetch(link, { ...(await options()), waitMs: 100 })).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: expect.stringContaining('the devices that you named (sent wrong data before') as string,
  })
  const shared = await temporaryFolder()
  await writeFile(join(shared, 'a'), 'something')
  const mine = await again.share(join(shared, 'a'), { public: true })
  const fetching = liar.asFetcher(mine.link, again.addresses())
  await expect(fetching).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})

test('who knows one provider hears of another from it', async () => {
  const folder = await temporaryFolder()
  const content = randomBytes(64 * BLOCK)
  await writeFile(join(folder, 'a'), content)
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const { link } = await alice.share(join(folder, 'a'), { public: true })
  const bare = `shoal://${parseLink(link).root.toString()}`
  // Bob is connected to Alice for as long as he does not take what he reads, and has all of it himself by then.
  const reading = bob.read(bare, { peers: alice.addresses() })[Symbol.asyncIterator]()
  await reading.next()
  await bob.share(join(folder, 'a'), { public: true })
  const sources = (): Partial<Record<FoundBy, { opened: number }>> => carol.status().discovery.sources
  const events: FetchEvent[] = []
  await carol.fetch(bare, {
    directory: await temporaryFolder(),
    peers: alice.addresses(),
    onEvent: (event) => events.push(event),
  })
  await reading.return?.()
  expect(sources().exchange).toMatchObject({ opened: 1 })
  expect(events.some((event) => event.type === 'progress' && event.peers === 2)).toBe(true)
})
