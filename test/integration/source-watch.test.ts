/** A file of a share that is changed while nobody asks for it. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

test('it is noticed, told to whoever shares it, and forgotten when the file is as it was', async () => {
  const file = join(await temporaryFolder(), 'notes.bin')
  const bytes = randomBytes(100_000)
  await writeFile(file, bytes)
  const node = await startNode()
  const codes: string[] = []
  await node.share(file, {
    onEvent: (event) => {
      if (event.type === 'warning') codes.push(event.code)
    },
  })
  const state = async (): Promise<string | undefined> => {
    for await (const share of node.shares()) return share.state
    return undefined
  }
  const until = (wanted: string): Promise<void> =>
    vi.waitFor(async () => expect(await state()).toBe(wanted), { timeout: 60_000, interval: 100 })
  await writeFile(file, randomBytes(100_000))
  await until('stale')
  expect(codes).toEqual(['WARN_SHARE_STALE'])
  await writeFile(file, bytes)
  await until('serving')
}, 120_000)
