import { expect, test } from 'vitest'
import { verifyStrictly } from '../../../src/spaces/ed25519.ts'
import { deviceKeys, signingKey } from '../../../src/spaces/keys/device-keys.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

test('signatures are those of RFC 8032, 7.1, test 2', () => {
  const key = signingKey(bytes('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
  expect(hex(key.publicKey)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
  const signature = key.sign(Uint8Array.of(0x72))
  expect(hex(signature)).toBe(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
  expect(verifyStrictly(key.publicKey, Uint8Array.of(0x72), signature)).toBe(true)
  expect(verifyStrictly(key.publicKey, Uint8Array.of(0x73), signature)).toBe(false)
})

test(`the same three give the same keys, and a change of any gives keys with nothing in common (seed ${SEED})`, () => {
  const random = seededRandom(SEED)
  const init = { identitySeed: random.bytes(32), instance: random.bytes(32), space: random.bytes(32) }
  const seen = new Set<string>()
  const all = [
    init,
    ...(['identitySeed', 'instance', 'space'] as const).map((part) => ({
      ...init,
      [part]: random.bytes(32),
    })),
  ]
  for (const each of all) {
    const keys = deviceKeys(each)
    expect(deviceKeys(each).author.publicKey).toEqual(keys.author.publicKey)
    expect(deviceKeys(each).sealing).toEqual(keys.sealing)
    for (const key of [keys.author.publicKey, keys.sealing.publicKey, keys.sealing.privateKey])
      seen.add(hex(key))
  }
  expect(seen.size).toBe(12)
  expect(() => deviceKeys({ ...init, instance: new Uint8Array(31) })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
})

test(`a signature whose S is not reduced is none (seed ${SEED})`, () => {
  const key = signingKey(seededRandom(SEED).bytes(32))
  const message = Buffer.from('message')
  const signature = key.sign(message)
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  let s = BigInt(`0x${Buffer.from(signature.subarray(32).toReversed()).toString('hex')}`) + order
  const malleable = signature.slice()
  for (let at = 32; at < 64; at++, s >>= 8n) malleable[at] = Number(s & 0xffn)
  expect(verifyStrictly(key.publicKey, message, signature)).toBe(true)
  expect(verifyStrictly(key.publicKey, message, malleable)).toBe(false)
})
