import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import type { Channel } from '../../../src/network/channel.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import type { LeadSource } from '../../../src/transfer/swarm/lead.ts'
import type { Message } from '../../../src/transfer/wire/messages.ts'
import { ProviderSearch } from '../../../src/transfer/swarm/provider-search.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { Simulation } from '../../helpers/simulation.ts'
import { leadTo } from '../../helpers/leads.ts'

const ROOT = cidOf(RAW, sha256(Buffer.from('root')))
const NODES = Array.from({ length: 3 }, (_, i) => Buffer.from(`node ${i}`))
const CIDS = NODES.map((node) => cidOf(RAW, sha256(node)))
const WAIT_MS = 60_000

/** What cannot know anybody now. */
const UNREADY: LeadSource = {
  name: 'dht',
  isTrusted: false,
  leads: async function* () {},
  isReady: () => false,
}

interface Asked {
  readonly atMs: number
  readonly cid: string
}

/** A search beside a provider that says `busy` to what `isBusy` picks; what it was asked, and when. */
function world(isBusy: (cid: string, earlier: number) => boolean, retryMs?: number) {
  const simulation = new Simulation(1)
  const { seams } = simulation
  const asked: Asked[] = []
  const answer = (session: Session, message: Message): void => {
    if (message.t !== 'get') return
    for (const c of message.c) {
      const cid = c.toString()
      const earlier = asked.filter((other) => other.cid === cid).length
      asked.push({ atMs: simulation.nowMs, cid })
      const node = NODES[CIDS.findIndex((other) => other.equals(c))] as Uint8Array
      if (isBusy(cid, earlier)) {
        session.send({ t: 'no', c, why: 'busy', ...(retryMs === undefined ? {} : { retryMs }) })
      } else {
        session.send({ t: 'cid', c, n: node.byteLength }, node)
      }
    }
  }
  let connections = 0
  let leave = (): void => {}
  const asking: unknown[] = []
  const connect = async (): Promise<Channel> => {
    connections++
    const link = { latencyMs: 10, bytesPerMs: 1_000 }
    const [ours, theirs] = simulation.connect(Buffer.from('bob'), Buffer.from('alice'), link)
    const session = Session.answer({ channel: theirs, limits: TRANSFER_LIMITS, seams }, () => ROOT)
    leave = () => void session.close()
    session.attach({
      onMessage: (message) => answer(session, message),
      payloadFor: () => undefined,
      onEnd: () => {},
    })
    return ours
  }
  const { signal } = new AbortController()
  const search = new ProviderSearch({
    link: { root: ROOT, hints: {} },
    seams,
    limits: TRANSFER_LIMITS,
    waitMs: WAIT_MS,
    signal,
    sources: () => [...leadTo(connect)(), UNREADY],
    onAsking: (sources, lastSeen) => asking.push({ sources, lastSeen }),
  })
  return {
    asked,
    asking,
    search,
    signal,
    leave: () => leave(),
    simulation,
    connections: () => connections,
    get: (cids = CIDS) => simulation.run(search.run((requester) => requester.getNodes(cids))),
  }
}

test('who is busy is asked again after the time that it names, on the same connection', async () => {
  const { asked, get, connections } = world((cid, earlier) => cid === String(CIDS[1]) && earlier < 3, 2_500)
  expect(await get()).toEqual(NODES.map((node) => Uint8Array.from(node)))
  const times = asked.filter(({ cid }) => cid === String(CIDS[1])).map(({ atMs }) => atMs)
  expect(times).toHaveLength(4)
  for (let i = 1; i < times.length; i++) {
    const pauseMs = (times[i] as number) - (times[i - 1] as number)
    expect(pauseMs).toBeGreaterThanOrEqual(2_500)
    expect(pauseMs).toBeLessThan(3_000)
  }
  expect(connections()).toBe(1)
})

test.each([
  ['names no time', undefined, 900, 1_200],
  ['names a time of nothing', 1, 100, 300],
  ['names more time than is given', 600_000, TRANSFER_LIMITS.maxBusyRetryMs, 31_000],
])('a provider that %s is asked again in bounded time', async (_what, retryMs, leastMs, mostMs) => {
  const { asked, get } = world((_cid, earlier) => earlier === 0, retryMs)
  await get(CIDS.slice(0, 1))
  const pauseMs = (asked[1]?.atMs ?? 0) - (asked[0]?.atMs ?? 0)
  expect(pauseMs).toBeGreaterThanOrEqual(leastMs)
  expect(pauseMs).toBeLessThan(mostMs)
})

test('who stays busy for as long as the caller waits is given up', async () => {
  const { get, simulation, asked } = world(() => true, 4_000)
  await expect(get()).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: expect.stringContaining('busy') as string,
  })
  expect(simulation.nowMs).toBeGreaterThan(WAIT_MS - 5_000)
  expect(simulation.nowMs).toBeLessThan(WAIT_MS + 1_000)
  expect(asked.length).toBeGreaterThan(CIDS.length * 10)
})

test('what is under way is not asked for a second time', async () => {
  const { asked, simulation, get } = world(() => false)
  const search = get([CIDS[0] as (typeof CIDS)[0], CIDS[0] as (typeof CIDS)[0]])
  expect(await search).toEqual([Uint8Array.from(NODES[0] as Buffer), Uint8Array.from(NODES[0] as Buffer)])
  expect(asked).toHaveLength(1)
  expect(simulation.nowMs).toBeLessThan(1_000)
})

test('it is told who is asked when nobody is connected, and who was there last', async () => {
  const { asking, get, leave } = world(() => false)
  await get(CIDS.slice(0, 1))
  expect(asking).toEqual([{ sources: ['link'], lastSeen: undefined }])
  leave()
  await get(CIDS.slice(1))
  expect(asking).toEqual([
    { sources: ['link'], lastSeen: undefined },
    { sources: ['link'], lastSeen: 'alice' },
  ])
})

test('a search that is closed leaves no listener at the signal of its operation', async () => {
  const { get, search, signal, simulation } = world(() => false)
  await get()
  expect(getEventListeners(signal, 'abort')).not.toEqual([])
  await simulation.run(search.close())
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
