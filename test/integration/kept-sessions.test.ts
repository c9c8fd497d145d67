/** Who is done goes on giving to those that still fetch, in the sessions that are open. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchEvent, ShoalNode } from '@shoal/node'
import { expect, test, vi } from 'vitest'
import { peerIdBytesOf } from '../../packages/node/src/identity/peer-id.ts'
import { Session } from '../../packages/node/src/transfer/wire/session.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const MIB = 1_048_576

/** Two nodes, the first of which keeps its session where both open one. */
async function pair(): Promise<[ShoalNode, ShoalNode]> {
  const nodes = [await startNode(), await startNode()] as const
  const [one, other] = nodes.map(({ peerId }) => peerIdBytesOf(peerId)) as [Uint8Array, Uint8Array]
  return Buffer.compare(one, other) < 0 ? [nodes[0], nodes[1]] : [nodes[1], nodes[0]]
}

test('a fetch that is done and serves on keeps its sessions with those that still fetch', async () => {
  const alice = await startNode()
  const [bob, carol] = await pair()
  const work = await temporaryFolder()
  const content = randomBytes(12 * MIB)
  await writeFile(join(work, 'film'), content)
  const { link } = await alice.share(join(work, 'film'))
  const carols: FetchEvent[] = []
  const progress = (): Extract<FetchEvent, { type: 'progress' }> | undefined =>
    carols.findLast((event) => event.type === 'progress')
  carol.setLimits({ down: 500_000 })
  const carolFetch = carol.fetch(link, {
    directory: join(work, 'carol'),
    onEvent: (event) => void carols.push(event),
  })
  await vi.waitFor(() => expect(progress()?.peers).toBe(1), 20_000)

  const bobs: FetchEvent[] = []
  const directory = join(work, 'bob')
  const peers = carol.addresses()
  const ending = vi.spyOn(Session.prototype, 'close')
  await bob.fetch(link, { directory, peers, seed: true, onEvent: (event) => void bobs.push(event) })
  const ended = (): string[] =>
    ending.mock.contexts.flatMap((session, at) =>
      ending.mock.calls[at]?.[0] === undefined ? [(session as Session).remoteName] : [],
    )
  // Alice has everything and needs nothing. Carol still fetches.
  expect(ended()).toEqual([alice.peerId])
  expect(progress()).toMatchObject({ peers: 2 })
  expect(progress()?.bytes).toBeLessThan(12 * MIB)

  carol.setLimits({ down: 0 })
  const { path } = await carolFetch
  expect((await readFile(path)).equals(content)).toBe(true)
  // Carol serves nobody afterwards: nothing is left of the session.
  await vi.waitFor(() => {
    expect(bobs.findLast((event) => event.type === 'served')).toMatchObject({ peers: 0 })
  }, 10_000)
})
