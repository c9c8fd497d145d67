import { Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { expect, test } from 'vitest'
import { RecordDatastore, type RecordDatastoreInit } from '../../../src/network/dht/record-datastore.ts'
import { RecordStore } from '../../../src/network/dht/record-store.ts'
import { digestOf } from '../../helpers/dht-net.ts'
import { Simulation } from '../../helpers/simulation.ts'

const NOW_MS = 1_700_000_000_000
const multihash = (number: number): Uint8Array => Uint8Array.from([0x12, 0x20, ...digestOf(number)])
const nameOf = (bytes: Uint8Array): string => base32.encode(bytes).slice(1)
const keyOf = (number: number, peerId: string): Key =>
  new Key(`/dht/provider/${nameOf(multihash(number))}/${peerId}`)

function datastore(init: Partial<RecordDatastoreInit> = {}): {
  store: RecordDatastore
  records: RecordStore
} {
  const { seams } = new Simulation(1)
  const records = new RecordStore(seams)
  const store = new RecordDatastore({
    clock: seams.clock,
    records,
    ownPeerId: 'self',
    isOwn: () => false,
    isClose: () => true,
    isReachable: () => Promise.resolve(true),
    ...init,
  })
  return { store, records }
}

async function peersOf(store: RecordDatastore, number: number): Promise<string[]> {
  const peers: string[] = []
  for await (const { key } of store.query({ prefix: `/dht/provider/${nameOf(multihash(number))}` })) {
    peers.push(key.toString().split('/').at(-1) as string)
  }
  return peers
}

function varintOf(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 0x80 + (byte & 0x7f), 0)
}

test('a record that is put is there, with its time, until it is deleted', async () => {
  const { store } = datastore()
  const key = keyOf(1, 'alice')
  store.put(key)
  store.put(keyOf(2, 'bob'))
  expect(store.has(key)).toBe(true)
  expect(varintOf(store.get(key))).toBe(NOW_MS)
  expect(await peersOf(store, 1)).toEqual(['alice'])
  const all: string[] = []
  for await (const name of store.queryKeys({ prefix: '/dht/provider' })) all.push(name.toString())
  expect(all.toSorted()).toEqual([key, keyOf(2, 'bob')].map(String).toSorted())
  store.delete(key)
  expect(store.has(key)).toBe(false)
  expect(() => store.get(key)).toThrow('no such record')
})

test('a batch does what it was told at the commit', async () => {
  const { store } = datastore()
  const batch = store.batch()
  batch.put(keyOf(1, 'alice'), new Uint8Array(1))
  expect(store.has(keyOf(1, 'alice'))).toBe(false)
  await batch.commit()
  expect(store.has(keyOf(1, 'alice'))).toBe(true)
})

test('an answer leaves out who is not reachable, and names this node for what is its own', async () => {
  const { store, records } = datastore({
    isReachable: (peerId) => Promise.resolve(peerId !== 'dead'),
    isOwn: (digest) => Buffer.compare(digest, digestOf(1)) === 0,
  })
  for (const peer of ['dead', 'alice', 'self']) store.put(keyOf(1, peer))
  store.put(keyOf(2, 'dead'))
  expect(await peersOf(store, 1)).toEqual(['alice', 'self'])
  expect(await peersOf(store, 2)).toEqual([])
  expect(records.isProvider('self')).toBe(false)
})

test('a record that belongs to others, values, and endless keys are not kept', () => {
  const asked: string[] = []
  const { store, records } = datastore({
    isClose: (bytes) => {
      asked.push(nameOf(bytes))
      return false
    },
  })
  store.put(keyOf(1, 'alice'))
  expect(asked).toEqual([nameOf(multihash(1))])
  store.put(new Key('/dht/record/abc'))
  store.put(new Key(`/dht/provider/${'a'.repeat(113)}/alice`))
  store.put(new Key('/dht/provider/abc'))
  expect(records.size).toBe(0)
  expect(() => store.get(new Key('/dht/record/abc'))).toThrow('no such record')
})
