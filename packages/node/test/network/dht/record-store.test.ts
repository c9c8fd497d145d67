import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RECORD_LIMITS } from '../../../src/network/dht/limits.ts'
import { RecordStore, type RecordLimits } from '../../../src/network/dht/record-store.ts'
import { Simulation } from '../../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? Date.now() % 1_000_000)
/** Of the mark for a flood. */
const MAX_STORE_BYTES = 16 * 1_048_576

function storeAt(limits: Partial<RecordLimits> = {}): { store: RecordStore; forward: (ms: number) => void } {
  const world = new Simulation(1)
  let nowMs = 0
  const seams = { ...world.seams, clock: { now: () => nowMs, monotonic: () => nowMs } }
  return { store: new RecordStore(seams, limits), forward: (ms) => void (nowMs += ms) }
}

function heapBytes(): number {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return memoryUsage().heapUsed
}

describe('limits', () => {
  test('a provider over its share loses its own oldest record', () => {
    const { store } = storeAt({ maxRecordsPerPeer: 2 })
    for (const key of ['a', 'b', 'c']) store.put(key, 'mallory')
    store.put('a', 'alice')
    expect(store.has('a', 'mallory')).toBe(false)
    expect(store.providers('a').map(({ peerId }) => peerId)).toEqual(['alice'])
    expect(store.has('b', 'mallory') && store.has('c', 'mallory')).toBe(true)
  })

  test('a record that is announced again counts as new', () => {
    const { store } = storeAt({ maxRecordsPerPeer: 2 })
    for (const key of ['a', 'b', 'a', 'c']) store.put(key, 'mallory')
    expect(store.has('a', 'mallory')).toBe(true)
    expect(store.has('b', 'mallory')).toBe(false)
  })

  test('a key keeps the providers it had', () => {
    const { store } = storeAt({ maxProvidersPerKey: 3 })
    expect(['alice', 'bob', 'carol', 'sybil'].map((peer) => store.put('a', peer))).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(store.put('a', 'alice')).toBe(true)
  })

  test('a key that is full takes another provider once one of them expired', () => {
    const { store, forward } = storeAt({ maxProvidersPerKey: 2, validityMs: 100 })
    store.put('a', 'alice')
    forward(60)
    store.put('a', 'bob')
    forward(60)
    expect(store.put('a', 'carol')).toBe(true)
    expect(store.providers('a').map(({ peerId }) => peerId)).toEqual(['bob', 'carol'])
  })

  test('when all is full the provider that holds most loses its oldest', () => {
    const { store } = storeAt({ maxRecords: 6 })
    store.put('a', 'alice')
    for (const key of ['a', 'b', 'c', 'd', 'e']) store.put(key, 'mallory')
    expect(store.put('a', 'bob')).toBe(true)
    expect(store.has('a', 'mallory')).toBe(false)
    expect(store.has('a', 'alice') && store.has('a', 'bob')).toBe(true)
    expect(store.size).toBe(6)
  })

  test('when all is full nobody loses a record to one who holds as much', () => {
    const { store } = storeAt({ maxRecords: 4 })
    for (const peer of ['alice', 'bob', 'carol', 'dave']) store.put('a', peer)
    expect(store.put('b', 'sybil')).toBe(false)
    expect(store.put('b', 'alice')).toBe(true)
    expect(store.has('a', 'alice')).toBe(false)
    expect(store.size).toBe(4)
  })

  test('a record that is refused for its distance pushes nothing out', () => {
    const { store } = storeAt({ maxRecordsPerPeer: 1 })
    store.put('a', 'alice')
    expect(store.put('b', 'alice', () => false)).toBe(false)
    expect(store.has('a', 'alice')).toBe(true)
  })
})

describe('expiry', () => {
  test('a record holds for 48 h after it was announced last', () => {
    const { store, forward } = storeAt()
    store.put('a', 'alice')
    forward(RECORD_LIMITS.validityMs - 1)
    expect(store.providers('a')).toEqual([{ peerId: 'alice', ageMs: RECORD_LIMITS.validityMs - 1 }])
    store.put('a', 'alice')
    forward(RECORD_LIMITS.validityMs)
    expect(store.has('a', 'alice')).toBe(true)
    forward(1)
    expect(store.has('a', 'alice')).toBe(false)
    expect(store.providers('a')).toEqual([])
  })

  test('the sweep frees what expired', async () => {
    const world = new Simulation(1)
    const store = new RecordStore(world.seams, { validityMs: RECORD_LIMITS.sweepMs * 1.5 })
    store.start()
    store.put('a', 'alice')
    await world.run(
      new Promise((resolve) => world.at(RECORD_LIMITS.sweepMs * 1.2, () => resolve(store.put('b', 'bob')))),
      Infinity,
    )
    await world.run(
      new Promise((resolve) => world.at(RECORD_LIMITS.sweepMs * 2.1, () => resolve(undefined))),
      Infinity,
    )
    expect([store.size, store.isProvider('alice'), store.isProvider('bob')]).toEqual([1, false, true])
    store.stop()
  })
})

test(`what is counted is what is there, whatever happens (seed ${SEED})`, () => {
  const step = fc.record({
    kind: fc.constantFrom('put', 'put', 'put', 'delete', 'forward', 'sweep'),
    key: fc.integer({ min: 0, max: 5 }),
    peer: fc.integer({ min: 0, max: 5 }),
  })
  const limits = { maxRecords: 12, maxRecordsPerPeer: 4, maxProvidersPerKey: 3, validityMs: 50 }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { store, forward } = storeAt(limits)
      for (const { kind, key, peer } of steps) {
        if (kind === 'put') expect(store.put(`k${key}`, `p${peer}`)).toBe(store.has(`k${key}`, `p${peer}`))
        if (kind === 'delete') store.delete(`k${key}`, `p${peer}`)
        if (kind === 'forward') forward(key * 5)
        if (kind === 'sweep') store.removeExpired()
        const all = [...store.all()]
        const count = (name: (record: (typeof all)[number]) => string): number =>
          Math.max(0, ...[...Map.groupBy(all, name).values()].map((group) => group.length))
        expect(store.size).toBeLessThanOrEqual(limits.maxRecords)
        expect(all.length).toBeLessThanOrEqual(store.size)
        expect(count(([, { peerId }]) => peerId)).toBeLessThanOrEqual(limits.maxRecordsPerPeer)
        expect(count(([name]) => name)).toBeLessThanOrEqual(limits.maxProvidersPerKey)
        if (kind === 'sweep') expect(all.length).toBe(store.size)
      }
    }),
    { seed: SEED },
  )
})

describe('floods', () => {
  const name = (number: number): string => `ciq${number.toString(32).padStart(52, 'a')}`
  const peer = (number: number): string => `12D3KooW${number.toString(32).padStart(44, 'A')}`

  test.each([
    ['one peer', 100_000, 1, 64],
    ['20 peers', 1_000_000, 20, 64],
    ['20 peers, where each may keep 1,024', 1_000_000, 20, 1_024],
    ['20,000 peers', 200_000, 20_000, 64],
  ])(
    'records of %s leave the honest one, and the store small',
    (who, records, peers, maxRecordsPerPeer) => {
      const before = heapBytes()
      const { store } = storeAt({ maxRecordsPerPeer })
      store.put(name(-1), 'honest')
      const startMs = performance.now()
      for (let i = 0; i < records; i++) store.put(name(i), peer(i % peers))
      const ms = performance.now() - startMs
      const bytes = heapBytes() - before
      console.log(JSON.stringify({ bench: 'dht-record-flood', who, records, kept: store.size, bytes, ms }))
      expect(store.has(name(-1), 'honest')).toBe(true)
      expect(store.size).toBeLessThanOrEqual(RECORD_LIMITS.maxRecords)
      expect(bytes).toBeLessThan(MAX_STORE_BYTES)
      const late = store.put(name(-2), 'late')
      expect(late).toBe(peers < 20_000)
      // In constant time for each: a scan of the store would take an hour.
    },
    300_000,
  )

  test('20 sybils at a key do not push out who was there', () => {
    const { store } = storeAt()
    store.put('a', 'honest')
    for (let i = 0; i < 100_000; i++) store.put('a', peer(i % 1_000))
    expect(store.providers('a')).toHaveLength(RECORD_LIMITS.maxProvidersPerKey)
    expect(store.has('a', 'honest')).toBe(true)
  })
})
