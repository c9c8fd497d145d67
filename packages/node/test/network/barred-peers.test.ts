import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../src/identity/peer-id.ts'
import { BarredPeers } from '../../src/network/barred-peers.ts'
import { BARRED_LIMITS as LIMITS } from '../../src/network/limits.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { temporaryFolder } from '../helpers/files.ts'

const START_MS = 1_700_000_000_000

function peer(i: number): string {
  const key = Buffer.alloc(32)
  key.writeUInt32BE(i)
  return peerIdFromPublicKey(key)
}

async function homeFile(): Promise<string> {
  return join(await temporaryFolder(), 'barred.json')
}

async function load(file: string, nowMs = START_MS): Promise<BarredPeers> {
  const barred = new BarredPeers({ file, disk: systemDisk, clock: { now: () => nowMs } })
  await barred.load()
  return barred
}

test('who was barred is barred for a day, over restarts', async () => {
  const file = await homeFile()
  const barred = await load(file)
  barred.bar(peer(1))
  await barred.close()
  expect((await load(file, START_MS + LIMITS.barredMs - 1)).isBarred(peer(1))).toBe(true)
  expect((await load(file)).isBarred(peer(2))).toBe(false)
  expect((await load(file, START_MS + LIMITS.barredMs)).isBarred(peer(1))).toBe(false)
  // The clock was wrong when it was noted.
  expect((await load(file, START_MS - 1)).isBarred(peer(1))).toBe(false)
})

test('no more peers are remembered than the bound, and the oldest is forgotten first', async () => {
  const file = await homeFile()
  const barred = await load(file)
  for (let i = 0; i <= LIMITS.maxPeers; i++) barred.bar(peer(i))
  await barred.close()
  for (const known of [barred, await load(file)]) {
    expect(known.isBarred(peer(0))).toBe(false)
    expect(known.isBarred(peer(1))).toBe(true)
    expect(known.isBarred(peer(LIMITS.maxPeers))).toBe(true)
  }
  expect((await readFile(file)).byteLength).toBeLessThan(LIMITS.maxFileBytes)
})

test.each([
  ['cut off', '{"version": 1, "pe'],
  ['of another version', JSON.stringify({ version: 2, peers: [{ peerId: peer(1), untilMs: START_MS + 1 }] })],
  ['null', 'null'],
  [
    'full of nonsense',
    JSON.stringify({
      version: 1,
      peers: [null, 7, {}, { peerId: 'x', untilMs: START_MS + 1 }, { peerId: peer(1), untilMs: '9' }],
    }),
  ],
])('a file that is %s bars nobody and is written anew', async (_what, text) => {
  const file = await homeFile()
  await writeFile(file, text)
  const barred = await load(file)
  expect(barred.isBarred(peer(1))).toBe(false)
  barred.bar(peer(1))
  await barred.close()
  expect((await load(file)).isBarred(peer(1))).toBe(true)
})

test('a file that cannot be written is no error', async () => {
  const barred = await load(join(await temporaryFolder(), 'missing', 'barred.json'))
  barred.bar(peer(1))
  await barred.close()
  expect(barred.isBarred(peer(1))).toBe(true)
})
