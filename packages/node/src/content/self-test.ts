/**
 * Start-up self-test of the primitives that content rests on, with published known answers. Runtimes differ in
 * the library underneath (OpenSSL, BoringSSL in Electron): a wrong one must be told before it touches content.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync } from 'node:crypto'
import { ShoalError } from '../errors.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

// FIPS 180-4 example: "abc".
const SHA256_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
const GCM = {
  key: hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'),
  nonce: hex('cafebabefacedbaddecaf888'),
  data: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  plain: hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  ),
  sealed: hex(
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
      '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
  ),
  tag: hex('76fc6ece0f4e1768cddf8853bb2d551b'),
}

// RFC 5869, test case 1, first 32 bytes.
const HKDF = {
  key: hex('0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b'),
  salt: hex('000102030405060708090a0b0c'),
  info: hex('f0f1f2f3f4f5f6f7f8f9'),
  out: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
}

/** The primitives under test, as arguments so that a test can break one. */
export interface Primitives {
  readonly hash: typeof hash
  readonly hkdfSync: typeof hkdfSync
  readonly createCipheriv: typeof createCipheriv
  readonly createDecipheriv: typeof createDecipheriv
}

/** @throws ShoalError ERR_CRYPTO_SELF_TEST when a primitive gives another answer than its published one */
export function selfTest(
  primitives: Primitives = { hash, hkdfSync, createCipheriv, createDecipheriv },
): void {
  if (primitives.hash('sha256', 'abc', 'hex') !== SHA256_ABC) throw failed('sha2-256')

  const cipher = primitives.createCipheriv('aes-256-gcm', GCM.key, GCM.nonce)
  cipher.setAAD(GCM.data)
  const sealed = Buffer.concat([cipher.update(GCM.plain), cipher.final()])
  if (!sealed.equals(GCM.sealed) || !cipher.getAuthTag().equals(GCM.tag)) throw failed('AES-256-GCM')

  const decipher = primitives.createDecipheriv('aes-256-gcm', GCM.key, GCM.nonce)
  decipher.setAAD(GCM.data)
  decipher.setAuthTag(Buffer.from(GCM.tag.map((byte, i) => (i === 0 ? byte ^ 1 : byte))))
  decipher.update(GCM.sealed)
  let refused = false
  try {
    decipher.final()
  } catch {
    refused = true
  }
  if (!refused) throw failed('AES-256-GCM (a wrong tag was accepted)')

  const derived = Buffer.from(primitives.hkdfSync('sha256', HKDF.key, HKDF.salt, HKDF.info, 32))
  if (derived.toString('hex') !== HKDF.out) throw failed('HKDF-SHA-256')
}

function failed(name: string): ShoalError {
  return new ShoalError('ERR_CRYPTO_SELF_TEST', `${name} gives wrong answers on this runtime`)
}
