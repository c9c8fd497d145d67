import { join } from 'node:path'
import type { ReadOptions, ShoalNode } from '@shoal/node'
import { describe, expect, test } from 'vitest'
import { linkWithWrongKey } from '../helpers/links.ts'
import { folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const

async function read(node: ShoalNode, link: string, options?: ReadOptions): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of node.read(link, options)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const SEA = Buffer.from(Uint32Array.from({ length: 6_500_000 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer)

function holiday(): Promise<string> {
  return folderOf('Holiday', { 'day 1/sea.bin': SEA, 'day 1/empty': '', 'Ünïcödé 🐟.txt': 'fish' })
}

describe.each(FORMS)('%s', (_form, options) => {
  test('files and ranges of them are read from another node, and from the own one', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link } = await alice.share(await holiday(), options)
    for (const node of [alice, bob]) {
      expect((await read(node, link, { path: 'day 1/sea.bin' })).equals(SEA)).toBe(true)
      const range = { from: 5_000_000, to: 7_999_999 }
      const part = await read(node, link, { path: 'day 1/sea.bin', range })
      expect(part.equals(SEA.subarray(5_000_000, 8_000_000))).toBe(true)
      expect(String(await read(node, link, { path: 'Ünïcödé 🐟.txt' }))).toBe('fish')
      expect(await read(node, link, { path: 'day 1/empty' })).toHaveLength(0)
    }
  })

  test('a node that stops ends it', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link } = await alice.share(await holiday(), options)
    const pieces = bob.read(link, { path: 'day 1/sea.bin' })
    await pieces.next()
    await bob.stop()
    await expect(pieces.next()).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
  })
})

test('a provider that comes back goes on where the other connection ended', async () => {
  const home = join(await temporaryFolder(), 'alice')
  const folder = await holiday()
  let alice = await startNode({ home })
  const bob = await startNode()
  const { link } = await alice.share(folder, { public: true })
  const got: Uint8Array[] = []
  for await (const piece of bob.read(link, { path: 'day 1/sea.bin' })) {
    got.push(piece)
    if (got.length !== 3) continue
    await alice.stop()
    alice = await startNode({ home })
    await alice.share(folder, { public: true })
  }
  expect(Buffer.concat(got).equals(SEA)).toBe(true)
})

test('an ipfs:// link with a path is that file, or the folder that a path lies in', async () => {
  const alice = await startNode()
  const { root } = await alice.share(await holiday(), { public: true })
  expect((await read(alice, `ipfs://${root}/day%201/sea.bin`)).equals(SEA)).toBe(true)
  expect((await read(alice, `ipfs://${root}/day%201`, { path: 'sea.bin' })).equals(SEA)).toBe(true)
})

test('a wrong key, and nobody who has it', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const { good, wrong } = await linkWithWrongKey(alice)
  await expect(read(bob, wrong)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' })
  await alice.stop()
  await expect(read(bob, good, { waitMs: 1_500 })).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})
