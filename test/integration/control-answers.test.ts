/** What a node says over the control API has the shapes that its document gives, field by field. */
import { join } from 'node:path'
import type { ControlClient } from '@shoal/node/control'
import { expect, onTestFinished, test } from 'vitest'
import { ANSWER_SCHEMAS, EVENT_SCHEMAS } from '../../packages/node/src/control/answer-schemas.ts'
import type { ShoalEvent } from '../../packages/node/src/events.ts'
import { clientOf, folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

async function clientOfNew(): Promise<ControlClient> {
  return await clientOf(await startNode({ apiTcp: true }))
}

test('every event of sharing, listing, reading, fetching, verifying, removing and looking, and the status', async () => {
  const [alice, bob] = [await clientOfNew(), await clientOfNew()]
  const seen = new Set<string>()
  const check = <E extends ShoalEvent>(event: E): E => {
    seen.add(event.type)
    expect(EVENT_SCHEMAS[event.type].parse(event)).toEqual(event)
    return event
  }
  const folder = await folderOf('Holiday', { 'a.bin': Buffer.alloc(3_000_000, 1), 'b/c.txt': 'text' })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const ready = Promise.withResolvers<{ link: string; root: string }>()
  const sharing = (async () => {
    for await (const event of alice.share({ paths: [folder] }, stop.signal)) {
      if (check(event).type === 'ready') ready.resolve(event as { link: string; root: string } & typeof event)
    }
  })()
  const { link, root } = await ready.promise
  const signal = new AbortController().signal
  for await (const event of bob.list({ link }, signal)) check(event)
  check(await bob.stat({ link }, signal))
  const reading = bob.read({ link, path: 'b/c.txt' }, signal, check)
  for await (const bytes of reading) expect(Buffer.from(bytes).toString()).toBe('text')
  const directory = await temporaryFolder()
  const seeding = new AbortController()
  for await (const event of bob.fetch({ link, directory, files: true, seed: true }, seeding.signal)) {
    if (check(event).type === 'done') seeding.abort()
  }
  for await (const event of bob.verify({ path: join(directory, 'Holiday'), link }, signal)) check(event)
  for await (const event of alice.shares()) check(event)
  check(await alice.status())
  for (const peer of ANSWER_SCHEMAS.peers.parse(await alice.peers())) check(peer)
  for await (const event of alice.doctor(signal)) check(event)
  expect(ANSWER_SCHEMAS.removed.parse(await alice.unshare(root))).toHaveLength(1)
  await sharing
  const told = [
    'hashing',
    'ready',
    'served',
    'receivers',
    'entry',
    'stat',
    'content',
    'end',
    'plan',
    'progress',
    'file',
  ]
  const later = ['files', 'done', 'share', 'status', 'peer', 'finding', 'warning']
  expect([...seen]).toEqual(expect.arrayContaining([...told, ...later]))
})

test('a refusal', async () => {
  const bob = await clientOfNew()
  const error = await bob.unshare('nothing').catch((caught: unknown) => caught)
  expect(ANSWER_SCHEMAS.error.parse(JSON.parse(JSON.stringify(error)))).toMatchObject({
    code: 'ERR_LINK_MALFORMED',
  })
})
