/** Shares that end by themselves. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShareEvent } from '@shoal/node'
import { describe, expect, test } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const

describe.each(FORMS)('%s', (_form, form) => {
  test.each([
    ['a file of one block', 1_000],
    ['a file of some blocks, with padding after it', 9_000_001],
    ['an empty file', 0],
  ])('of %s ends when as many devices as were asked for got all of it', async (_name, bytes) => {
    const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
    const work = await temporaryFolder()
    const content = randomBytes(bytes)
    await writeFile(join(work, 'file'), content)
    const events: ShareEvent[] = []
    const share = await alice.share(join(work, 'file'), {
      ...form,
      times: 2,
      onEvent: (event) => events.push(event),
    })
    let hasEnded = false
    void share.ended.then(() => (hasEnded = true))
    const first = await bob.fetch(share.link, { directory: join(work, 'bob') })
    // The same device again counts once.
    await bob.fetch(share.link, { directory: join(work, 'bob, again') })
    expect(hasEnded).toBe(false)
    const second = await carol.fetch(share.link, { directory: join(work, 'carol') })
    expect(await share.ended).toBe('delivered')
    for (const { path } of [first, second]) expect((await readFile(path)).equals(content)).toBe(true)
    if (bytes > 0) expect(events.some(({ type }) => type === 'served')).toBe(true)
  })
})

test('who got a part is not counted, and the share of another caller goes on', async () => {
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const work = await temporaryFolder()
  await mkdir(join(work, 'Set'))
  await writeFile(join(work, 'Set', 'a'), randomBytes(3_000_000))
  await writeFile(join(work, 'Set', 'z'), randomBytes(3_000_000))
  const once = await alice.share(join(work, 'Set'), { times: 1 })
  const other = await alice.share(join(work, 'Set'))
  let hasEnded = false
  void once.ended.then(() => (hasEnded = true))
  await bob.fetch(once.link, { directory: join(work, 'bob'), only: ['z'] })
  expect(hasEnded).toBe(false)
  await carol.fetch(once.link, { directory: join(work, 'carol') })
  expect(await once.ended).toBe('delivered')
  await bob.fetch(other.link, { directory: join(work, 'bob, all') })
})

test('a share whose node stops before enough devices got it was not delivered', async () => {
  const alice = await startNode()
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, 'text')
  const share = await alice.share(file, { times: 1 })
  await alice.stop()
  expect(await share.ended).toBe('stopped')
})

test.each([0, 1.5, -1])('a share for %d devices is refused', async (times) => {
  const alice = await startNode()
  await expect(alice.share('.', { times })).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})
