import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import {
  AdmitterComparison,
  comparisonCode,
  JoinerComparison,
  type ComparedParty,
} from '../../../src/spaces/invites/comparison.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const random = seededRandom(SEED)
const space = random.bytes(32)
const party = (): ComparedParty => ({
  author: random.bytes(32),
  sealing: random.bytes(32),
  peerId: peerIdFromPublicKey(random.bytes(32)),
})
const [joiner, admitter, mallory] = [party(), party(), party()]
const nonce = (): Uint8Array => random.bytes(32)
const joins = (own = joiner, of = space): JoinerComparison =>
  new JoinerComparison({ space: of, own, nonce: nonce() })
const admits = (own = admitter): AdmitterComparison => new AdmitterComparison({ space, own, nonce: nonce() })
const protocol = expect.objectContaining({ code: 'ERR_PROTOCOL' })

test('both sides show the same six digits, and other digits each time', () => {
  const seen = new Set<string>()
  for (let round = 0; round < 50; round++) {
    const [a, b] = [joins(), admits()]
    expect(a.code).toBeUndefined()
    b.check(a.reveal(b.answer(a.commitment, joiner), admitter))
    expect(a.code).toMatch(/^\d{3} \d{3}$/)
    expect(b.code).toBe(a.code)
    seen.add(String(a.code))
    for (const side of [a, b]) {
      expect(side.state).toBe('comparing')
      side.decide(true)
      expect(side.state).toBe('agreed')
    }
  }
  expect(seen.size).toBeGreaterThan(48)
})

test('digits of low numbers keep their zeros, and all of them come', () => {
  const counts = Array.from({ length: 10 }, () => 0)
  let zeros = 0
  for (let round = 0; round < 5_000; round++) {
    const code = comparisonCode({ space, joiner, admitter, joinerNonce: nonce(), admitterNonce: nonce() })
    expect(code).toMatch(/^\d{3} \d{3}$/)
    if (code.startsWith('0')) zeros++
    for (const digit of code.replace(' ', '')) counts[Number(digit)] = (counts[Number(digit)] ?? 0) + 1
  }
  expect(zeros).toBeGreaterThan(400)
  for (const count of counts) expect(Math.abs(count - 3_000)).toBeLessThan(300)
})

test('each thing that is compared changes the digits', () => {
  const init = { space, joiner, admitter, joinerNonce: nonce(), admitterNonce: nonce() }
  const codes = new Set([
    comparisonCode(init),
    comparisonCode({ ...init, space: nonce() }),
    comparisonCode({ ...init, joinerNonce: nonce() }),
    comparisonCode({ ...init, admitterNonce: nonce() }),
    comparisonCode({ ...init, joiner: admitter, admitter: joiner }),
    ...(['author', 'sealing', 'peerId'] as const).flatMap((part) => [
      comparisonCode({ ...init, joiner: { ...joiner, [part]: mallory[part] } }),
      comparisonCode({ ...init, admitter: { ...admitter, [part]: mallory[part] } }),
    ]),
  ])
  expect(codes.size).toBe(11)
})

/** Who stands between poses as the admitter to the joiner, and as the joiner to the admitter, and has keys of its own. */
function attack(): { joinerCode: string; admitterCode: string } {
  const [a, b, asJoiner] = [joins(), admits(), joins(mallory)]
  // To the admitter first: whatever the order, one nonce is still unknown when the last own one has to be named.
  b.check(asJoiner.reveal(b.answer(asJoiner.commitment, mallory), admitter))
  a.reveal(nonce(), mallory)
  return { joinerCode: String(a.code), admitterCode: String(b.code) }
}

test(`who stands between has no more than chance (seed ${SEED})`, () => {
  // On the first three digits, so that chance shows: 5 of 5,000 are expected.
  let same = 0
  let whole = 0
  for (let round = 0; round < 5_000; round++) {
    const { joinerCode, admitterCode } = attack()
    if (joinerCode.slice(0, 3) === admitterCode.slice(0, 3)) same++
    if (joinerCode === admitterCode) whole++
  }
  expect(same).toBeLessThan(20)
  expect(whole).toBeLessThanOrEqual(1)
})

test(`without the commitment it could grind its nonce; with it, another nonce ends the comparison (seed ${SEED})`, () => {
  const a = joins()
  const chosen = nonce()
  const joinerNonce = a.reveal(chosen, mallory)
  // What it would do once it knows both nonces: try its own until the digits agree (three of them here).
  const b = admits()
  const asJoiner = joins(mallory)
  const admitterNonce = b.answer(asJoiner.commitment, mallory)
  expect(joinerNonce).toHaveLength(32)
  let ground: Uint8Array | undefined
  for (let round = 0; round < 50_000 && ground === undefined; round++) {
    const tried = nonce()
    const code = comparisonCode({ space, joiner: mallory, admitter, joinerNonce: tried, admitterNonce })
    if (code.slice(0, 3) === String(a.code).slice(0, 3)) ground = tried
  }
  if (ground === undefined) throw new Error('grinding found nothing')
  expect(() => b.check(ground)).toThrow(protocol)
  expect(b.state).toBe('refused')
  expect(b.code).toBeUndefined()
  expect(() => b.decide(true)).toThrow(protocol)
})

test('a commitment holds for its own space and keys only', () => {
  const elsewhere = joins(joiner, nonce())
  const inPlace = admits()
  inPlace.answer(elsewhere.commitment, joiner)
  expect(() => inPlace.check(elsewhere.reveal(nonce(), admitter))).toThrow(protocol)
  const a = joins()
  const other = admits()
  other.answer(a.commitment, mallory)
  expect(() => other.check(a.reveal(nonce(), admitter))).toThrow(protocol)
})

test('what comes twice, too early or in pieces ends it for good', () => {
  const twice = joins()
  twice.reveal(nonce(), admitter)
  expect(() => twice.reveal(nonce(), admitter)).toThrow(protocol)
  expect(twice.state).toBe('refused')

  const early = admits()
  expect(() => early.check(nonce())).toThrow(protocol)
  expect(() => early.answer(nonce(), joiner)).toThrow(protocol)

  const again = admits()
  again.answer(nonce(), joiner)
  expect(() => again.answer(nonce(), joiner)).toThrow(protocol)

  for (const bad of [new Uint8Array(31), new Uint8Array(33), new Uint8Array()]) {
    expect(() => joins().reveal(bad, admitter)).toThrow(protocol)
    expect(() => joins().reveal(nonce(), { ...admitter, author: bad })).toThrow(protocol)
    expect(() => admits().answer(bad, joiner)).toThrow(protocol)
    expect(() => admits().answer(nonce(), { ...joiner, sealing: bad })).toThrow(protocol)
  }
  expect(() => joins().decide(true)).toThrow(protocol)
  expect(() => new JoinerComparison({ space, own: joiner, nonce: new Uint8Array(16) })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
})

test('digits that differ refuse; what people agreed on stands whatever comes after', () => {
  const [a, b] = [joins(), admits()]
  b.check(a.reveal(b.answer(a.commitment, joiner), admitter))
  a.decide(false)
  expect(a.state).toBe('refused')
  expect(() => a.decide(true)).toThrow(protocol)
  b.decide(true)
  expect(() => b.check(nonce())).toThrow(protocol)
  expect(b.state).toBe('agreed')
})
