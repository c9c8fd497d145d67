/** Limits by the clock, metered connections and priorities between real nodes. What is compared is bytes, and never a time. */
import { randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShoalNode } from '@shoal/node'
import { expect, test } from 'vitest'
import { background, fetchBecomes } from '../helpers/fetches.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const WHOLE_WEEK = 'daily 00:00-24:00'

async function shareOf(node: ShoalNode, bytes: number): Promise<string> {
  const path = join(await temporaryFolder(), 'content')
  await writeFile(path, randomBytes(bytes))
  return (await node.share(path)).link
}

type Name = 'high' | 'low'

/** Fetches two at once: what came of each from when both had begun until one was done. */
async function race(
  bytes: number,
  down: number,
  providers: readonly ShoalNode[],
  /** Whether they are turned round when the first has half. */
  isTurned = false,
): Promise<{ first: Name; high: number; low: number }> {
  const node = await startNode({ down })
  const links = {
    high: await shareOf(providers[0] as ShoalNode, bytes),
    low: await shareOf(providers.at(-1) as ShoalNode, bytes),
  }
  const got = { high: 0, low: 0 }
  let begun: typeof got | undefined
  let priorities: Record<Name, Name> = { high: 'high', low: 'low' }
  const stop = new AbortController()
  const fetch = async (name: Name): Promise<Name> => {
    await node.fetch(links[name], {
      directory: await temporaryFolder(),
      priority: isTurned ? () => priorities[name] : name,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== 'progress') return
        got[name] = event.bytes
        if (got.high > 0 && got.low > 0) begun ??= { ...got }
        if (got.high >= bytes / 2) priorities = { high: 'low', low: 'high' }
      },
    })
    return name
  }
  const running = [fetch('high'), fetch('low')]
  for (const each of running) each.catch(() => {})
  const first = await Promise.race(running)
  got[first] = bytes
  const { high, low } = got
  stop.abort(new Error('measured'))
  await Promise.allSettled(running)
  const { high: highBefore, low: lowBefore } = begun ?? { high: 0, low: 0 }
  console.log(JSON.stringify({ what: 'priorities', down, from: providers.length, first, high, low, begun }))
  return { first, high: high - highBefore, low: low - lowBefore }
}

test.each([
  ['from one device', 1, 4_000_000, 1 / 2],
  ['from two', 2, 4_000_000, 1 / 2],
  // What one cannot take on a busy machine, the other has.
  ['so fast that what is under way is more than what waits', 1, 16_000_000, 3 / 4],
])(
  'under a limit what is more important gets more of it: %s',
  async (_from, count, down, most) => {
    const providers = await Promise.all(Array.from({ length: count }, () => startNode()))
    const { first, high, low } = await race(down * 5, down, providers)
    expect(first).toBe('high')
    // A quarter is meant.
    expect(low).toBeLessThan(high * most)
    expect(low).toBeGreaterThan(0)
  },
  60_000,
)

test('a priority that is changed while both run holds at once', async () => {
  // At half of the one the other has an eighth: with a quarter of what is left it could not be first.
  expect(await race(24_000_000, 4_000_000, [await startNode()], true)).toMatchObject({ first: 'low' })
}, 60_000)

test('while the connection is metered downloads of the background wait, and others go on', async () => {
  const alice = await startNode()
  const link = await shareOf(alice, 1_000_000)
  const { node, client } = await background({ metered: 'on' })
  expect(node.status().bandwidth).toMatchObject({ metered: true, pause: 'metered' })
  const directory = await temporaryFolder()
  await client.keepFetch({ link, directory }, randomUUID())
  await fetchBecomes(client, { state: 'waiting', reason: 'metered', detail: null })
  expect(await node.fetch(link, { directory: await temporaryFolder() })).toMatchObject({ bytes: 1_000_000 })
  await fetchBecomes(client, { state: 'waiting', reason: 'metered' })
  await client.configure({ 'on-metered': 'go' })
  await fetchBecomes(client, { state: 'done', reason: null })
  expect(node.status().bandwidth).toMatchObject({ metered: true, pause: null })
})

test('the schedule of a home holds at once: it lets downloads of the background wait, and limits all', async () => {
  const alice = await startNode()
  const link = await shareOf(alice, 30_000_000)
  const { node, client } = await background({ schedule: [`${WHOLE_WEEK} pause`], whenMetered: 'go' })
  const directory = await temporaryFolder()
  await client.keepFetch({ link, directory }, randomUUID())
  await fetchBecomes(client, { state: 'waiting', reason: 'schedule', detail: {} })
  await client.configure({ schedule: [`${WHOLE_WEEK} down=100kB`] })
  expect(node.status()).toMatchObject({ down: 100_000, bandwidth: { scheduled: true, pause: null } })
  await fetchBecomes(client, { state: 'running', reason: 'schedule', detail: { limit: 100_000 } })
  await client.configure({ schedule: null, down: 200_000 })
  expect(node.status()).toMatchObject({ down: 200_000, bandwidth: { scheduled: false } })
  await fetchBecomes(client, { state: 'running', reason: 'own-limit', detail: { limit: 200_000 } })
  await client.configure({ down: null })
  // 30 MB at either limit would take minutes.
  await fetchBecomes(client, { state: 'done', reason: null, detail: null })
  node.setSchedule([`${WHOLE_WEEK} up=5kB`])
  expect(node.status()).toMatchObject({ up: 5_000, down: 0 })
  expect(() => node.setSchedule(['now'])).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }))
  expect(() => node.setSchedule('now' as unknown as string[])).toThrow('a list of texts')
}, 60_000)
