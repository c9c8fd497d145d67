import { join } from 'node:path'
import type { VerifyEvent } from '@shoal/node'
import { describe, expect, test } from 'vitest'
import { folderOf, startNode } from '../helpers/nodes.ts'

function holiday(last = 0): Promise<string> {
  const sea = Buffer.alloc(5_000_000, 7)
  sea[4_999_999] = last
  return folderOf('Holiday', { 'day 1/sea.bin': sea, 'day 1/small': 'x' })
}

describe.each([
  ['sealed', { public: false }],
  ['public', { public: true }],
])('%s', (_form, options) => {
  test('what another node shares is compared with files here', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link, root } = await alice.share(await holiday(), options)
    const same = await bob.verify(await holiday(), link)
    expect(same).toMatchObject({ root, bytes: 5_000_001, bytesReused: 5_000_001 })
    expect(same.bytesFetched).toBeLessThan(100_000)
    const events: VerifyEvent[] = []
    const other = bob.verify(await holiday(1), link, { onEvent: (event) => events.push(event) })
    await expect(other).rejects.toMatchObject({ code: 'ERR_VERIFY_FAILED' })
    expect(events.filter(({ type }) => type === 'bad')).toEqual([{ type: 'bad', path: 'day 1/sea.bin' }])
  })

  test('an abort and a node that stops end it', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link } = await alice.share(await holiday(), options)
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(bob.verify(await holiday(), link, { signal })).rejects.toBe(reason)
    await alice.stop()
    const waiting = bob.verify(await holiday(), link, { waitMs: 0 })
    const [ended] = await Promise.allSettled([waiting, bob.stop()])
    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'ERR_NODE_STOPPED' } })
  })
})

test('below the path of an ipfs:// link', async () => {
  const alice = await startNode()
  const folder = await holiday()
  const { root } = await alice.share(folder, { public: true })
  expect(await alice.verify(join(folder, 'day 1'), `ipfs://${root}/day%201`)).toMatchObject({
    bytes: 5_000_001,
  })
  const small = await alice.verify(join(folder, 'day 1/small'), `ipfs://${root}/day%201/small`)
  expect(small).toMatchObject({ bytes: 1 })
})
