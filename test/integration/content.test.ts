/** Files over HTTP from a real node, by an address of its content port, while the node has them from another. */
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchEvent, ShareEvent } from '@shoal/node'
import { describe, expect, test, vi } from 'vitest'
import { ask, begin } from '../../packages/node/test/helpers/content.ts'
import { clientOf, folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const MIB = 1_048_576
const SEA = Buffer.from(Uint32Array.from({ length: 8_500_000 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer)
const PATH = 'day%201/sea.bin'

function holiday(): Promise<string> {
  return folderOf('Holiday', { 'day 1/sea.bin': SEA, 'day 1/empty.txt': '', 'Ünïcödé 🐟.txt': 'fish' })
}

/** Who shares, who gives it out, and how much the first has sent. */
async function scene(options: { public?: boolean } = {}) {
  const [alice, bob] = [await startNode(), await startNode({ apiTcp: true })]
  const served = { bytes: 0, peers: 0 }
  const onEvent = (event: ShareEvent): void => void (event.type === 'served' && Object.assign(served, event))
  const share = await alice.share(await holiday(), { ...options, onEvent })
  const client = await clientOf(bob)
  const { url, id } = await client.openContent({ link: share.link })
  return { alice, bob, client, share, url, id, sent: () => served.bytes, peers: () => served.peers }
}

describe.each([
  ['sealed', { public: false }],
  ['public', { public: true }],
])('%s', (_form, options) => {
  test('a file and parts of it are as they were shared', async () => {
    const { url } = await scene(options)
    const whole = await ask(`${url}${PATH}`)
    expect(whole.headers).toMatchObject({
      'content-length': String(SEA.byteLength),
      'accept-ranges': 'bytes',
    })
    expect(whole.body.equals(SEA)).toBe(true)
    const part = await ask(`${url}${PATH}`, { range: 'bytes=5000000-7999999' })
    expect(part.headers['content-range']).toBe(`bytes 5000000-7999999/${SEA.byteLength}`)
    expect(part.body.equals(SEA.subarray(5_000_000, 8_000_000))).toBe(true)
    const end = await ask(`${url}${PATH}`, { range: 'bytes=-100' })
    expect(end.body.equals(SEA.subarray(-100))).toBe(true)
    expect((await ask(`${url}${PATH}`, { range: `bytes=${SEA.byteLength}-` })).status).toBe(416)
    const fish = await ask(`${url}${encodeURIComponent('Ünïcödé 🐟.txt')}`)
    expect([String(fish.body), fish.headers['content-type']]).toEqual(['fish', 'text/plain; charset=utf-8'])
    expect((await ask(`${url}day%201/empty.txt`)).body).toHaveLength(0)
    for (const missing of ['', 'day%201', 'nothing']) expect((await ask(`${url}${missing}`)).status).toBe(404)
  })
})

test('what this node shares itself is given without asking others', async () => {
  const node = await startNode({ apiTcp: true })
  const { link } = await node.share(await holiday())
  const { url } = await (await clientOf(node)).openContent({ link })
  const { body } = await ask(`${url}${PATH}`, { range: 'bytes=1000-1999' })
  expect(body.equals(SEA.subarray(1_000, 2_000))).toBe(true)
})

test('who seeks has what is needed there first, and what was left is fetched no further', async () => {
  const { bob, url, sent, peers } = await scene()
  bob.setLimits({ down: 4_000_000 })
  const first = await begin(`${url}${PATH}`, { range: 'bytes=0-' })
  expect(first.statusCode).toBe(206)
  await new Promise((resolve) => void first.once('data', resolve))
  first.destroy()
  const from = SEA.byteLength - 1_000
  const { body } = await ask(`${url}${PATH}`, { range: `bytes=${from}-` })
  expect(body.equals(SEA.subarray(from))).toBe(true)
  expect(sent()).toBeLessThan(SEA.byteLength / 2)
  // Nothing goes on that nobody waits for.
  await vi.waitFor(() => expect(peers()).toBe(0), { timeout: 10_000 })
  expect(sent()).toBeLessThan(SEA.byteLength / 2)
})

test('beside a fetch of the same, what it has is not fetched again', async () => {
  const { bob, share, url, sent } = await scene()
  bob.setLimits({ down: 6_000_000 })
  let progress = 0
  const onEvent = (event: FetchEvent): void => void (event.type === 'progress' && (progress = event.bytes))
  const directory = await temporaryFolder()
  const fetched = bob.fetch(share.link, { directory, seed: true, onEvent })
  await vi.waitFor(() => expect(progress).toBeGreaterThan(SEA.byteLength * 0.6), {
    timeout: 50_000,
    interval: 20,
  })
  const { body } = await ask(`${url}${PATH}`)
  expect(createHash('sha256').update(body).digest()).toEqual(createHash('sha256').update(SEA).digest())
  const { path, seed } = await fetched
  await seed?.stop()
  expect((await stat(join(path, 'day 1', 'sea.bin'))).size).toBe(SEA.byteLength)
  expect(await readdir(directory)).toEqual(['Holiday'])
  expect(sent()).toBeLessThan(SEA.byteLength * 1.3)
  expect(sent()).toBeGreaterThan(SEA.byteLength - MIB)
})

test('a node that stops ends what is read, and its addresses are good no more', async () => {
  const { bob, url } = await scene()
  bob.setLimits({ down: 1_000_000 })
  const response = await begin(`${url}${PATH}`)
  const ended = new Promise((resolve) => void response.once('error', resolve))
  response.resume()
  await bob.stop()
  await ended
  await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('nobody who has it is told as that', async () => {
  const { alice, client, share } = await scene()
  await alice.stop()
  const { url } = await client.openContent({ link: share.link, waitMs: 1_500 })
  const { status, body } = await ask(`${url}${PATH}`)
  expect(status).toBe(504)
  expect(JSON.parse(String(body))).toMatchObject({ code: 'ERR_NO_PROVIDER' })
})
