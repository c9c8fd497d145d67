import { encode } from '@ipld/dag-cbor'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { DAG_CBOR, DAG_PB, RAW, cidOf, sha256 } from '../../src/content/cid.ts'
import { MAX_HINT_BYTES } from '../../src/content/link-hints.ts'
import { MAX_LINK_LENGTH, encodeLink, parseLink, parseRoot, type LinkHints } from '../../src/content/link.ts'
import { isShoalError, type ShoalError } from '../../src/errors.ts'
import { peerIdFromPublicKey } from '../../src/identity/peer-id.ts'
import { Mutator } from '../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const FUZZ_INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 30_000)
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const digest = sha256(Buffer.from('root'))
const sealed = cidOf(DAG_CBOR, digest)
const plain = cidOf(DAG_PB, digest)
const sealedText = sealed.toString()
const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
const publicKey = new Uint8Array(32).fill(9)
const peerId = peerIdFromPublicKey(publicKey)
const address = multiaddr(`/ip4/192.168.1.20/tcp/4001/p2p/${peerId}`).bytes

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const keyText = (version: number, bytes: Uint8Array): string => {
  const versioned = Buffer.concat([Uint8Array.of(version), bytes])
  return base64url(Buffer.concat([versioned, sha256(Buffer.from('shoal/link/1'), versioned).subarray(0, 3)]))
}
const goodKey = keyText(1, key)
const withHints = (value: unknown): string => `shoal://${plain.toString()}#.${base64url(encode(value))}`
const refusal = (text: string): ShoalError => {
  try {
    parseLink(text)
  } catch (error) {
    if (isShoalError(error)) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 })
const hints: fc.Arbitrary<LinkHints> = fc.record(
  {
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    size: fc.maxSafeNat(),
    peerId: digests.map(peerIdFromPublicKey),
    addresses: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: [] },
)

test('every link reads back as it was, in one form and in the alphabet that needs no quotes', () => {
  const links = fc.oneof(
    fc.record({ root: digests.map((it) => cidOf(DAG_CBOR, it)), key: digests, hints }),
    fc.record({
      root: fc.tuple(fc.constantFrom(RAW, DAG_PB), digests).map(([codec, it]) => cidOf(codec, it)),
      hints,
    }),
  )
  fc.assert(
    fc.property(links, (link) => {
      const text = encodeLink(link)
      expect(text).toMatch(/^shoal:\/\/b[a-z2-7]+(#[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)?)?$/)
      const parsed = parseLink(` \t${text}\r\n`)
      expect(parsed.root.toString()).toBe(link.root.toString())
      expect(parsed.key).toEqual('key' in link ? link.key : undefined)
      const { addresses, ...others } = parsed.hints
      const { addresses: expected, ...expectedOthers } = link.hints
      expect(others).toEqual(expectedOthers)
      const suffix =
        link.hints.peerId === undefined ? new Uint8Array() : multiaddr(`/p2p/${link.hints.peerId}`).bytes
      expect(addresses).toEqual(expected?.map((it) => Uint8Array.from([...it, ...suffix])))
      expect(encodeLink(parsed)).toBe(text)
    }),
    { seed: SEED, numRuns: 3_000 },
  )
})

test('hints are the canonical dag-cbor that an independent encoder writes', () => {
  fc.assert(
    fc.property(hints, digests, (given, id) => {
      const text = encodeLink({ root: plain, hints: { ...given, peerId: peerIdFromPublicKey(id) } })
      const expected = encode({
        p: peerIdFromString(peerIdFromPublicKey(id)).toMultihash().bytes,
        ...(given.name === undefined ? {} : { n: given.name }),
        ...(given.size === undefined ? {} : { s: given.size }),
        ...(given.addresses === undefined ? {} : { a: given.addresses }),
      })
      expect(text.split('.')[1]).toBe(base64url(expected))
    }),
    { seed: SEED, numRuns: 1_000 },
  )
})

test('a link without hints has no dot, and an empty part is accepted where one could stand', () => {
  const root = plain.toString()
  expect(encodeLink({ root: plain, hints: {} })).toBe(`shoal://${root}`)
  expect(encodeLink({ root: sealed, key, hints: {} })).toBe(`shoal://${sealedText}#${goodKey}`)
  for (const text of [
    `shoal://${root}`,
    `shoal://${root}#`,
    `shoal://${root}#.`,
    `SHOAL://${root}`,
    withHints({}),
  ]) {
    expect(parseLink(text)).toEqual({ root: plain, hints: {} })
  }
  expect(parseLink(`shoal://${sealedText}#${goodKey}.`)).toEqual({ root: sealed, key, hints: {} })
})

test('a peer id and its addresses travel as a public key and bare addresses', () => {
  const relayed = multiaddr(`/ip6/2001:db8::1/udp/443/quic-v1/p2p-circuit/p2p/${peerId}`).bytes
  const text = encodeLink({ root: plain, hints: { peerId, addresses: [address, relayed] } })
  expect(Buffer.from(text.split('.')[1] as string, 'base64url').indexOf(publicKey)).toBeGreaterThan(0)
  expect(text.length).toBeLessThan(220)
  const read = parseLink(text).hints
  expect(read.peerId).toBe(peerId)
  expect(read.addresses?.map((it) => multiaddr(it).toString())).toEqual([
    `/ip4/192.168.1.20/tcp/4001/p2p/${peerId}`,
    `/ip6/2001:db8::1/udp/443/quic-v1/p2p-circuit/p2p/${peerId}`,
  ])
})

test.each([
  [cidOf(RAW, digest).toString(), cidOf(RAW, digest)],
  [CID.createV0(plain.multihash as never).toString(), plain],
  [plain.toString(base36), plain],
  [plain.toString(base58btc), plain],
  [`ipfs://${plain.toString()}`, plain],
  [`ipfs://${plain.toString()}/`, plain],
  [`IPFS://${CID.createV0(plain.multihash as never).toString()}`, plain],
])('%s names public content', (text, root) => {
  const parsed = parseLink(text)
  expect(parsed).toEqual({ root, hints: {} })
  expect(parsed.root.toString()).toBe(root.toString())
})

test('an ipfs:// link carries a path inside the content', () => {
  expect(parseLink(`ipfs://${plain.toString()}/a%20b/c%25/`).path).toBe('a b/c%')
  for (const path of [
    '../up',
    'a//b',
    'a/./b',
    '%2e%2e/x',
    'a%2F%2Fb',
    '%00',
    '%ff',
    '%',
    'a?b=c',
    'a#b',
    '%5c',
  ]) {
    expect(refusal(`ipfs://${plain.toString()}/${path}`).code).toBe('ERR_LINK_MALFORMED')
  }
})

test.each([
  `shoal://${sealedText}`,
  `shoal://${sealedText}#`,
  `shoal://${sealedText}#.oA`,
  sealedText,
  `ipfs://${sealedText}/x`,
])('sealed content without key is incomplete: %s', (text) =>
  expect(refusal(text).code).toBe('ERR_LINK_INCOMPLETE'),
)

const identityCid = CID.createV1(RAW, Digest.create(0, Buffer.from('inline')))
const sha512Cid = CID.createV1(RAW, Digest.create(0x13, new Uint8Array(64)))
const shortDigest = CID.createV1(RAW, Digest.create(0x12, new Uint8Array(20)))
const otherCodec = CID.createV1(0x0129, Digest.create(0x12, digest))
const root = plain.toString()
const longVersion = `b${base32Lower(Buffer.concat([Uint8Array.of(0x81, 0x00), plain.bytes.subarray(1)]))}`

function base32Lower(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

const malformed: [what: string, text: string][] = [
  ['nothing', ''],
  ['white space', ' \n'],
  ['a word', 'hello'],
  ['a web address', `https://example.com/${root}`],
  ['another scheme', `magnet:?xt=${root}`],
  ['a scheme with one slash', `shoal:/${root}`],
  ['no root', 'shoal://'],
  ['no root but a key', `shoal://#${goodKey}`],
  ['a root that is cut short', `shoal://${root.slice(0, -1)}`],
  ['a root with a character too many', `shoal://${root}a`],
  ['a root with stray bits', `shoal://${root.slice(0, -1)}${root.endsWith('b') ? 'c' : 'b'}`],
  ['a root in capitals', `shoal://${root.toUpperCase()}`],
  ['a root in base58', `shoal://${plain.toString(base58btc)}`],
  ['a root of version 0', `shoal://${CID.createV0(plain.multihash as never).toString()}`],
  ['a root with a version in two bytes', `shoal://${longVersion}`],
  ['a root that is an identity CID', `shoal://${identityCid.toString()}`],
  ['a bare identity CID', identityCid.toString()],
  ['a root with another hash', `shoal://${sha512Cid.toString()}`],
  ['a root with a digest of 20 bytes', `shoal://${shortDigest.toString()}`],
  ['a root of another codec', `shoal://${otherCodec.toString()}`],
  ['a root of a thousand characters', `shoal://b${'a'.repeat(1_000)}`],
  ['a bare CID with a fragment', `${root}#x`],
  ['a path behind the root', `shoal://${root}/a`],
  ['a character outside the alphabet', `shoal://${root}#%41`],
  ['white space inside', `shoal://${root} #`],
  ['a line break inside', `shoal://${sealedText}#\n${goodKey}`],
  ['a character of another script', `shоal://${root}`],
  ['two fragments', `shoal://${sealedText}#${goodKey}#`],
  ['three parts', `shoal://${sealedText}#${goodKey}.oA.oA`],
  ['public content with a key', `shoal://${root}#${goodKey}`],
  ['a key that is cut short', `shoal://${sealedText}#${goodKey.slice(0, -1)}`],
  ['a key with a character too many', `shoal://${sealedText}#${goodKey}A`],
  ['a key with padding', `shoal://${sealedText}#${goodKey.slice(0, -1)}=`],
  ['a key with a character of another alphabet', `shoal://${sealedText}#${goodKey.slice(0, -1)}:`],
  ['a key of a later version', `shoal://${sealedText}#${keyText(2, key)}`],
  ['a link that is too long', `shoal://${root}#.${'o'.repeat(MAX_LINK_LENGTH)}`],
  ['hints of one character', `shoal://${root}#.o`],
  ['hints with stray bits', `shoal://${root}#.oB`],
  ['hints in plain base64', `shoal://${root}#.oWFz+w`],
  ['hints that are no map', withHints([])],
  ['hints that are cut short', withHints({ n: 'name' }).slice(0, -2)],
  ['bytes after the hints', `shoal://${root}#.oAA`],
  ['hints with a key twice', `shoal://${root}#.${base64url(Buffer.from('a2617301617302', 'hex'))}`],
  ['hints out of order', `shoal://${root}#.${base64url(Buffer.from('a2617301616e6178', 'hex'))}`],
  ['a size in a longer form', `shoal://${root}#.${base64url(Buffer.from('a161731801', 'hex'))}`],
  ['a negative size', withHints({ s: -1 })],
  ['a fractional size', withHints({ s: 1.5 })],
  ['a name that is no text', withHints({ n: 1 })],
  ['a name that is not UTF-8', `shoal://${root}#.${base64url(Buffer.from('a1616e61ff', 'hex'))}`],
  ['a peer id of 31 bytes', withHints({ p: new Uint8Array(31) })],
  ['a bare public key for a peer id', withHints({ p: new Uint8Array(32) })],
  ['a peer id of another kind of key', withHints({ p: new Uint8Array(38) })],
  ['a peer id as text', withHints({ p: peerId })],
  ['five addresses', withHints({ a: Array.from({ length: 5 }, () => new Uint8Array(4)) })],
  ['addresses as text', withHints({ a: ['/ip4/1.2.3.4'] })],
  ['addresses that are no list', withHints({ a: new Uint8Array(4) })],
  ['hints of 513 bytes', withHints({ n: 'x'.repeat(507) })],
  ['deep nesting in an unknown hint', withHints({ x: [[[[[[1]]]]]] })],
  ['an invitation', 'shoal://join/bafy#secret.hints'],
]

test.each(malformed)('%s is malformed', (_, text) => {
  const error = refusal(text)
  expect(error.code).toBe('ERR_LINK_MALFORMED')
  expect(error.cause).toBeUndefined()
})

test('of a link that was cut anywhere after its key it is said that its end is missing', () => {
  const text = encodeLink({ root: sealed, key, hints: { name: 'a name', size: 70_000 } })
  for (let end = text.indexOf('.') + 2; end < text.length; end++) {
    const { code, message, hint } = refusal(text.slice(0, end))
    expect(code).toBe('ERR_LINK_MALFORMED')
    expect(message).toMatch(/the end of this link is missing|after the # is damaged/)
    expect(hint).toMatch(/Copy the link again/)
  }
})

test('an invitation is told from a link', () => {
  expect(refusal('shoal://join/bafy#secret.hints').message).toMatch(/invitation/)
})

test('the largest hints are read, and those of a later version are read over', () => {
  expect(parseLink(withHints({ n: 'x'.repeat(506) })).hints.name).toHaveLength(506)
  expect(parseLink(withHints({ b: [1, { c: null }], n: 'name', zz: 1.5 })).hints).toEqual({ name: 'name' })
})

test('every change of one character of the key is noticed', () => {
  const codes = new Map<string, number>()
  for (let at = 0; at < goodKey.length; at++) {
    for (const character of `${BASE64URL}.:/# =`) {
      if (character === goodKey[at]) continue
      const { code } = refusal(
        `shoal://${sealedText}#${goodKey.slice(0, at)}${character}${goodKey.slice(at + 1)}.oA`,
      )
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
  }
  // 63 other characters at each of 48 places give a wrong checksum; those outside the alphabet a malformed link,
  // except that a dot or # in place of the first character leaves no key at all.
  expect(Object.fromEntries(codes)).toEqual({
    ERR_LINK_CHECKSUM: 48 * 63,
    ERR_LINK_MALFORMED: 48 * 6,
  })
})

test('a name that makes the hints too long is shortened between two characters', () => {
  for (const character of ['a', 'é', '写', '💥']) {
    for (let extra = 0; extra < 4; extra++) {
      const name = `${'x'.repeat(extra)}${character.repeat(300 + extra)}`.repeat(2)
      const text = encodeLink({ root: plain, hints: { name, size: 5, peerId, addresses: [address] } })
      const read = parseLink(text).hints
      expect(name.startsWith(read.name as string)).toBe(true)
      expect(read.name?.isWellFormed()).toBe(true)
      expect(read).toMatchObject({ size: 5, peerId })
      expect(read.addresses).toHaveLength(1)
      const bytes = Buffer.from(text.split('.')[1] as string, 'base64url').byteLength
      expect(bytes).toBeLessThanOrEqual(MAX_HINT_BYTES)
      expect(bytes).toBeGreaterThan(MAX_HINT_BYTES - 6)
    }
  }
})

test('addresses are dropped from the last on, once the name is gone', () => {
  const addresses = [100, 200, 195, 50, 10].map((length) => new Uint8Array(length).fill(length))
  const read = parseLink(encodeLink({ root: plain, hints: { name: 'name', size: 2 ** 50, addresses } })).hints
  expect(read).toEqual({ size: 2 ** 50, addresses: addresses.slice(0, 2) })
})

test('half a surrogate pair in a name does not make the link unreadable', () => {
  expect(parseLink(encodeLink({ root: plain, hints: { name: 'a\ud800' } })).hints.name).toBe('a\ufffd')
})

test('what cannot be a link is not encoded', () => {
  const code = (init: Parameters<typeof encodeLink>[0]): string => {
    try {
      return encodeLink(init)
    } catch (error) {
      return (error as ShoalError).code
    }
  }
  expect(code({ root: sealed, hints: {} })).toBe('ERR_LINK_INCOMPLETE')
  expect(code({ root: sealed, key: new Uint8Array(31), hints: {} })).toBe('ERR_OPTIONS_INVALID')
  expect(code({ root: plain, key, hints: {} })).toBe('ERR_OPTIONS_INVALID')
  expect(code({ root: plain, path: 'a', hints: {} })).toBe('ERR_OPTIONS_INVALID')
  expect(code({ root: plain, hints: { size: -1 } })).toBe('ERR_OPTIONS_INVALID')
  expect(code({ root: plain, hints: { size: 1.5 } })).toBe('ERR_OPTIONS_INVALID')
  expect(code({ root: plain, hints: { peerId: 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N' } })).toBe(
    'ERR_OPTIONS_INVALID',
  )
})

test('mutated links are read or refused with a message that repeats nothing behind the #', () => {
  const mutator = new Mutator(SEED)
  const samples = [
    encodeLink({
      root: sealed,
      key,
      hints: { name: 'holiday photos', size: 1e9, peerId, addresses: [address] },
    }),
    encodeLink({ root: plain, hints: { name: 'name', size: 7 } }),
    `ipfs://${plain.toString()}/a/b%20c`,
    goodKey,
  ].map((text) => Buffer.from(text))
  // What stands next to each other in the key must not stand in a message, wherever the link was damaged.
  const secrets = Array.from({ length: goodKey.length - 5 }, (_, at) => goodKey.slice(at, at + 6))
  let read = 0
  for (let i = 0; i < FUZZ_INPUTS; i++) {
    const text = Buffer.from(mutator.mutate(samples)).toString('latin1')
    try {
      parseLink(text)
      read++
    } catch (error) {
      if (!isShoalError(error) || !error.code.startsWith('ERR_LINK_')) {
        throw new Error(`seed ${SEED}, input ${i}`, { cause: error })
      }
      const told = `${error.message} ${error.hint}`
      if (secrets.some((secret) => told.includes(secret)) || error.cause !== undefined) {
        throw new Error(`a message repeats the key: seed ${SEED}, input ${i}: ${told}`, { cause: error })
      }
    }
  }
  expect(read).toBeGreaterThan(0)
})

test('what a link names is read without its key, and from the part before it', () => {
  const named = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
  for (const text of [named, `shoal://${named}`, `shoal://${named}#broken key.x`, ` ipfs://${named}/a/b `]) {
    expect(parseRoot(text)).toBe(named)
  }
  for (const text of ['', 'shoal://', 'http://x', 'x'.repeat(5_000), `shoal://x#${named}`]) {
    expect(() => parseRoot(text)).toThrow(expect.objectContaining({ code: 'ERR_LINK_MALFORMED' }) as Error)
  }
})
