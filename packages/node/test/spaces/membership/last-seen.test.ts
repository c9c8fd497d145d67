import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { encodeSeen, type SeenMember } from '../../../src/spaces/membership/last-seen-file.ts'
import { LastSeen, seenOf } from '../../../src/spaces/membership/last-seen.ts'
import { LAST_SEEN_DELAY_MS, MAX_LAST_SEEN } from '../../../src/spaces/membership/limits.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { temporaryFolder } from '../../helpers/files.ts'
import { Simulation } from '../../helpers/simulation.ts'

const peerId = peerIdFromPublicKey(new Uint8Array(32).fill(9))
const address = `/ip4/192.0.2.1/tcp/4001/p2p/${peerId}`

function memberAt(index: number, seenMs = index): SeenMember {
  return { member: index.toString(16).padStart(64, '0'), seenMs, peerId, addresses: [address] }
}

interface Kept {
  readonly lastSeen: LastSeen
  readonly world: Simulation
  readonly warnings: string[]
}

function keptIn(file: string, collect: () => readonly SeenMember[]): Kept {
  const world = new Simulation(1)
  const warnings: string[] = []
  const onWarning = (message: string): void => void warnings.push(message)
  const lastSeen = new LastSeen({ file, disk: systemDisk, timers: world.seams.timers, collect, onWarning })
  return { lastSeen, world, warnings }
}

test('what was known when a node ended is there when it starts again', async () => {
  const file = join(await temporaryFolder(), 'seen.json')
  const first = keptIn(file, () => [memberAt(1), memberAt(2)])
  expect(await first.lastSeen.load()).toEqual([])
  await first.lastSeen.close()
  expect(await keptIn(file, () => []).lastSeen.load()).toEqual([memberAt(2), memberAt(1)])
  expect(first.warnings).toEqual([])
})

test('it is written a while after a change, once for many', async () => {
  const file = join(await temporaryFolder(), 'seen.json')
  let collected = 0
  const { lastSeen, world } = keptIn(file, () => [memberAt(++collected)])
  for (let i = 0; i < 100; i++) lastSeen.changed()
  await world.pass(LAST_SEEN_DELAY_MS - 1)
  expect(collected).toBe(0)
  await world.pass(2)
  expect(collected).toBe(1)
  await lastSeen.close()
})

test('of more members than are kept those seen longest ago go', async () => {
  const file = join(await temporaryFolder(), 'seen.json')
  const { lastSeen } = keptIn(file, () =>
    Array.from({ length: MAX_LAST_SEEN + 5 }, (_, index) => memberAt(index)),
  )
  await lastSeen.close()
  const loaded = await lastSeen.load()
  expect(loaded).toHaveLength(MAX_LAST_SEEN)
  expect(loaded.at(-1)).toEqual(memberAt(5))
})

test('a damaged file is told once and is no more than forgotten; malformed members are left out', async () => {
  const file = join(await temporaryFolder(), 'seen.json')
  await writeFile(file, '{"version":1,"members":[{"')
  const damaged = keptIn(file, () => [])
  expect(await damaged.lastSeen.load()).toEqual([])
  await damaged.lastSeen.load()
  expect(damaged.warnings).toHaveLength(1)
  const odd = [
    memberAt(1),
    { ...memberAt(2), member: 'x' },
    { ...memberAt(3), seenMs: -1 },
    { ...memberAt(4), peerId: 'none' },
    { ...memberAt(5), addresses: ['/ip4/192.0.2.1/tcp/1', 5] },
    7,
  ]
  await writeFile(file, encodeSeen(odd as SeenMember[]))
  expect(await damaged.lastSeen.load()).toEqual([
    memberAt(1),
    { ...memberAt(4), peerId: undefined, addresses: [] },
    { ...memberAt(5), addresses: [] },
  ])
})

test('a disk that fails is told, and closing does not fail', async () => {
  const { lastSeen, warnings } = keptIn(join(await temporaryFolder(), 'no', 'folder'), () => [memberAt(1)])
  await lastSeen.close()
  expect(warnings).toHaveLength(1)
})

test('those who were never seen are not written', async () => {
  const never = { member: 'a', state: 'offline', lastSeenMs: undefined, content: undefined } as const
  const seen = { member: 'b', state: 'online', lastSeenMs: 5.5, content: undefined } as const
  expect(seenOf([never, seen], { of: () => undefined })).toEqual([
    { member: 'b', seenMs: 5, peerId: undefined, addresses: [] },
  ])
  const file = join(await temporaryFolder(), 'seen.json')
  await keptIn(file, () => seenOf([seen], { of: () => undefined })).lastSeen.close()
  expect(await readFile(file, 'utf8')).toContain('"seenMs": 5')
})
