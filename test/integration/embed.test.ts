/** Shoal on a libp2p node that the program brought along. */
import { randomBytes } from 'node:crypto'
import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { identify } from '@libp2p/identify'
import { createNode, type FetchEvent, type NodeOptions, type ShoalNode } from '@shoal/node'
import type { Libp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { newForeignKey } from '../../packages/node/test/helpers/libp2p.ts'
import { connect, stock, until } from '../helpers/hosts.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const PROTOCOL = '/shoal/transfer/1.0.0'
const LISTEN = { addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } }

async function embedded(libp2p: Libp2p, options: NodeOptions = {}): Promise<ShoalNode> {
  const home = join(await temporaryFolder(), 'home')
  const node = await createNode({ home, network: 'private', workerThreads: 1, libp2p, ...options })
  onTestFinished(() => node.stop())
  return node
}

async function makeFile(bytes = 3_000_000): Promise<{ path: string; content: Buffer; work: string }> {
  const work = await temporaryFolder()
  const content = randomBytes(bytes)
  await writeFile(join(work, 'a'), content)
  return { path: join(work, 'a'), content, work }
}

/** Streams of the transfer protocol on all connections. */
function transfers(libp2p: Libp2p): number {
  return libp2p.getConnections().flatMap(({ streams }) => streams.filter((it) => it.protocol === PROTOCOL))
    .length
}

test('it shares and fetches under the identity of that node, which runs on when Shoal stops', async () => {
  const host = await stock(LISTEN)
  const other = await startNode()
  const shoal = await embedded(host)
  expect(shoal.peerId).toBe(host.peerId.toString())
  expect(shoal.addresses()).toEqual(host.getMultiaddrs().map(String))
  expect(shoal.status()).toMatchObject({
    listen: [],
    bootstrap: [],
    mdns: false,
    discovery: { dht: null, lan: null },
  })

  const mine = await makeFile()
  const { link } = await shoal.share(mine.path)
  const got = await other.fetch(link, { directory: join(mine.work, 'out') })
  expect(await readFile(got.path)).toEqual(mine.content)

  const theirs = await makeFile()
  const share = await other.share(theirs.path)
  const back = await shoal.fetch(share.link, { directory: join(theirs.work, 'out') })
  expect(await readFile(back.path)).toEqual(theirs.content)

  // To itself, under an id that is not that of the home.
  const self = await shoal.fetch(link, { directory: join(mine.work, 'self') })
  expect(await readFile(self.path)).toEqual(mine.content)

  await shoal.stop()
  expect(host.status).toBe('started')
  expect(host.getProtocols()).not.toContain(PROTOCOL)
  expect(transfers(host)).toBe(0)
  // The home is free, and it has no key of its own.
  const again = await embedded(host)
  expect(again.peerId).toBe(host.peerId.toString())
})

test('a peer that is being served when Shoal stops is let go', async () => {
  const host = await stock(LISTEN)
  const shoal = await embedded(host)
  const other = await startNode()
  const { path } = await makeFile(60_000_000)
  const { link } = await shoal.share(path)
  const reading = other.read(link, { waitMs: 1_000 })
  expect((await reading.next()).done).toBe(false)
  expect(transfers(host)).toBe(1)
  await shoal.stop()
  expect(transfers(host)).toBe(0)
  await expect(
    (async () => {
      while ((await reading.next()).done !== true);
    })(),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(NO_PROVIDER|CONTENT_GONE)$/) })
  expect(host.status).toBe('started')
})

test('providers are found through its content routing, without an address in the link', async () => {
  const dht = (): object => ({
    identify: identify(),
    ping: ping(),
    dht: kadDHT({
      protocol: '/shoal/kad/1.0.0',
      clientMode: false,
      peerInfoMapper: (peer) => peer,
      // Else a search waits for one that has nobody to ask yet.
      allowQueryWithZeroPeers: true,
    }),
  })
  const meeting = await stock({ ...LISTEN, services: dht() as never })
  const address = String(meeting.getMultiaddrs()[0])
  const joined = async (): Promise<ShoalNode> => {
    const host = await stock({ ...LISTEN, services: dht() as never })
    await connect(host, address)
    return embedded(host)
  }
  const [first, second] = [await joined(), await joined()]
  const plain = await startNode({ bootstrap: [address] })
  const fetchBare = async (node: ShoalNode, from: ShoalNode): Promise<string | undefined> => {
    const { path, content, work } = await makeFile()
    const { link } = await from.share(path)
    let source: string | undefined
    const onEvent = (event: FetchEvent): void => void (event.type === 'plan' && (source = event.source))
    const [bare = ''] = link.split('.')
    const got = await node.fetch(bare, { directory: join(work, 'out'), onEvent })
    expect(await readFile(got.path)).toEqual(content)
    return source
  }
  expect(await fetchBare(plain, first)).toBe('dht')
  expect(await fetchBare(second, plain)).toBe('dht')
})

test.each<[string, NodeOptions]>([
  ['listen', { listen: ['/ip4/127.0.0.1/tcp/0'] }],
  ['bootstrap', { bootstrap: [] }],
  ['mdns', { mdns: true }],
  ['networkKey', { networkKey: randomBytes(32) }],
])('%s does not go with it', async (name, options) => {
  const host = await stock(LISTEN)
  const home = join(await temporaryFolder(), 'home')
  const making = createNode({ home, network: 'private', libp2p: host, ...options })
  await expect(making).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
    message: expect.stringContaining(name),
  })
  await expect(access(home)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a node that is stopped, has another kind of key or another Shoal on it is refused, and the home is free', async () => {
  const home = join(await temporaryFolder(), 'home')
  const making = (libp2p: Libp2p): Promise<unknown> => createNode({ home, network: 'private', libp2p })
  const refused = { code: 'ERR_OPTIONS_INVALID' }
  const stopped = await stock({ start: false })
  await expect(making(stopped)).rejects.toMatchObject(refused)
  const foreign = await stock({ ...LISTEN, privateKey: await newForeignKey() })
  await expect(making(foreign)).rejects.toMatchObject(refused)
  const host = await stock(LISTEN)
  await embedded(host)
  await expect(making(host)).rejects.toMatchObject(refused)
  await startNode({ home })
})

test('it stops in order where its libp2p node was stopped before', async () => {
  const host = await stock(LISTEN)
  const shoal = await embedded(host)
  const { path } = await makeFile(10)
  await shoal.share(path)
  await host.stop()
  await shoal.stop()
  await until(() => host.status === 'stopped', 'the libp2p node is stopped')
})
