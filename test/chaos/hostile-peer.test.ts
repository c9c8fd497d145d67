import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'
import { contentOf, fetchAll } from './hostile-content.ts'
import { startHostilePeer } from './hostile-peer.ts'

test.each([
  ['sealed', false],
  ['public', true],
])('%s', async (_n, isPublic) => {
  const alice = await startNode()
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'x'), randomBytes(5_000_000))
  const { root, link } = await alice.share(join(folder, 'x'), { public: isPublic })
  const peer = await startHostilePeer(contentOf(root))
  console.log(alice.addresses())
  const talk = await peer.dial(alice.addresses()[0], contentOf(root))
  const content = await fetchAll(talk).catch(async (e) => {
    await talk.ended
    throw e
  })
  console.log(content.blocks.length, [...content.nodes.keys()].length)
  await alice.stop()
  const server = await startHostilePeer(content)
  const bob = await startNode({ peers: [server.address] })
  const r = await bob.fetch(link, { directory: join(folder, 'out') })
  console.log(r)
})
