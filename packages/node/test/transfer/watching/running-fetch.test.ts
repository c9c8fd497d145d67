/** What is seen of a fetch that runs, however many give to it and however often somebody looks. */
import { expect, test } from 'vitest'
import type { FoundBy } from '../../../src/events.ts'
import { KEPT, LEFT_OUT, WANTED } from '../../../src/store/fate.ts'
import type { SwarmFacts } from '../../../src/transfer/swarm/swarm-init.ts'
import { MAX_TOLD_SOURCES, SOURCES_INTERVAL_MS } from '../../../src/transfer/watching/limits.ts'
import { RunningFetch } from '../../../src/transfer/watching/running-fetch.ts'
import { Availability } from '../../../src/transfer/wire/availability.ts'
import { Simulation } from '../../helpers/simulation.ts'

const TOTAL = 16

interface Device {
  readonly peer: string
  readonly foundBy: FoundBy
  readonly session: { readonly isDirect: boolean }
  readonly requester: {
    availability: Availability
    verifiedBytes: number
    outstanding: number
    answers: number
  }
  readonly sinceMs: number
  isBusy: boolean
  running: number
}

function device(peer: string, blocks: readonly number[] | 'all' | 'silent' = 'all'): Device {
  const availability = new Availability(TOTAL)
  if (blocks === 'all') availability.addAll(TOTAL)
  else if (blocks !== 'silent') availability.addBlocks(blocks)
  return {
    peer,
    foundBy: 'lan',
    session: { isDirect: true },
    requester: { availability, verifiedBytes: 0, outstanding: 0, answers: 0 },
    sinceMs: 0,
    isBusy: false,
    running: 0,
  }
}

function world() {
  const simulation = new Simulation(1)
  const fetch = new RunningFetch({
    root: 'bafy',
    directory: '/out',
    clock: simulation.seams.clock,
    isOffline: () => false,
  })
  const devices: Device[] = []
  const dialled: (string | undefined)[] = []
  let looks = 0
  const search = {
    facts: (): SwarmFacts => {
      looks++
      return {
        members: devices as never,
        dialled: dialled.map((peerId, i) => ({
          source: { name: 'dht' },
          lead: { key: String(i), ...(peerId === undefined ? {} : { peerId }) },
        })) as never,
        unreachable: { count: 0, retryMs: undefined },
        last: undefined,
        lastWhole: undefined,
      }
    },
  }
  return { fetch, devices, dialled, search, looks: () => looks, pass: (ms: number) => simulation.pass(ms) }
}

test('before anybody is looked for there is nobody', () => {
  const { fetch } = world()
  expect(fetch.hindrance()).toBeUndefined()
  expect(fetch.sources()).toMatchObject({ root: 'bafy', directory: '/out', blocks: null, sources: [] })
})

test('it is looked at no more than once a second, and never without being asked', async () => {
  const { fetch, search, looks, pass } = world()
  fetch.follow(search)
  await pass(60 * SOURCES_INTERVAL_MS)
  expect(looks()).toBe(0)
  for (let i = 0; i < 100; i++) fetch.sources()
  expect(looks()).toBe(1)
  await pass(SOURCES_INTERVAL_MS - 1)
  fetch.sources()
  expect(looks()).toBe(1)
  await pass(1)
  fetch.sources()
  expect(looks()).toBe(2)
})

test('who is connected comes first, and no more are told than the bound', () => {
  const { fetch, search, devices, dialled } = world()
  fetch.follow(search)
  devices.push(device('mia'))
  dialled.push('mia', undefined, ...Array.from({ length: 2 * MAX_TOLD_SOURCES }, (_none, i) => `device ${i}`))
  dialled.push('device 0')
  const { sources } = fetch.sources()
  expect(sources).toHaveLength(MAX_TOLD_SOURCES)
  expect(sources.slice(0, 2)).toMatchObject([
    { id: 'mia', foundBy: 'lan', state: 'idle', has: null, direct: true },
    { id: 'device 0', foundBy: 'dht', state: 'connecting', has: null, direct: null, since: null },
  ])
  expect(new Set(sources.map(({ id }) => id)).size).toBe(MAX_TOLD_SOURCES)
})

test('what each has counts of what was asked for, and what it gave since it was connected', async () => {
  const { fetch, search, devices, pass } = world()
  fetch.follow(search)
  const replacing = new Set<number>()
  // A folder, then four files of four blocks each.
  const fates = { of: Uint8Array.of(WANTED, WANTED, LEFT_OUT, WANTED, KEPT), replacing }
  fetch.gets({
    entries: [{ kind: 'folder' }, ...Array.from({ length: 4 }, () => ({ kind: 'file' as const }))],
    blocks: { count: TOTAL, blocksOf: (entry) => ({ first: (entry - 1) * 4, count: 4 }) },
    fates,
    // Of the first file two are here.
    here: { bytes: () => Uint8Array.of(0b1100_0000) },
    missing: () => 1,
  })
  const [mia, ben, zoe] = [device('mia', [0, 1, 2, 3, 5]), device('ben', [3, 8]), device('zoe', 'silent')]
  devices.push(mia, ben, zoe)
  ben.requester.outstanding = 1
  zoe.requester.outstanding = 1
  ben.requester.answers = 1
  mia.isBusy = true
  expect(fetch.sources()).toMatchObject({ blocks: 8, here: 2, available: 3, single: 2 })
  await pass(SOURCES_INTERVAL_MS)
  ben.requester.verifiedBytes = 5_000
  expect(fetch.sources().sources).toMatchObject([
    { id: 'ben', state: 'giving', has: 2 / 8, alone: 1, bytes: 5_000, rate: 5_000 },
    { id: 'mia', state: 'busy', has: 4 / 8, alone: 1, bytes: 0, rate: 0 },
    { id: 'zoe', state: 'asking', has: null, alone: 0 },
  ])
  // A file that was kept turns out to be another.
  fates.of[4] = WANTED
  replacing.add(4)
  await pass(SOURCES_INTERVAL_MS)
  expect(fetch.sources()).toMatchObject({ blocks: 12, here: 2 })
})
