import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey as libp2pPeerId } from '@libp2p/peer-id'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { peerIdBytes, peerIdFromPublicKey, publicKeyFromPeerId } from '../../src/identity/peer-id.ts'

test('a peer id is the one that libp2p gives for the same key', async () => {
  for (let i = 0; i < 50; i++) {
    const { publicKey } = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i))
    const expected = libp2pPeerId(publicKey)
    expect(peerIdFromPublicKey(publicKey.raw)).toBe(expected.toString())
    expect(Buffer.compare(peerIdBytes(publicKey.raw), expected.toMultihash().bytes)).toBe(0)
  }
})

test('the public key comes back from every peer id', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(publicKeyFromPeerId(peerIdFromPublicKey(key))).toEqual(key)
    }),
    { seed: 20_261_121 },
  )
})

test.each([
  ['', 'nothing'],
  ['QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', 'the id of an RSA key'],
  ['16Uiu2HAkuqGKz8D6khfrnJnDrN5VxWWCoLU8Aq4eCFJuyXmfakB5', 'the id of a secp256k1 key'],
  ['12D3KooWL5uJPr4BV8Pp1hwMHQAramb7oPVzUdiGkwSCTyfyR7b0', 'a character that is not of base58'],
  ['12D3KooWL5uJPr4BV8Pp1hwMHQAramb7oPVzUdiGkwSCTyfyR7b', 'one character less'],
  ['1'.repeat(1_000_000), 'a megabyte'],
])('%.60s is no Ed25519 peer id: %s', (text) => {
  expect(publicKeyFromPeerId(text)).toBeUndefined()
})

test('a key of another length has no peer id', () => {
  expect(() => peerIdBytes(new Uint8Array(31))).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
})
