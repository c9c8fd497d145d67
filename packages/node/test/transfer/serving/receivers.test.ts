/** What a share tells of the devices that get it, and what they can make it tell. */
import { describe, expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import type { ReceiversEvent } from '../../../src/events.ts'
import type { ContentSource } from '../../../src/store/content-source.ts'
import { Holding } from '../../../src/transfer/serving/holding.ts'
import { MAX_COUNTED_PEERS, MAX_NAMED_RECEIVERS, TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { ReceiverWatch } from '../../../src/transfer/serving/receiver-watch.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { ManualChannel } from '../../helpers/manual-channel.ts'
import { Simulation } from '../../helpers/simulation.ts'

const root = cidOf(RAW, sha256(Buffer.from('root')))
const TOTAL = 20
const BLOCK_BYTES = 1_000

/** @param isWatched who gets it is followed before it is held; then the test begins */
function share(source: Partial<ContentSource> = {}, isWatched = false) {
  const world = new Simulation(1)
  const registry = new ShareRegistry()
  const whole: ContentSource = {
    root,
    total: TOTAL,
    readBlock: async () => ({ outcome: 'bytes', bytes: new Uint8Array(BLOCK_BYTES) }),
    readNode: async () => ({ outcome: 'missing' }),
    ...source,
  }
  registry.add(whole)
  const limits = { ...TRANSFER_LIMITS, maxSessions: 2 * MAX_COUNTED_PEERS }
  const uploads = new UploadService({ registry, seams: world.seams, limits })
  const told: ReceiversEvent[] = []
  const watch = isWatched
    ? new ReceiverWatch({ source: whole, uploads, clock: world.seams.clock })
    : undefined
  watch?.begin()
  const holding = new Holding({
    watch,
    source: whole,
    uploads,
    seams: world.seams,
    onServed: (event) => void (event.type === 'receivers' && told.push(event)),
    onStop: async () => {},
  })
  if (!isWatched) holding.begin()
  const open = (remote = 'bob'): ManualChannel => {
    const channel = new ManualChannel('node', remote)
    uploads.accept(channel)
    channel.openAsOpener(root)
    return channel
  }
  const pass = (ms: number): Promise<void> => world.pass(ms)
  /** Asks for blocks and waits until they came. */
  const take = async (channel: ManualChannel, ...blocks: number[]): Promise<void> => {
    const before = channel.all('block').length
    channel.say({ t: 'want', i: blocks })
    while (channel.all('block').length < before + blocks.length) await pass(1)
  }
  const nowMs = (): number => world.seams.clock.now()
  return { holding, told, open, pass, take, uploads, nowMs }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_none, i) => i)

describe('a device', () => {
  test('that is sent blocks is downloading, and with the last of them it has finished', async () => {
    const { told, open, pass, take, holding } = share()
    const bob = open()
    await take(bob, 0, 1, 2, 1)
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ blocks: TOTAL, downloading: 1, finished: 0 })
    expect(told.at(-1)?.active).toEqual([
      {
        id: 'bob',
        name: null,
        blocks: 3,
        sent: 4 * BLOCK_BYTES,
        rate: expect.any(Number),
        direct: true,
        since: expect.any(Number),
      },
    ])
    await take(bob, ...upTo(TOTAL).slice(3))
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ downloading: 0, finished: 1, active: [] })
    // It counts once, also when it comes again.
    bob.say({ t: 'bye', why: 'done' })
    await take(open(), 0, 1)
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ downloading: 0, finished: 1, active: [] })
    await holding.stop()
  })

  test('that gets blocks elsewhere has those that it says it has, and no others', async () => {
    const { told, open, pass, take, holding } = share()
    const bob = open()
    bob.say({ t: 'have', from: 3, n: 1 }, Uint8Array.of(0b1100_0000))
    bob.say({ t: 'have', i: [4, 9, TOTAL, 4_000_000] })
    await take(bob, 9, 10)
    // Beyond the last block nothing is said of whatever it claims.
    bob.say({ t: 'have', from: 16, n: 2 }, Uint8Array.of(0b0000_1111, 0xff))
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ downloading: 1, active: [{ blocks: 4 }] })
    bob.say({ t: 'have', from: 0, n: 3 }, Uint8Array.of(0xff, 0xff, 0xff))
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ downloading: 0, finished: 1 })
    expect(bob.aborted).toBeUndefined()
    await holding.stop()
  })

  test('that says it has everything counts if it had not', async () => {
    const { told, open, pass, take, holding } = share()
    const [before, after, liar] = [open('before'), open('after'), open('liar')]
    before.say({ t: 'have', total: TOTAL, all: true })
    liar.say({ t: 'have', total: TOTAL + 1, all: true })
    await take(after, 7)
    after.say({ t: 'have', total: TOTAL, all: true })
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ downloading: 0, finished: 1, active: [] })
    await holding.stop()
  })

  test('needs no padding to be finished', async () => {
    const { told, open, pass, take, holding } = share({ isPadding: (block) => block >= 2 })
    await take(open(), 0, 1)
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ blocks: 2, finished: 1 })
    await holding.stop()
  })

  test('that has everything is another copy, and when it left is told', async () => {
    const { told, open, pass, take, holding, nowMs } = share()
    const [source, bob] = [open('source'), open('bob')]
    source.say({ t: 'have', total: TOTAL, all: true })
    await take(bob, 0)
    await pass(1_000)
    expect(told.at(-1)?.otherCopies).toEqual({ connected: 1, lastSeen: null })
    await take(bob, ...upTo(TOTAL).slice(1))
    await pass(1_000)
    expect(told.at(-1)?.otherCopies).toEqual({ connected: 2, lastSeen: null })
    source.say({ t: 'bye', why: 'done' })
    const leftMs = nowMs()
    await pass(5_000)
    expect(told.at(-1)?.otherCopies).toEqual({ connected: 1, lastSeen: leftMs })
    // One that lacks something is none, whenever it leaves.
    const carol = open('carol')
    await take(carol, 0, 1)
    carol.say({ t: 'bye', why: 'done' })
    await pass(1_000)
    expect(told.at(-1)?.otherCopies).toEqual({ connected: 1, lastSeen: leftMs })
    await holding.stop()
  })

  test('that comes again is connected since then', async () => {
    const { told, open, pass, take, holding, nowMs } = share()
    const bob = open()
    await take(bob, 0)
    bob.say({ t: 'bye', why: 'done' })
    await pass(5_000)
    const sinceMs = nowMs()
    await take(open(), 1)
    await pass(1_000)
    expect(told.at(-1)?.active).toMatchObject([{ id: 'bob', since: sinceMs }])
    await holding.stop()
  })

  test('that leaves is downloading no more', async () => {
    const { told, open, pass, take, holding } = share()
    const bob = open()
    await take(bob, 0, 1)
    bob.say({ t: 'bye', why: 'done' })
    await pass(1_000)
    expect(told.at(-1)).toMatchObject({ downloading: 0, finished: 0, active: [] })
    // What it had, it still has when it is back.
    await take(open(), 2)
    await pass(1_000)
    expect(told.at(-1)?.active).toMatchObject([{ id: 'bob', blocks: 3 }])
    await holding.stop()
  })
})

test('it is told at most once a second, until speeds have fallen, and at the end', async () => {
  const { told, open, pass, take, holding } = share()
  const bob = open()
  for (let block = 0; block < 10; block++) {
    await take(bob, block)
    await pass(300)
  }
  expect(told.length).toBeLessThanOrEqual(5)
  expect(told.some(({ active }) => (active[0]?.rate ?? 0) > 0)).toBe(true)
  await pass(60_000)
  expect(told.at(-1)?.active[0]?.rate).toBe(0)
  const quiet = told.length
  await pass(60_000)
  expect(told).toHaveLength(quiet)
  await take(bob, 11)
  await take(bob, 12)
  await holding.stop()
  expect(told.at(-1)?.active[0]?.blocks).toBe(12)
  const last = told.length
  bob.say({ t: 'have', i: [15] })
  await pass(60_000)
  expect(told).toHaveLength(last)
})

test('what was sent and said before, while it was fetched, counts when it is told', async () => {
  const { told, open, pass, take, holding } = share({}, true)
  const [bob, carol] = [open('bob'), open('carol')]
  await take(bob, 0, 1)
  bob.say({ t: 'have', from: 8, n: 1 }, Uint8Array.of(0xff))
  await take(carol, ...upTo(TOTAL))
  expect(told).toEqual([])
  holding.begin()
  expect(told).toMatchObject([{ downloading: 1, finished: 1, active: [{ id: 'bob', blocks: 10 }] }])
  await take(bob, 2)
  await pass(1_000)
  expect(told.at(-1)?.active).toMatchObject([{ blocks: 11 }])
  await holding.stop()
  const last = told.length
  bob.say({ t: 'have', i: [5] })
  await pass(10_000)
  expect(told).toHaveLength(last)
})

test('of a crowd some are named, all are counted, and who left makes room', async () => {
  const { told, open, pass, take, holding } = share()
  const crowd = Array.from({ length: MAX_COUNTED_PEERS + 5 }, (_none, i) => open(`device ${i}`))
  for (const channel of crowd) await take(channel, 0)
  await pass(1_000)
  expect(told.at(-1)).toMatchObject({ downloading: MAX_COUNTED_PEERS })
  expect(told.at(-1)?.active).toHaveLength(MAX_NAMED_RECEIVERS)
  for (const channel of crowd) channel.say({ t: 'bye', why: 'done' })
  await take(open('late'), 1)
  await pass(1_000)
  expect(told.at(-1)).toMatchObject({ downloading: 1, active: [{ id: 'late', blocks: 1 }] })
  await holding.stop()
})

test('bits that are told again and again are soon not looked at any more', async () => {
  const { told, open, pass, holding } = share()
  const bob = open()
  for (let i = 0; i < 100; i++) bob.say({ t: 'have', from: 0, n: 3 }, Uint8Array.of(0x80, 0, 0))
  bob.say({ t: 'have', from: 0, n: 3 }, Uint8Array.of(0xff, 0xff, 0xff))
  await pass(1_000)
  expect(told.at(-1)).toMatchObject({ downloading: 1, finished: 0, active: [{ blocks: 1 }] })
  bob.say({ t: 'have', i: [5] })
  await pass(1_000)
  expect(told.at(-1)).toMatchObject({ active: [{ blocks: 2 }] })
  await holding.stop()
})
