/** What a peer is told of, and given, while more comes. */
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { RAW, cidOf, providerDigest, sha256 } from '../../../src/content/cid.ts'
import type { BlockAnswer, ContentSource } from '../../../src/store/content-source.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { ManualChannel } from '../../helpers/manual-channel.ts'
import { Simulation } from '../../helpers/simulation.ts'

const root = cidOf(RAW, sha256(Buffer.from('root')))

class Growing implements ContentSource {
  readonly root = root
  readonly total: number
  readonly here: Set<number>
  readonly listeners = new Set<(blocks: readonly number[]) => void>()
  readonly held = {
    has: (block: number) => this.here.has(block),
    onMore: (listener: (blocks: readonly number[]) => void) => {
      this.listeners.add(listener)
      return () => this.listeners.delete(listener)
    },
  }

  constructor(total: number, here: readonly number[] = []) {
    this.total = total
    this.here = new Set(here)
  }

  add(...blocks: number[]): void {
    for (const block of blocks) this.here.add(block)
    for (const listener of this.listeners) listener(blocks)
  }

  async readBlock(block: number): Promise<BlockAnswer> {
    return this.here.has(block)
      ? { outcome: 'bytes', bytes: Uint8Array.of(block % 256) }
      : { outcome: 'missing' }
  }

  async readNode(): Promise<BlockAnswer> {
    return { outcome: 'missing' }
  }
}

function whole(total: number): ContentSource {
  const { held: _held, ...source } = new Growing(total)
  return {
    ...source,
    readBlock: async (block) => ({ outcome: 'bytes', bytes: Uint8Array.of(block) }),
    readNode: async () => ({ outcome: 'missing' }),
  }
}

function serve(...sources: ContentSource[]) {
  const world = new Simulation(1)
  const registry = new ShareRegistry()
  for (const source of sources) registry.add(source)
  const load = { isOn: false, count: 0, refused: () => void load.count++ }
  const uploads = new UploadService({
    registry,
    seams: world.seams,
    limits: TRANSFER_LIMITS,
    shedding: load,
  })
  const open = (remote = 'peer'): ManualChannel => {
    const channel = new ManualChannel('node', remote)
    uploads.accept(channel)
    channel.openAsOpener(root)
    return channel
  }
  const pass = (ms: number): Promise<void> => world.pass(ms)
  return { world, registry, uploads, open, pass, load }
}

/** Block numbers that a peer was told of. */
function toldOf(channel: ManualChannel): number[] {
  const blocks: number[] = []
  let payload = 0
  for (const have of channel.all('have')) {
    if ('i' in have) blocks.push(...have.i)
    if (!('from' in have)) continue
    const bits = channel.payloads[payload++] as Uint8Array
    for (let at = 0; at < bits.byteLength * 8; at++) {
      if ((((bits[at >>> 3] as number) >> (7 - (at & 7))) & 1) === 1) blocks.push(have.from + at)
    }
  }
  return blocks
}

describe('what is here so far', () => {
  test('is told as bits from the first block to the last', () => {
    const channel = serve(new Growing(1_000, [20, 21, 29, 40])).open()
    expect(channel.all('have')).toEqual([{ t: 'have', from: 20, n: 3 }])
    expect(toldOf(channel)).toEqual([20, 21, 29, 40])
  })

  test('of nothing is not told, and asked for is missing', async () => {
    const { open, pass } = serve(new Growing(10))
    const channel = open()
    expect(channel.all('have')).toEqual([])
    channel.say({ t: 'want', i: [3] })
    await pass(1)
    expect(channel.all('no')).toEqual([{ t: 'no', i: 3, why: 'missing' }])
    channel.say({ t: 'want', i: [10] })
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })

  test('is told on as it comes: together after a while, at once when it is much', async () => {
    const source = new Growing(10_000, [0])
    const { open, pass } = serve(source)
    const channel = open()
    source.add(1)
    source.add(2, 3)
    await pass(TRANSFER_LIMITS.newsDelayMs - 1)
    expect(channel.all('have')).toHaveLength(1)
    await pass(1)
    expect(channel.last('have')).toEqual({ t: 'have', i: [1, 2, 3] })
    for (let block = 4; block < 4 + TRANSFER_LIMITS.maxNewsBlocks; block++) source.add(block)
    expect(channel.all('have')).toHaveLength(3)
    channel.say({ t: 'want', i: [2] })
    await pass(1)
    expect(channel.last('block')).toMatchObject({ i: 2 })
  })

  test('is told to who has everything too, and not after the end', async () => {
    const source = new Growing(10, [0])
    const { open, pass } = serve(source)
    const [full, gone] = [open('full'), open('gone')]
    full.say({ t: 'have', total: 10, all: true })
    gone.say({ t: 'bye', why: 'done' })
    source.add(1)
    await pass(1_000)
    expect([toldOf(full), toldOf(gone)]).toEqual([[0, 1], [0]])
    expect(source.listeners.size).toBe(1)
  })

  test('is told all at once to who took nothing for a while', async () => {
    const source = new Growing(10_000, [0])
    const { open, pass } = serve(source)
    const channel = open()
    channel.blocked = Promise.withResolvers()
    source.add(1)
    await pass(TRANSFER_LIMITS.newsDelayMs)
    for (let block = 2; block < 2_000; block++) source.add(block)
    await pass(1_000)
    expect(channel.all('have')).toHaveLength(2)
    const { resolve } = channel.blocked
    channel.blocked = undefined
    resolve()
    await pass(1)
    expect(channel.all('have')).toHaveLength(3)
    expect(new Set(toldOf(channel)).size).toBe(2_000)
  })

  test('of more than one message tells is told in several', () => {
    const bits = 8_388_608
    const channel = serve(new Growing(20_000_000, [5, bits - 1, bits, 19_999_999])).open()
    expect(toldOf(channel)).toEqual([5, bits - 1, bits, 19_999_999])
  })
})

describe('an open session', () => {
  test('is served by what takes the place of its source', async () => {
    const part = new Growing(4, [0])
    const { open, pass, registry } = serve(part)
    const channel = open()
    const all = whole(4)
    registry.add(all)
    expect(channel.last('have')).toEqual({ t: 'have', total: 4, all: true })
    registry.remove(part)
    channel.say({ t: 'want', i: [3] })
    await pass(1)
    expect(channel.last('block')).toMatchObject({ i: 3 })
  })

  test('is served from what has everything, whatever was added last', () => {
    const all = whole(4)
    const { registry } = serve(all, new Growing(4, [0]))
    const digest = providerDigest(root)
    expect([registry.find(digest), registry.findWhole(digest)]).toEqual([all, all])
    registry.remove(all)
    expect(registry.find(digest)).toBeInstanceOf(Growing)
    expect(registry.findWhole(digest)).toBeUndefined()
  })

  test('that this node opened is served too, with what comes later, and counted once', async () => {
    const { world, uploads, registry, pass } = serve()
    const channel = new ManualChannel()
    const session = Session.open({ channel, seams: world.seams, limits: TRANSFER_LIMITS }, root)
    channel.openAsAnswerer(root)
    uploads.serveOn(session)
    uploads.serveOn(session)
    expect(uploads.served(root.toString()).peers).toBe(1)
    channel.say({ t: 'want', i: [1] })
    await pass(1)
    expect(channel.all('no')).toEqual([{ t: 'no', i: 1, why: 'missing' }])
    registry.add(new Growing(4, [1]))
    expect(toldOf(channel)).toEqual([1])
    channel.say({ t: 'want', i: [1] })
    await pass(1)
    expect(channel.all('block')).toHaveLength(1)
    session.fail(new Error('cut'))
    expect(uploads.served(root.toString()).peers).toBe(0)
  })

  test('that a peer opened is told of, those that were open already among them', () => {
    const { open, uploads } = serve(new Growing(4))
    open('first')
    const seen: string[] = []
    const stop = uploads.onSession(root, (session) => void seen.push(session.remoteName))
    open('second')
    stop()
    open('third')
    expect(seen).toEqual(['first', 'second'])
  })

  test('that crosses one of the smaller id is ended as a duplicate', () => {
    const { open, uploads } = serve(new Growing(4))
    const seen: string[] = []
    uploads.onSession(root, (session) => void seen.push(session.remoteName))
    // 'a' is smaller than 'node', so what it opens stays.
    expect(open('a').closed).toBe(false)
    expect(seen).toEqual(['a'])
  })
})

test('bits that nobody here has a use for are read over', async () => {
  const { open, pass } = serve(whole(4))
  const channel = open()
  channel.say({ t: 'have', from: 0, n: 2 }, Uint8Array.of(255, 0))
  channel.say({ t: 'have', i: [1, 2] })
  channel.say({ t: 'want', i: [1] })
  await pass(1)
  await setImmediate()
  expect(channel.aborted).toBeUndefined()
  expect(channel.all('block')).toHaveLength(1)
})

describe('while the node cannot keep up', () => {
  const { shedRetryMs } = TRANSFER_LIMITS

  test('a newcomer is told when to ask again, and is served like any other once that is over', async () => {
    const { open, pass, load } = serve(whole(10))
    load.isOn = true
    const channel = open()
    channel.say({ t: 'want', i: [3, 4] })
    channel.say({ t: 'get', c: [root] })
    await pass(1)
    expect(channel.all('no')).toEqual([
      { t: 'no', i: 3, why: 'busy', retryMs: shedRetryMs },
      { t: 'no', i: 4, why: 'busy', retryMs: shedRetryMs },
      { t: 'no', c: root, why: 'busy', retryMs: shedRetryMs },
    ])
    expect(load.count).toBe(1)
    load.isOn = false
    channel.say({ t: 'want', i: [3] })
    await pass(1)
    expect(channel.last('block')).toMatchObject({ i: 3 })
    load.isOn = true
    channel.say({ t: 'want', i: [4] })
    await pass(1)
    expect(channel.last('block')).toMatchObject({ i: 4 })
  })

  test('a newcomer is served all the same when it waited long', async () => {
    const { open, pass, load } = serve(whole(10))
    load.isOn = true
    const channel = open()
    await pass(TRANSFER_LIMITS.mostShedMs - 1)
    channel.say({ t: 'want', i: [3] })
    await pass(2)
    expect(channel.last('no')).toMatchObject({ i: 3, why: 'busy' })
    channel.say({ t: 'want', i: [3] })
    await pass(1)
    expect(channel.last('block')).toMatchObject({ i: 3 })
  })

  test('who came before is served on', async () => {
    const { open, pass, load } = serve(whole(10))
    const channel = open()
    load.isOn = true
    channel.say({ t: 'want', i: [3] })
    await pass(1)
    expect(channel.all('no')).toEqual([])
    expect(channel.last('block')).toMatchObject({ i: 3 })
    expect(load.count).toBe(0)
  })
})
