/** Real nodes look at themselves, and tell whom they are connected to. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode, type Finding, type ShoalNode } from '@shoal/node'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { FINDING_DATA } from '../../packages/node/test/helpers/doctor.ts'
import { systemDisk } from '../../packages/node/src/store/disk.ts'
import { stock } from '../helpers/hosts.ts'
import { folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const IDS = Object.keys(FINDING_DATA).toSorted()

afterEach(() => vi.restoreAllMocks())

async function examine(
  node: ShoalNode,
  signal = new AbortController().signal,
): Promise<Map<string, Finding>> {
  const findings: Finding[] = []
  for await (const finding of node.doctor({ signal })) findings.push(finding)
  const found = new Map(findings.map((finding) => [finding.id, finding]))
  expect([...found.keys()].toSorted()).toEqual(IDS)
  expect(findings).toHaveLength(IDS.length)
  return found
}

/** What each says that is not well. */
function unwell(found: ReadonlyMap<string, Finding>): string[] {
  return [...found.values()].filter(({ severity }) => severity !== 'ok').map(({ id }) => id)
}

test('a node of a network of its own on loopback is well, and every finding has the data that is documented', async () => {
  const found = await examine(await startNode())
  expect(unwell(found)).toEqual([])
  for (const { id, data } of found.values()) {
    const known = FINDING_DATA[id]
    expect(known, id).toEqual(expect.arrayContaining(Object.keys(data)))
  }
  expect(found.get('dht')).toMatchObject({ data: { used: true, mode: 'server', known: 0 } })
  expect(found.get('incoming')).toMatchObject({ data: { way: null } })
})

test('a node of the local network that listens only on loopback is told so', async () => {
  // So nothing leaves this machine: there is no network that it would look on.
  const found = await examine(await startNode({ network: 'lan' }))
  expect(found.get('internet')).toMatchObject({ severity: 'ok', data: { used: false } })
  expect(found.get('dht')).toMatchObject({ severity: 'ok', data: { used: false } })
  expect(found.get('incoming')).toMatchObject({ severity: 'warning' })
  expect(found.get('local-network')).toMatchObject({ severity: 'warning', data: { listening: 0 } })
})

test('a disk that is nearly full, a changed file and limits of the user’s own are found', async () => {
  const folder = await folderOf('Set', { note: 'as it was' })
  const node = await startNode({ up: 50_000 })
  await node.share(folder)
  await writeFile(join(folder, 'note'), 'as it is now')
  await node.share(folder)
  vi.spyOn(systemDisk, 'freeBytes').mockResolvedValue(900_000_000)
  const found = await examine(node)
  expect(unwell(found).toSorted()).toEqual(['disk', 'limits', 'shares'])
  expect(found.get('disk')).toMatchObject({ severity: 'problem', data: { free: 900_000_000 } })
  expect(found.get('shares')).toMatchObject({ severity: 'warning', data: { serving: 1, stale: 1 } })
  expect(found.get('limits')).toMatchObject({ severity: 'warning', data: { up: 50_000, down: 0 } })
})

test('devices that do not answer are told of those given to join a network by', async () => {
  const gone = await startNode()
  const [address = ''] = gone.addresses()
  await gone.stop()
  const found = await examine(await startNode({ bootstrap: [address] }))
  expect(found.get('dht')).toMatchObject({ severity: 'warning', data: { known: 0 } })
})

test('a check that fails is a finding of its own', async () => {
  const node = await startNode()
  vi.spyOn(systemDisk, 'freeBytes').mockRejectedValue(new Error('EIO: i/o error'))
  expect((await examine(node)).get('disk')).toMatchObject({
    severity: 'warning',
    effect: 'could not be found out: EIO: i/o error',
    data: {},
  })
})

test('no secret is in any finding', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home })
  const { link } = await node.share(await folderOf('Private papers', { 'medical report.txt': 'x' }))
  const text = JSON.stringify([...(await examine(node)).values()])
  const token = (await readFile(join(home, 'token'), 'utf8')).trim()
  const key = link.slice(link.indexOf('#') + 1)
  expect(key.length).toBeGreaterThan(40)
  for (const secret of [token, key, key.slice(0, 20), link, 'Private papers', 'medical report', 'shoal://']) {
    expect(text).not.toContain(secret)
  }
})

test('it ends with its signal and with the node, and an option that is none is refused', async () => {
  const node = await startNode()
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(examine(node, stop.signal)).rejects.toThrow('enough')
  expect(() => node.doctor({ timeout: 1 } as object)).toThrow(/unknown option timeout/)
  const findings = node.doctor()
  await findings.next()
  await findings.return?.()
  await node.stop()
  await expect(examine(node)).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
})

test('who is connected is told, on both sides', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  expect(await alice.peers()).toEqual([])
  const { link } = await alice.share(await folderOf('Set', { note: 'x' }))
  await bob.fetch(link, { directory: await temporaryFolder() })
  const rowOf = async (node: ShoalNode): Promise<object[]> =>
    vi.waitFor(async () => {
      const peers = await node.peers()
      expect(peers).toMatchObject([{ shoal: true }])
      return peers
    })
  const common = {
    type: 'peer',
    name: null,
    direct: true,
    shoal: true,
    seconds: expect.any(Number) as number,
  }
  expect(await rowOf(bob)).toEqual([
    {
      ...common,
      id: alice.peerId,
      inbound: false,
      address: expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+/) as string,
    },
  ])
  expect(await rowOf(alice)).toMatchObject([{ ...common, id: bob.peerId, inbound: true }])
})

test('on a libp2p node that a program brought along, what that decides is left to it', async () => {
  const libp2p = await stock({ addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  const home = join(await temporaryFolder(), 'home')
  const node = await createNode({ home, network: 'private', workerThreads: 1, libp2p })
  onTestFinished(() => node.stop())
  const found = await examine(node)
  expect(found.get('dht')).toMatchObject({ severity: 'ok', data: { used: false } })
  expect(found.get('local-network')).toMatchObject({ severity: 'ok', data: { used: false } })
  expect(found.get('incoming')).toMatchObject({ severity: 'ok' })
})
