import { expect, test, vi } from 'vitest'
import {
  MAX_SEALED_IDENTITY_BYTES,
  openIdentity,
  readSealedIdentity,
  sealIdentity,
  type ExportedIdentity,
} from '../../src/identity/sealed-identity.ts'
import { Mutator } from '../helpers/mutate.ts'
import { seededRandom } from '../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const random = seededRandom(SEED)
const identity: ExportedIdentity = {
  seed: random.bytes(32),
  instance: random.bytes(32),
  former: [random.bytes(32), random.bytes(32)],
  along: random.bytes(1_000),
}
const PASSPHRASE = 'träge Möwen zählen Kiesel'
const text = await sealIdentity(identity, PASSPHRASE, random)
const fields = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
const invalid = { code: 'ERR_CONTENT_INVALID' }

test('what is exported comes back under its passphrase, however the system composes its accents', async () => {
  expect(await openIdentity(text, PASSPHRASE)).toEqual(identity)
  expect(await openIdentity(`\r\n${text.trim()}\r\n`, PASSPHRASE.normalize('NFD'))).toEqual(identity)
})

test.each([
  ['of version 1, in which nothing else goes along', 1, undefined],
  ['of version 2, though there is nothing', 2, new Uint8Array()],
])('a text %s', async (_what, v, along) => {
  const alone = await sealIdentity({ ...identity, along }, PASSPHRASE, random)
  expect(JSON.parse(alone)).toMatchObject({ v })
  expect(await openIdentity(alone, PASSPHRASE)).toEqual({ ...identity, along })
})

test('as much goes along as the longest text has room for, and a longer one is not read', async () => {
  const along = new Uint8Array(18_800_000).fill(7)
  const long = await sealIdentity({ ...identity, along }, PASSPHRASE, random)
  expect(long.length).toBeLessThan(MAX_SEALED_IDENTITY_BYTES)
  expect((await openIdentity(long, PASSPHRASE)).along?.byteLength).toBe(along.byteLength)
  const longer = `${long}${' '.repeat(MAX_SEALED_IDENTITY_BYTES - long.length + 1)}`
  expect(() => readSealedIdentity(longer)).toThrow(expect.objectContaining(invalid))
})

test('a large text of many small parts is refused before it is parsed', () => {
  const parse = vi.spyOn(JSON, 'parse')
  const start = '{"type":"shoal/identity","v":2,'
  for (const hostile of [
    '['.repeat(10_000_000),
    `${start}"a":${'['.repeat(10_000_000)}`,
    start + '"a":{'.repeat(2_000_000),
    `${start}${Array.from({ length: 1_000_000 }, (_, i) => `"${i}":0`).join()}}`,
  ]) {
    expect(() => readSealedIdentity(hostile)).toThrow(expect.objectContaining(invalid))
  }
  expect(parse).not.toHaveBeenCalled()
  parse.mockRestore()
})

test('nothing of it stands in the text, and the same again is another text', async () => {
  for (const secret of [identity.seed, identity.instance, identity.along ?? new Uint8Array()]) {
    for (const coding of ['base64url', 'base64', 'hex'] as const) {
      expect(text).not.toContain(Buffer.from(secret).toString(coding).slice(0, 16))
    }
  }
  const again = JSON.parse(await sealIdentity(identity, PASSPHRASE, random)) as Record<string, unknown>
  for (const field of ['salt', 'nonce', 'check', 'sealed']) expect(again[field]).not.toEqual(fields()[field])
})

test('a wrong passphrase is told from a damaged file', async () => {
  for (const wrong of ['', 'x', PASSPHRASE.slice(1), `${PASSPHRASE} `, PASSPHRASE.toUpperCase()]) {
    await expect(openIdentity(text, wrong)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' })
  }
  await expect(openIdentity(text.replace(/"sealed":"./, '"sealed":"!'), PASSPHRASE)).rejects.toMatchObject(
    invalid,
  )
})

test(`whatever is changed by accident is found before a passphrase is asked for (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const sample = Buffer.from(text)
  let changed = 0
  for (let round = 0; round < 5_000; round++) {
    const given = Buffer.from(mutator.mutate([sample])).toString('latin1')
    if (given.trim() === text.trim()) continue
    changed++
    expect(() => readSealedIdentity(given), given).toThrow(expect.objectContaining(invalid))
  }
  expect(changed).toBeGreaterThan(4_500)
  for (const none of ['', '{}', 'null', '[]', 'PRIVATE KEY', '['.repeat(60_000), 'x'.repeat(100_000)]) {
    expect(() => readSealedIdentity(none)).toThrow(expect.objectContaining(invalid))
  }
})

test('what is changed on purpose, with the sum made right, does not open', async () => {
  const { hash } = await import('node:crypto')
  const forged = (change: Record<string, unknown>): string => {
    const { sum: _sum, ...others } = { ...fields(), ...change }
    const sum = hash('sha256', JSON.stringify(others), 'buffer').subarray(0, 8).toString('base64url')
    return JSON.stringify({ ...others, sum })
  }
  expect(await openIdentity(forged({}), PASSPHRASE)).toEqual(identity)
  const flipped = (field: string): string => {
    const bytes = Buffer.from(String(fields()[field]), 'base64url')
    bytes[5] = (bytes[5] as number) ^ 1
    return bytes.toString('base64url')
  }
  const cases: [Record<string, unknown>, string][] = [
    [{ sealed: flipped('sealed') }, 'ERR_CONTENT_INVALID'],
    [{ nonce: flipped('nonce') }, 'ERR_CONTENT_INVALID'],
    [{ salt: flipped('salt') }, 'ERR_WRONG_KEY'],
    [{ check: flipped('check') }, 'ERR_WRONG_KEY'],
    [{ scrypt: { n: 65_536, r: 8, p: 1 } }, 'ERR_WRONG_KEY'],
    [{ sealed: 'AAAA' }, 'ERR_CONTENT_INVALID'],
    [{ v: 1 }, 'ERR_CONTENT_INVALID'],
    [{ v: 3 }, 'ERR_CONTENT_INVALID'],
    [{ type: 'other' }, 'ERR_CONTENT_INVALID'],
  ]
  for (const [change, code] of cases) {
    await expect(openIdentity(forged(change), PASSPHRASE), JSON.stringify(change)).rejects.toMatchObject({
      code,
    })
  }
  // A file that would take all memory, or none to guess.
  for (const scrypt of [
    { n: 2 ** 30, r: 8, p: 1 },
    { n: 2, r: 8, p: 1 },
    { n: 131_072, r: 8, p: 1_000 },
    { n: 131_071, r: 8, p: 1 },
    null,
  ]) {
    expect(() => readSealedIdentity(forged({ scrypt }))).toThrow(expect.objectContaining(invalid))
  }
})

test('a passphrase that is too short or endless is not taken', async () => {
  const refused = { code: 'ERR_OPTIONS_INVALID' }
  for (const bad of ['', '1234567', 'é'.normalize('NFD').repeat(7), 'x'.repeat(5_000)]) {
    await expect(sealIdentity(identity, bad, random)).rejects.toMatchObject(refused)
  }
})
