import { randomBytes } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createNode, type NodeOptions, type ShoalNode } from '@shoal/node'
import { ControlClient, homePaths } from '@shoal/node/control'
import { expect, onTestFinished, test } from 'vitest'
import { LOOPBACK, startNode, temporaryFolder } from '../helpers/nodes.ts'

test('a home belongs to one node at a time', async () => {
  const home = join(await temporaryFolder(), 'home')
  const first = await startNode({ home })
  await expect(createNode({ ...LOOPBACK, home })).rejects.toMatchObject({ code: 'ERR_HOME_BUSY' })
  await first.stop()
  const again = await startNode({ home })
  expect(again.peerId).toBe(first.peerId)
})

test('a home keeps its port, and takes another one only while that is in use', async () => {
  const home = join(await temporaryFolder(), 'home')
  const portOf = (address: string | undefined): number => Number(/\/tcp\/(\d+)/.exec(address ?? '')?.[1])
  const first = await startNode({ home })
  const port = portOf(first.addresses()[0])
  await first.stop()
  const blocker = createServer().listen(port, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  const second = await startNode({ home })
  expect(portOf(second.addresses()[0])).not.toBe(port)
  await second.stop()
  await new Promise((resolve) => blocker.close(resolve))
  const third = await startNode({ home })
  expect(portOf(third.addresses()[0])).toBe(port)
})

test('an address that cannot be listened on is told', async () => {
  const home = join(await temporaryFolder(), 'home')
  // An address of the documentation range belongs to no machine. RFC 5737.
  const options = { ...LOOPBACK, home, listen: ['/ip4/203.0.113.1/tcp/4001'] }
  await expect(createNode(options)).rejects.toMatchObject({
    code: 'ERR_LISTEN',
    message: 'cannot listen on /ip4/203.0.113.1/tcp/4001 (this device does not have that address now)',
    hint: expect.stringContaining('Switch on the network') as string,
  })
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  onTestFinished(() => void taken.close())
  const inUse = `/ip4/127.0.0.1/tcp/${(taken.address() as AddressInfo).port}`
  await expect(createNode({ ...options, listen: [inUse] })).rejects.toMatchObject({
    code: 'ERR_LISTEN',
    message: `cannot listen on ${inUse} (another program uses the port)`,
    hint: expect.stringContaining('another port') as string,
  })
  const both = [inUse, '/ip4/203.0.113.1/tcp/4001', '/ip4/127.0.0.1/udp/4001/quic-v1']
  await expect(createNode({ ...options, listen: both })).rejects.toMatchObject({
    message: expect.stringMatching(
      /uses the port.+does not have that.+quic-v1 \(not an address of TCP\)$/,
    ) as string,
    hint: 'Give another address or port with --listen.',
  })
  await expect(createNode({ ...options, listen: ['nonsense'] })).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
  // What failed gave the home back.
  await startNode({ home })
})

test('what lies in a home is for its owner alone', async () => {
  const home = join(await temporaryFolder(), 'home')
  await startNode({ home })
  const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
  expect(await mode(home)).toBe(0o700)
  for (const name of ['identity.key', 'token', 'control.sock', 'port'])
    expect(await mode(join(home, name))).toBe(0o600)
})

test('a node that is disposed of releases everything, and stopping twice is fine', async () => {
  const home = join(await temporaryFolder(), 'home')
  {
    await using node = await createNode({ ...LOOPBACK, home })
    expect(node.status()).toMatchObject({ type: 'status', pid: process.pid, network: 'private', api: null })
  }
  const node = await startNode({ home })
  await Promise.all([node.stop(), node.stop()])
  await expect(readFile(join(home, 'control.sock'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('the API is on TCP where it was asked for, for who has the token, as long as the node runs', async () => {
  const node = await startNode({ apiTcp: true })
  const { api, tokenFile } = node.status()
  expect(api).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const ask = async (authorization: string): Promise<Response> =>
    fetch(`${api}/v1/status`, { headers: { authorization } })
  expect((await ask('Bearer x')).status).toBe(401)
  const answer = await ask(`Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`)
  expect(await answer.json()).toMatchObject({ type: 'status', peerId: node.peerId, api })
  await node.stop()
  await expect(ask('Bearer x')).rejects.toThrow('fetch failed')
})

test('a damaged port file is named', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home })
  await node.stop()
  await writeFile(join(home, 'port'), 'eighty')
  await expect(createNode({ ...LOOPBACK, home })).rejects.toMatchObject({ code: 'ERR_HOME_INVALID' })
  onTestFinished(() => node.stop())
})

test('without the key of a private network nobody connects, with it everybody does', async () => {
  const networkKey = randomBytes(32)
  const alice = await startNode({ networkKey })
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a.txt'), 'for those who know')
  const { link } = await alice.share(join(folder, 'a.txt'))
  const fetchWith = async (options: NodeOptions): Promise<string> => {
    const bob = await startNode(options)
    const { path } = await bob.fetch(link, { directory: await temporaryFolder(), waitMs: 1_500 })
    return await readFile(path, 'utf8')
  }
  expect(await fetchWith({ networkKey })).toBe('for those who know')
  await expect(fetchWith({ networkKey: randomBytes(32) })).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  await expect(fetchWith({})).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})

test('a client of the control API ends a node only where its program lets it', async () => {
  const connect = async (node: ShoalNode): Promise<ControlClient | undefined> => {
    const { socket, tokenFile } = node.status()
    return ControlClient.connect({ ...homePaths(dirname(tokenFile), {}), socket })
  }
  const closed = await startNode()
  expect(closed.status()).toMatchObject({ daemon: false })
  await expect((await connect(closed))?.stop()).rejects.toMatchObject({ code: 'ERR_NOT_DAEMON' })
  const asked = Promise.withResolvers<void>()
  const open = await startNode({ onStopRequest: asked.resolve })
  expect(open.status()).toMatchObject({ daemon: true })
  await (await connect(open))?.stop()
  // It is told, and what becomes of it is the program's.
  await asked.promise
  expect((await connect(open)) === undefined).toBe(false)
})
