/**
 * Ed25519 public keys of small order: the eight points of order 1, 2, 4 and 8 of edwards25519 (RFC 8032, 5.1), and the
 * encodings of such points that are not canonical. A signature "by" one can be made to fit many messages, so none is
 * anybody's key. The OpenSSL of Node 26 refuses their signatures by itself (measured); other runtimes need not.
 */
const SIGN_BIT = 0x80

/** Their y coordinates, little-endian; either sign of x. The last two are 0 and 1 written as p and p + 1. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** @param publicKey 32 bytes */
export function isSmallOrder(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey)
  y[31] = (y[31] as number) & ~SIGN_BIT
  return SMALL_ORDER_Y.has(y.toString('hex'))
}
