/** Devices that have a part of a share, and nobody who has the rest. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchEvent, ShoalNode } from '@shoal/node'
import { expect, test, vi } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const BYTES = 3_145_680
/** How much depends on where the blocks are cut. */
const MISSING = /^[345]\d % of ".+" is here, and nobody who is connected has the rest, ".+; waited for \d+ s$/

interface Setting {
  readonly work: string
  /** Without addresses: only who is named as a peer is asked. */
  readonly link: string
  /** The content of both files, a and z. */
  readonly contents: readonly [Buffer, Buffer]
  /** Has a part, and serves it. */
  readonly bob: ShoalNode
  /** Starts the node that has everything. */
  readonly comesBack: () => Promise<ShoalNode>
}

/** Alice shared two files and is gone; Bob has one of them. */
async function partial(options: { public: boolean }): Promise<Setting> {
  const work = await temporaryFolder()
  const home = join(work, 'alice')
  const alice = await startNode({ home })
  const bob = await startNode()
  const contents = [randomBytes(BYTES), randomBytes(BYTES)] as const
  await mkdir(join(work, 'Set'))
  await writeFile(join(work, 'Set', 'a'), contents[0])
  await writeFile(join(work, 'Set', 'z'), contents[1])
  const share = await alice.share(join(work, 'Set'), options)
  await bob.fetch(share.link, { directory: join(work, 'bob'), only: ['a'], seed: true })
  // Otherwise Bob would tell of her.
  await alice.stop()
  const comesBack = async (): Promise<ShoalNode> => {
    const again = await startNode({ home })
    expect((await again.share(join(work, 'Set'), options)).root).toBe(share.root)
    return again
  }
  const link = share.link.split('.')[0] ?? ''
  return { work, link, contents, bob, comesBack }
}

test.each([
  ['sealed', { public: false }],
  ['public', { public: true }],
])(
  '%s: a fetch from who has only a part ends after its time and says what is missing',
  async (_form, options) => {
    const { work, link, contents, bob, comesBack } = await partial(options)
    const carol = await startNode()
    const directory = join(work, 'carol')
    const fetching = { directory, peers: bob.addresses(), waitMs: 2_000 }
    await expect(carol.fetch(link, fetching)).rejects.toMatchObject({
      code: 'ERR_NO_PROVIDER',
      message: expect.stringMatching(MISSING) as string,
      hint: 'What came is kept. Run the command again when a device that has the rest is there.',
    })
    const alice = await comesBack()
    const { path, bytes, bytesReused } = await carol.fetch(link, { ...fetching, peers: alice.addresses() })
    expect(bytes).toBe(2 * BYTES)
    expect(bytesReused).toBeGreaterThan(0)
    expect((await readFile(join(path, 'z'))).equals(contents[1])).toBe(true)
  },
)

test('a fetch from who has only a part goes on by itself when somebody comes who has the rest', async () => {
  const { work, link, contents, bob, comesBack } = await partial({ public: false })
  const carol = await startNode()
  const events: FetchEvent[] = []
  const fetching = carol.fetch(link, {
    directory: join(work, 'carol'),
    peers: bob.addresses(),
    waitMs: 0,
    onEvent: (event) => void events.push(event),
  })
  const bytes = (): number => events.findLast((event) => event.type === 'progress')?.bytes ?? 0
  // All that Bob has.
  await vi.waitFor(() => expect(bytes()).toBeGreaterThan(BYTES / 2), 20_000)
  await comesBack()
  const { path } = await fetching
  expect((await readFile(join(path, 'a'))).equals(contents[0])).toBe(true)
  expect((await readFile(join(path, 'z'))).equals(contents[1])).toBe(true)
})
