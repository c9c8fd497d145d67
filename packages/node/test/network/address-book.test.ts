import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../src/content/cid.ts'
import { AddressBook, type AddressBookInit, type AddressBookWarning } from '../../src/network/address-book.ts'
import { decodeBook, encodeBook, type KnownDevice } from '../../src/network/address-book-file.ts'
import { SeenSource } from '../../src/network/address-book-source.ts'
import { ADDRESS_BOOK_LIMITS as LIMITS } from '../../src/network/limits.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { temporaryFolder } from '../helpers/files.ts'
import { Mutator } from '../helpers/mutate.ts'
import { Simulation } from '../helpers/simulation.ts'
import { peerOf } from './lan/names.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 3_000)
const DAY_MS = 24 * 3_600_000

const digestOf = (number: number): Uint8Array => sha256(Buffer.from(`digest ${number}`))
const addressOf = (number: number, host = `192.0.2.${number % 256}`): string =>
  `/ip4/${host}/tcp/4001/p2p/${peerOf(number)}`

interface Bench {
  readonly file: string
  readonly warnings: AddressBookWarning[]
  /** A book on the same file. */
  readonly open: (facts?: Partial<AddressBookInit>) => AddressBook
}

async function bench(world = new Simulation(SEED)): Promise<Bench> {
  const file = join(await temporaryFolder(), 'peers.json')
  const warnings: AddressBookWarning[] = []
  return {
    file,
    warnings,
    open: (facts = {}) =>
      new AddressBook({
        file,
        disk: systemDisk,
        seams: world.seams,
        mayDial: () => true,
        onWarning: (warning) => void warnings.push(warning),
        ...facts,
      }),
  }
}

async function peersFor(book: AddressBook, number: number): Promise<string[]> {
  return (await book.candidates(digestOf(number))).map(({ peerId }) => peerId)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function pass(world: Simulation, ms: number): Promise<void> {
  const untilMs = world.nowMs + ms
  await world.run(new Promise<void>((resolve) => world.at(untilMs, resolve)), untilMs + 1)
}

test('a device that served a content is found again after a restart, before others', async () => {
  const { open, warnings } = await bench()
  const book = open()
  book.worked({ peerId: peerOf(1), addresses: [addressOf(1)], digest: digestOf(1) })
  book.worked({ peerId: peerOf(2), addresses: [addressOf(2)], digest: digestOf(2) })
  await book.close()
  const again = open()
  expect(await peersFor(again, 1)).toEqual([peerOf(1), peerOf(2)])
  expect(await peersFor(again, 2)).toEqual([peerOf(2), peerOf(1)])
  expect(warnings).toEqual([])
})

test('of devices that are not known to have it, the eight seen last are asked, save those that lack it', async () => {
  const { open } = await bench()
  const book = open()
  for (let i = 1; i <= 20; i++) book.worked({ peerId: peerOf(i), addresses: [addressOf(i)] })
  book.worked({ peerId: peerOf(1), addresses: [], digest: digestOf(7) })
  book.worked({ peerId: peerOf(2), addresses: [], digest: digestOf(7) })
  book.lacked(peerOf(20), digestOf(7))
  expect(await peersFor(book, 7)).toEqual([2, 1, 19, 18, 17, 16, 15, 14, 13, 12].map(peerOf))
  expect(await peersFor(book, 8)).toEqual([2, 1, 20, 19, 18, 17, 16, 15].map(peerOf))
  // It has it by now.
  book.worked({ peerId: peerOf(20), addresses: [], digest: digestOf(7) })
  expect((await peersFor(book, 7))[0]).toBe(peerOf(20))
})

test('addresses and keys of a device are bounded, the newest kept', async () => {
  const { open } = await bench()
  const book = open()
  for (let i = 1; i <= 100; i++) {
    book.worked({ peerId: peerOf(1), addresses: [addressOf(1, `192.0.2.${i}`)], digest: digestOf(i) })
  }
  const [device] = await book.candidates(digestOf(100))
  expect(device?.addresses).toHaveLength(LIMITS.maxAddresses)
  expect(device?.addresses[0]).toBe(addressOf(1, '192.0.2.100'))
  expect(device?.served).toHaveLength(LIMITS.maxServed)
})

test('a thousand devices are remembered, those seen last', async () => {
  const { open, file } = await bench()
  const book = open()
  for (let i = 1; i <= 1_200; i++) {
    book.worked({ peerId: peerOf(i), addresses: [addressOf(i)], digest: digestOf(i) })
  }
  for (let i = 1; i <= 1_200; i++) book.lacked(peerOf(i), digestOf(0))
  await book.close()
  const again = open()
  expect((await again.candidates(digestOf(200)))[0]?.peerId).toBe(peerOf(1_200))
  expect((await again.candidates(digestOf(201)))[0]?.peerId).toBe(peerOf(201))
  expect((await readFile(file)).byteLength).toBeLessThan(1_000_000)
})

test('the largest book fits into what is read of a file', () => {
  const longest = `/dns4/${'a'.repeat(LIMITS.maxAddressBytes)}`.slice(0, LIMITS.maxAddressBytes)
  const devices: KnownDevice[] = Array.from({ length: LIMITS.maxDevices }, (_, i) => ({
    peerId: peerOf(i),
    addresses: Array.from({ length: LIMITS.maxAddresses }, () => longest),
    seenMs: Number.MAX_SAFE_INTEGER,
    served: Array.from({ length: LIMITS.maxServed }, () => 'a'.repeat(43)),
  }))
  expect(encodeBook(devices).byteLength).toBeLessThan(LIMITS.maxFileBytes)
})

test('a device that was not seen for 90 days is forgotten', async () => {
  const world = new Simulation(SEED)
  const { open } = await bench(world)
  const book = open()
  book.worked({ peerId: peerOf(1), addresses: [addressOf(1)] })
  await pass(world, 60 * DAY_MS)
  book.worked({ peerId: peerOf(2), addresses: [addressOf(2)] })
  expect(await peersFor(book, 1)).toEqual([peerOf(2), peerOf(1)])
  await book.close()
  await pass(world, 31 * DAY_MS)
  expect(await peersFor(open(), 1)).toEqual([peerOf(2)])
})

test('only what may be dialled in this network is given out, and the rest is kept', async () => {
  const { open } = await bench()
  const book = open()
  book.worked({ peerId: peerOf(1), addresses: [addressOf(1, '127.0.0.1'), addressOf(1)] })
  book.worked({ peerId: peerOf(2), addresses: [addressOf(2, '127.0.0.1')] })
  await book.close()
  const strict = open({ mayDial: (address) => !address.includes('/127.') })
  const found = await strict.candidates(digestOf(1))
  expect(found.map(({ addresses }) => addresses)).toEqual([[addressOf(1)]])
  strict.worked({ peerId: peerOf(3), addresses: [addressOf(3)] })
  await strict.close()
  expect(await peersFor(open(), 1)).toEqual([3, 2, 1].map(peerOf))
})

test('what is no address of the device is not noted', async () => {
  const { open } = await bench()
  const book = open()
  const wrong = [addressOf(2), '/ip4/192.0.2.1/tcp/1', 'x', `/ip4/1/tcp/1/p2p/${peerOf(1)}`]
  book.worked({ peerId: peerOf(1), addresses: [...wrong, `/dns4/${'a'.repeat(300)}/tcp/1/p2p/${peerOf(1)}`] })
  book.worked({ peerId: peerOf(2), addresses: [addressOf(2)] })
  expect(await peersFor(book, 1)).toEqual([peerOf(2)])
})

test.each([
  ['nothing', ''],
  ['half a file', '{"version":1,"devices":[{"peerId"'],
  ['another version', '{"version":2,"devices":[]}'],
  ['another shape', '[]'],
  ['bytes', '\u0000\u0001\u0002'],
])('a file with %s is put aside with a warning, and the book begins anew', async (_what, content) => {
  const { open, file, warnings } = await bench()
  await writeFile(file, content)
  const book = open()
  expect(await peersFor(book, 1)).toEqual([])
  expect(warnings).toEqual([expect.objectContaining({ code: 'WARN_ADDRESS_BOOK' })])
  expect(await readFile(`${file}.damaged`, 'utf8')).toBe(content)
  book.worked({ peerId: peerOf(1), addresses: [addressOf(1)] })
  await book.close()
  expect(await peersFor(open(), 1)).toEqual([peerOf(1)])
})

test('of a file with malformed devices the others are read', () => {
  const good = {
    peerId: peerOf(1),
    addresses: [addressOf(1), 7, addressOf(2)],
    seenMs: 5,
    served: ['x', 'a'.repeat(43)],
  }
  const bad = [
    null,
    [],
    { ...good, peerId: 'x' },
    { ...good, seenMs: -1 },
    { ...good, seenMs: '5' },
    { ...good, addresses: {} },
    { ...good, served: undefined },
  ]
  const bytes = Buffer.from(JSON.stringify({ version: 1, devices: [...bad, good] }))
  expect(decodeBook(bytes)).toEqual([{ ...good, addresses: [addressOf(1)], served: ['a'.repeat(43)] }])
})

test(`mutated files are read within bounds or not at all (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const devices = [1, 2, 3].map((number) => ({
    peerId: peerOf(number),
    addresses: [addressOf(number)],
    seenMs: number,
    served: ['a'.repeat(43)],
  }))
  let read = 0
  for (let i = 0; i < INPUTS; i++) {
    const decoded = decodeBook(mutator.mutate([encodeBook(devices), encodeBook([])]))
    if (decoded !== undefined) read++
    for (const { addresses, served } of decoded ?? []) {
      expect(addresses.length).toBeLessThanOrEqual(LIMITS.maxAddresses)
      expect(served.length).toBeLessThanOrEqual(LIMITS.maxServed)
    }
  }
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(INPUTS)
})

test('many changes are written once, five seconds after the first', async () => {
  const world = new Simulation(SEED)
  const { open } = await bench(world)
  let written = 0
  const disk = {
    ...systemDisk,
    replaceFile: async (path: string, bytes: Uint8Array) => {
      written++
      await systemDisk.replaceFile(path, bytes)
    },
  }
  const book = open({ disk })
  // Loads the book, after which what is noted is noted at once.
  await book.candidates(digestOf(1))
  for (let i = 1; i <= 100; i++) book.worked({ peerId: peerOf(i), addresses: [addressOf(i)] })
  await pass(world, 4_999)
  expect(written).toBe(0)
  await pass(world, 1)
  expect(written).toBe(1)
  await book.close()
  expect(written).toBe(1)
})

test('a disk that fails is told of once, and the book goes on in memory', async () => {
  const { open, warnings, file } = await bench()
  const failing = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
  const book = open({ disk: { readStart: failing, replaceFile: failing, rename: failing } })
  book.worked({ peerId: peerOf(1), addresses: [addressOf(1)] })
  expect(await peersFor(book, 1)).toEqual([peerOf(1)])
  await book.close()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]?.message).toContain('i/o error')
  await expect(readFile(file)).rejects.toThrow('ENOENT')
})

test('a book that nobody asks reads and writes nothing', async () => {
  const { open, file } = await bench()
  const never = (): never => {
    throw new Error('the disk is used')
  }
  const book = open({ disk: { readStart: never, replaceFile: never, rename: never } })
  await book.close()
  expect(await readdir(join(file, '..'))).toEqual([])
})

test('the source gives out devices with their addresses, and ends', async () => {
  const { open } = await bench()
  const book = open()
  book.worked({ peerId: peerOf(1), addresses: [addressOf(1)], digest: digestOf(1) })
  const source = new SeenSource(book)
  const found = await collect(source.find(digestOf(1), new AbortController().signal))
  expect(found).toEqual([{ peerId: peerOf(1), addresses: [addressOf(1)] }])
  expect(await collect(source.find(digestOf(1), AbortSignal.abort()))).toEqual([])
})
