import * as crypto from 'node:crypto'
import { expect, test } from 'vitest'
import { selfTest, type Primitives } from '../../src/content/self-test.ts'

const real: Primitives = crypto

test('this runtime passes', () => {
  expect(() => selfTest()).not.toThrow()
})

test.each<[string, Partial<Primitives>]>([
  ['sha2-256', { hash: () => '00' as never }],
  ['HKDF', { hkdfSync: () => new ArrayBuffer(32) }],
  [
    'AES-256-GCM',
    {
      createCipheriv: ((_name: string, key: Buffer) =>
        crypto.createCipheriv(
          'aes-256-gcm',
          key,
          Buffer.alloc(12),
        )) as unknown as Primitives['createCipheriv'],
    },
  ],
  [
    'a tag that is not compared',
    {
      createDecipheriv: (() => ({
        setAAD: () => {},
        setAuthTag: () => {},
        update: () => {},
        final: () => {},
      })) as unknown as Primitives['createDecipheriv'],
    },
  ],
])('a runtime with a wrong %s is refused', (_name, broken) => {
  expect(() => selfTest({ ...real, ...broken })).toThrow(
    expect.objectContaining({ code: 'ERR_CRYPTO_SELF_TEST' }),
  )
})
