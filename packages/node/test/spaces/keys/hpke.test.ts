import { expect, test } from 'vitest'
import { isSealingKey, open, seal } from '../../../src/spaces/keys/hpke.ts'
import { unwrap, wrap } from '../../../src/spaces/keys/wrapping.ts'
import { LOW_ORDER_X25519, seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('hex')

// RFC 9180, appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode, sequence number 0.
const A21 = {
  ikmE: bytes('909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b'),
  skRm: bytes('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb'),
  pkRm: bytes('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a'),
  enc: '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a',
  info: bytes('4f6465206f6e2061204772656369616e2055726e'),
  aad: bytes('436f756e742d30'),
  plain: bytes('4265617574792069732074727574682c20747275746820626561757479'),
  sealed: '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
}
const device = { privateKey: A21.skRm, publicKey: A21.pkRm }
const binding = { info: A21.info, aad: A21.aad }

test('sealing gives the bytes of RFC 9180, A.2.1, and opening reads them', async () => {
  const sealed = await seal(A21.pkRm, A21.plain, binding, { bytes: () => A21.ikmE })
  expect(hex(sealed)).toBe(A21.enc + A21.sealed)
  expect(hex(await open(device, bytes(A21.enc + A21.sealed), binding))).toBe(hex(A21.plain))
})

test('nothing opens that was altered anywhere, cut short, or is bound to something else', async () => {
  const good = bytes(A21.enc + A21.sealed)
  for (let at = 0; at < good.byteLength; at++) {
    const bad = good.slice()
    bad[at] = (bad[at] as number) ^ 0x01
    await expect(open(device, bad, binding)).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  }
  for (const length of [0, 1, 31, 32, 33, 47, 48, good.byteLength - 1]) {
    await expect(open(device, good.slice(0, length), binding)).rejects.toMatchObject({
      code: 'ERR_CONTENT_INVALID',
    })
  }
  for (const other of [
    { ...binding, info: new Uint8Array() },
    { ...binding, aad: new Uint8Array() },
  ]) {
    await expect(open(device, good, other)).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  }
})

test('nothing is sealed to a point of low order, and nothing opens that came with one', async () => {
  const random = seededRandom(SEED)
  expect(await isSealingKey(A21.pkRm, random)).toBe(true)
  for (const point of LOW_ORDER_X25519) {
    expect(await isSealingKey(point, random), hex(point)).toBe(false)
    const forged = new Uint8Array(Buffer.concat([point, random.bytes(48)]))
    await expect(open(device, forged, binding)).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  }
  for (const length of [0, 31, 33]) expect(await isSealingKey(new Uint8Array(length), random)).toBe(false)
})

test('wrapping gives the bytes of draft-irtf-cfrg-xchacha-03, A.3.1', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i)
  const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i)
  const plain = Buffer.from(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  )
  const wrapped = wrap(key, plain, bytes('50515253c0c1c2c3c4c5c6c7'), { bytes: () => nonce })
  expect(hex(wrapped.subarray(24))).toBe(
    'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39' +
      'ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
      '21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
  )
})

test(`a wrapped key opens under its own key and place only (seed ${SEED})`, () => {
  const random = seededRandom(SEED)
  const [by, key, aad] = [random.bytes(32), random.bytes(32), random.bytes(20)]
  const wrapped = wrap(by, key, aad, random)
  expect(hex(unwrap(by, wrapped, aad))).toBe(hex(key))
  expect(hex(wrap(by, key, aad, random))).not.toBe(hex(wrapped))
  expect(unwrap(random.bytes(32), wrapped, aad)).toBeUndefined()
  expect(unwrap(by, wrapped, random.bytes(20))).toBeUndefined()
  for (let at = 0; at < wrapped.byteLength; at++) {
    expect(unwrap(by, wrapped.with(at, (wrapped[at] as number) ^ 0x80), aad)).toBeUndefined()
    expect(unwrap(by, wrapped.slice(0, at), aad)).toBeUndefined()
  }
})
