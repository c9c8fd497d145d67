/** Spaces of real nodes that are connected: each sees what the others do, and what was done apart comes together. */
import { join } from 'node:path'
import type { ShoalNode, SpaceHandle } from '@shoal/node'
import { expect, test, vi } from 'vitest'
import { writeTree } from '../../packages/node/test/helpers/files.ts'
import { letIn } from '../../packages/node/test/helpers/space-hosts.ts'
import type { RunningSpaces } from '../../packages/node/src/running-spaces.ts'
import type { SpaceService } from '../../packages/node/src/spaces/host/space-service.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const WAIT = { timeout: 30_000, interval: 50 }

const serviceOf = ({ spaces }: ShoalNode): SpaceService => (spaces as RunningSpaces).service

async function pathsOf(space: SpaceHandle): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of space.list()) paths.push(path)
  return paths
}

const idOf = async (space: SpaceHandle): Promise<string> =>
  (await space.members()).find(({ isSelf }) => isSelf)?.id as string

/** Tells one node where another member is, as who was let in knows who let it in. */
async function introduce(space: SpaceHandle, at: ShoalNode, member: ShoalNode): Promise<void> {
  const author = await idOf(await member.spaces.open(space.id))
  const { peerId, addresses } = member.status()
  await (await serviceOf(at).peers()).sync.met(space.id, { author, peerId, addresses })
}

async function files(): Promise<string> {
  const folder = await temporaryFolder()
  await writeTree(folder, { one: '1', two: '2', three: '3', four: '4', five: '5' })
  return folder
}

test('what one member adds another sees at once, and what both edit apart is there when they meet again', async () => {
  const work = await files()
  const homes = [await temporaryFolder(), await temporaryFolder()] as const
  let anna = await startNode({ home: join(homes[0], 'home') })
  let ben = await startNode({ home: join(homes[1], 'home') })
  const space = await anna.spaces.create('Holiday')
  await letIn(space.id, serviceOf(anna).host, serviceOf(ben).host)
  await introduce(space, ben, anna)
  const ofBen = await ben.spaces.open(space.id)

  const stop = new AbortController()
  const seen: string[][] = []
  const watching = (async () => {
    for await (const { entries } of ofBen.watch('', { signal: stop.signal })) {
      seen.push(entries.map(({ path }) => path))
    }
  })().catch(() => {})
  await vi.waitFor(() => expect(seen).toEqual([[]]), WAIT)
  await space.add(join(work, 'one'))
  await vi.waitFor(() => expect(seen.at(-1)).toEqual(['one']), WAIT)
  await ofBen.add(join(work, 'two'))
  await vi.waitFor(async () => expect(await pathsOf(space)).toEqual(['one', 'two']), WAIT)
  stop.abort()
  await watching

  await anna.stop()
  await ofBen.note('one', 'by ben')
  await ofBen.add(join(work, 'three'))
  await ben.stop()
  anna = await startNode({ home: join(homes[0], 'home') })
  const again = await anna.spaces.open(space.id)
  await again.add(join(work, 'four'))
  await again.tag('one', ['by anna'])
  // Nobody tells it where anna is: it remembers.
  ben = await startNode({ home: join(homes[1], 'home') })
  const all = ['four', 'one', 'three', 'two']
  const both = [again, await ben.spaces.open(space.id)]
  for (const one of both) {
    await vi.waitFor(async () => expect(await pathsOf(one)).toEqual(all), WAIT)
    const { entries } = await one.search('one')
    expect(entries).toMatchObject([{ note: 'by ben', tags: ['by anna'] }])
  }
})

test('whoever is removed gets nothing that is added later, and who is no member nothing at all', async () => {
  const work = await files()
  const [anna, ben, eve, mallory] = await Promise.all([startNode(), startNode(), startNode(), startNode()])
  const space = await anna.spaces.create('Holiday')
  for (const node of [ben, eve]) {
    await letIn(space.id, serviceOf(anna).host, serviceOf(node).host)
    await introduce(space, node, anna)
  }
  await mallory.spaces.create('Other')
  // It knows the id, and where a member is.
  await serviceOf(mallory).host.call('keep', { space: space.id })
  const { peerId, addresses } = anna.status()
  await (
    await serviceOf(mallory).peers()
  ).sync.met(space.id, { author: await idOf(space), peerId, addresses })
  await space.add(join(work, 'one'))
  const [ofBen, ofEve] = [await ben.spaces.open(space.id), await eve.spaces.open(space.id)]
  for (const one of [ofBen, ofEve])
    await vi.waitFor(async () => expect(await pathsOf(one)).toEqual(['one']), WAIT)
  await space.removeMember(await idOf(ofEve))
  await space.add(join(work, 'two'))
  await vi.waitFor(async () => expect(await pathsOf(ofBen)).toEqual(['one', 'two']), WAIT)
  // Ben hears of what was added after the removal; the session after it is later than any that eve had in between.
  await ofBen.add(join(work, 'three'))
  await vi.waitFor(async () => expect(await pathsOf(space)).toEqual(['one', 'three', 'two']), WAIT)
  expect(await pathsOf(ofEve)).toEqual(['one'])
  expect(await serviceOf(mallory).host.call('authFrames', { space: space.id, ids: undefined })).toEqual([])
})

test('who used an invitation tells the member that issued it, and fetches from there', async () => {
  const [anna, ben] = await Promise.all([startNode(), startNode()])
  const space = await anna.spaces.create('Holiday')
  const { link } = await space.invite({ role: 'write', instant: true })
  const frames = await serviceOf(anna).host.call('authFrames', { space: space.id, ids: undefined })
  await serviceOf(ben).host.call('keep', { space: space.id })
  await serviceOf(ben).host.call('takeAuth', { space: space.id, frames })
  await serviceOf(ben).ask('redeem', { space: space.id, link }, new AbortController().signal)
  await vi.waitFor(async () => expect(await space.members()).toHaveLength(2), WAIT)
  const work = await files()
  await space.add(work, { at: 'all' })
  const ofBen = await ben.spaces.open(space.id)
  await vi.waitFor(async () => expect(await pathsOf(ofBen)).toHaveLength(5), WAIT)
  const [got] = await ofBen.get((await pathsOf(ofBen)).slice(0, 1), { directory: await temporaryFolder() })
  expect(got?.bytes).toBe(1)
})
