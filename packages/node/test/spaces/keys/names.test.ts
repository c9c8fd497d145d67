import { expect, test } from 'vitest'
import { NAME_OVERLAP_MS, NAME_PERIOD_MS } from '../../../src/spaces/keys/limits.ts'
import { spaceNames, type SpaceNames } from '../../../src/spaces/keys/names.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const random = seededRandom(SEED)
const START_MS = 1_700_000_000_000
const topics = ({ accepted }: SpaceNames): string[] => accepted.map(({ topic }) => topic)

test(`devices whose clocks differ by up to an hour hear each other at any time (seed ${SEED})`, () => {
  const key = random.bytes(32)
  for (let minute = 0; minute < (3 * NAME_PERIOD_MS) / 60_000; minute += 7) {
    const nowMs = START_MS + minute * 60_000
    const names = spaceNames(key, nowMs)
    for (const skewMs of [-NAME_OVERLAP_MS, -60_000, 60_000, NAME_OVERLAP_MS]) {
      const other = spaceNames(key, nowMs + skewMs)
      expect(topics(names)).toContain(other.current.topic)
      expect(topics(other)).toContain(names.current.topic)
      const providers = other.accepted.map(({ provider }) => provider.toString())
      expect(providers).toContain(names.current.provider.toString())
    }
    expect(names.accepted.length).toBeLessThanOrEqual(2)
    expect(names.accepted[0]).toEqual(names.current)
  }
})

test('it tells when it changes: not a millisecond before, and then', () => {
  const key = random.bytes(32)
  let nowMs = START_MS
  for (let change = 0; change < 20; change++) {
    const names = spaceNames(key, nowMs)
    expect(names.changesAtMs).toBeGreaterThan(nowMs)
    expect(topics(spaceNames(key, names.changesAtMs - 1))).toEqual(topics(names))
    expect(topics(spaceNames(key, names.changesAtMs))).not.toEqual(topics(names))
    nowMs = names.changesAtMs
  }
  expect(nowMs - START_MS).toBeLessThan(8 * NAME_PERIOD_MS)
})

test('no two spaces, epochs, periods or uses have a name in common, and they change at different times of day', () => {
  const seen = new Set<string>()
  const changes = new Set<number>()
  let count = 0
  for (let space = 0; space < 50; space++) {
    const key = random.bytes(32)
    changes.add(spaceNames(key, START_MS).changesAtMs % NAME_PERIOD_MS)
    for (let day = 0; day < 4; day++) {
      const { topic, provider } = spaceNames(key, START_MS + day * NAME_PERIOD_MS).current
      expect(topic).toMatch(/^\/shoal\/space\/1\/[A-Za-z0-9_-]{43}$/)
      seen.add(topic.slice(-43))
      seen.add(Buffer.from(provider.multihash.digest).toString('base64url'))
      count += 2
    }
  }
  expect(seen.size).toBe(count)
  expect(changes.size).toBe(50)
})

test('the names of a key are these', () => {
  const { current } = spaceNames(new Uint8Array(32), START_MS)
  expect([current.topic, current.provider.toString()]).toMatchInlineSnapshot(`
    [
      "/shoal/space/1/KhYq0dVAdxxXgjHnAol3Z_lPm4v6PZA_Qt4PsU5cSOU",
      "bafkreieyy74gmalodvfm7xlcsmtnwdtfpyqax6jikmov3tpado6dz4mjoq",
    ]
  `)
})
