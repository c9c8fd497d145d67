import { expect, test } from 'vitest'
import { Ed25519Verifier } from '../../../src/spaces/catalogue/verifier.ts'
import { isStrictPoint } from '../../../src/spaces/ed25519.ts'
import { digest, hex, realAuthor } from '../../helpers/catalogue.ts'

const PRIME = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

function mod(a: bigint): bigint {
  return ((a % PRIME) + PRIME) % PRIME
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b)
  return result
}

const D = mod(-121665n * power(121666n, PRIME - 2n))

/** y of twice the point with this y on -x² + y² = 1 + d·x²·y². */
function double(y: bigint): bigint {
  const x2 = mod((y * y - 1n) * power(mod(D * y * y + 1n), PRIME - 2n))
  return mod((y * y + x2) * power(mod(1n - D * x2 * y * y), PRIME - 2n))
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
}

function valueOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

/** y of the points of order 8: twice such a point has y = 0. */
function orderEight(): bigint[] {
  // 2y² = 1 + d·y⁴ - ... solved: y² is a root of d·y⁴ + 2y² - 1 = 0 with x² = -y².
  const root = power(mod(1n + D), (PRIME + 3n) / 8n)
  const roots = [root, mod(root * power(2n, (PRIME - 1n) / 4n))].filter((r) => mod(r * r) === mod(1n + D))
  const squares = roots.flatMap((r) => [r, mod(-r)]).map((r) => mod((r - 1n) * power(D, PRIME - 2n)))
  return squares.flatMap((square) => {
    const y = power(square, (PRIME + 3n) / 8n)
    const ys = [y, mod(y * power(2n, (PRIME - 1n) / 4n))].filter((one) => mod(one * one) === square)
    return ys.flatMap((one) => [one, mod(-one)])
  })
}

test('keys and nonces of small order, and those not in their only form, are refused', () => {
  const eight = orderEight().filter((y) => double(y) === 0n)
  expect(new Set(eight).size).toBe(2)
  for (const y of [0n, 1n, PRIME - 1n, ...eight, PRIME, PRIME + 1n]) {
    const point = bytesOf(y)
    expect(isStrictPoint(point), `${y}`).toBe(false)
    point[31] = (point[31] as number) | 0x80
    expect(isStrictPoint(point), `${y} with the other sign`).toBe(false)
  }
  expect(isStrictPoint(realAuthor('alice').key)).toBe(true)
})

test('only the signature itself is good', async () => {
  const alice = realAuthor('alice')
  const verifier = new Ed25519Verifier()
  const signed = digest('message')
  const signature = alice.sign(signed)
  const s = valueOf(signature.subarray(32))
  const unreduced = Uint8Array.from([...signature.subarray(0, 32), ...bytesOf(s + ORDER)])
  const changed = Uint8Array.from(signature, (byte, i) => (i === 5 ? byte ^ 1 : byte))
  const noNonce = Uint8Array.from([...bytesOf(1n), ...signature.subarray(32)])
  for (const [key, bytes, good] of [
    [alice.key, signature, true],
    [realAuthor('bob').key, signature, false],
    [alice.key, unreduced, false],
    [alice.key, changed, false],
    [alice.key, noNonce, false],
    [alice.key, signature.subarray(0, 63), false],
    [bytesOf(1n), Uint8Array.from([...bytesOf(1n), ...bytesOf(0n)]), false],
    [bytesOf(2n), signature, false],
  ] as const) {
    expect(verifier.verify(key, signed, bytes), hex(bytes)).toBe(good)
    expect(await verifier.verifyAside(key, signed, bytes)).toBe(good)
  }
})
