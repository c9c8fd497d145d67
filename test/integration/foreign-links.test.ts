/** What other tools call content by: a bare CID, `ipfs://`, and a path in it. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const PLAN = { type: 'plan', source: 'peer' }

async function shareTree() {
  const alice = await startNode()
  const folder = join(await temporaryFolder(), 'site')
  await mkdir(join(folder, 'a [draft]'), { recursive: true })
  await writeFile(join(folder, 'index.html'), 'front page')
  await writeFile(join(folder, 'a [draft]', 'text *.txt'), 'wanted')
  await writeFile(join(folder, 'a [draft]', 'text b.txt'), 'not wanted')
  const share = await alice.share(folder, { public: true })
  return { root: share.root, peers: alice.addresses() }
}

test.each([
  ['a bare CID', (root: string) => root],
  ['ipfs://', (root: string) => `ipfs://${root}`],
  ['a link without hints', (root: string) => `shoal://${root}`],
])('%s is fetched from a device that is named', async (_what, linkTo) => {
  const { root, peers } = await shareTree()
  const bob = await startNode({ peers })
  const directory = await temporaryFolder()
  const events: object[] = []
  const { path } = await bob.fetch(linkTo(root), { directory, onEvent: (event) => events.push(event) })
  expect(path).toBe(join(directory, root))
  expect(await readFile(join(path, 'index.html'), 'utf8')).toBe('front page')
  expect(events).toContainEqual(expect.objectContaining(PLAN))
  expect(bob.status().discovery.sources.peer).toMatchObject({ asked: 1, heard: 1, opened: 1, failed: 0 })
})

test('a path brings what stands under it and nothing else, whatever characters it has', async () => {
  const { root, peers } = await shareTree()
  const bob = await startNode()
  const directory = await temporaryFolder()
  const link = `ipfs://${root}/${encodeURIComponent('a [draft]')}/${encodeURIComponent('text *.txt')}`
  const { path } = await bob.fetch(link, { directory, peers })
  expect(await readFile(join(path, 'a [draft]', 'text *.txt'), 'utf8')).toBe('wanted')
  expect((await readdir(path, { recursive: true })).toSorted()).toEqual(['a [draft]', 'a [draft]/text *.txt'])

  await expect(bob.fetch(`ipfs://${root}/none`, { directory, peers })).rejects.toMatchObject({
    code: 'ERR_NOT_IN_SHARE',
  })
  await expect(bob.fetch(link, { directory, peers, only: ['*'] })).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
})

test('when nobody has it, the message says whom Shoal asks', async () => {
  const { root } = await shareTree()
  const [bob, carol, dave] = [await startNode(), await startNode(), await startNode()]
  const peers = carol.addresses()
  const fetching = bob.fetch(root, { directory: await temporaryFolder(), peers, waitMs: 1_200 })
  await expect(fetching).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: expect.stringContaining('the devices that you named (do not have it)') as string,
  })
  const dead = peers.map((peer) => peer.replace(/\/tcp\/\d+/, '/tcp/1'))
  const alone = dave.fetch(root, { directory: await temporaryFolder(), peers: dead, waitMs: 1_200 })
  await expect(alone).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: expect.stringMatching(
      /asked for 1 s: the devices that you named \(no answer\), devices met before \(nobody has it\), the network \(not reached\)$/,
    ) as string,
    hint: expect.stringContaining('not the rest of the IPFS network') as string,
  })
})
