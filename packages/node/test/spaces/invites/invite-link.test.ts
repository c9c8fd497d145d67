import { encode } from '@ipld/dag-cbor'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { cidOf, DAG_CBOR, DAG_PB, sha256 } from '../../../src/content/cid.ts'
import { parseLink } from '../../../src/content/link.ts'
import { isShoalError, type ErrorCode } from '../../../src/errors.ts'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { INVITE_ROLES, type InviteHints } from '../../../src/spaces/invites/invite-hints.ts'
import {
  encodeInvite,
  isInviteOver,
  parseInvite,
  type Invite,
} from '../../../src/spaces/invites/invite-link.ts'
import { MAX_INVITE_HINT_BYTES, MAX_INVITE_LENGTH } from '../../../src/spaces/invites/limits.ts'
import { Mutator } from '../../helpers/mutate.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const random = seededRandom(SEED)
const peerId = peerIdFromPublicKey(random.bytes(32))
const address = multiaddr(`/ip4/192.168.1.20/tcp/4001/p2p/${peerId}`).bytes
const invite: Invite = {
  space: random.bytes(32),
  seed: random.bytes(32),
  issuer: random.bytes(32),
  hints: { name: 'Studio', role: 'write', expiresAtSeconds: 1_800_000_000, peerId, addresses: [address] },
}
const text = encodeInvite(invite)
const [before = '', after = ''] = text.split('#')
const [secret = '', hintText = ''] = after.split('.')
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const secretOf = (version: number, ...parts: readonly Uint8Array[]): string => {
  const versioned = Buffer.concat([Uint8Array.of(version), ...parts])
  return base64url(
    Buffer.concat([versioned, sha256(Buffer.from('shoal/invite/1'), versioned).subarray(0, 3)]),
  )
}
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const hints: fc.Arbitrary<InviteHints> = fc.record(
  {
    name: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((it) => Buffer.byteLength(it) <= 64),
    role: fc.constantFrom(...INVITE_ROLES),
    expiresAtSeconds: fc.maxSafeNat(),
    peerId: bytes32.map(peerIdFromPublicKey),
    addresses: fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
)

test(`every invitation reads back as it was, in one form and in the alphabet that needs no quotes (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.record({ space: bytes32, seed: bytes32, issuer: bytes32, hints }), (given) => {
      const encoded = encodeInvite(given)
      expect(encoded).toMatch(/^shoal:\/\/join\/bafyrei[a-z2-7]{52}#[A-Za-z0-9_-]{91}(\.[A-Za-z0-9_-]+)?$/)
      const { addresses, ...others } = parseInvite(` ${encoded}\r\n`).hints
      const { addresses: expected, ...expectedOthers } = given.hints
      expect(others).toEqual(expectedOthers)
      const suffix =
        given.hints.peerId === undefined ? new Uint8Array() : multiaddr(`/p2p/${given.hints.peerId}`).bytes
      expect(addresses).toEqual(expected?.map((it) => Uint8Array.from([...it, ...suffix])))
      const parsed = parseInvite(encoded)
      expect([parsed.space, parsed.seed, parsed.issuer]).toEqual([given.space, given.seed, given.issuer])
      expect(encodeInvite(parsed)).toBe(encoded)
    }),
    { seed: SEED, numRuns: 2_000 },
  )
})

test('an address travels without the peer id that stands beside it, and is given back with it', () => {
  expect(parseInvite(text).hints).toEqual(invite.hints)
  expect(hintText).toBe(
    base64url(
      encode({
        a: [multiaddr('/ip4/192.168.1.20/tcp/4001').bytes],
        e: 1_800_000_000,
        n: 'Studio',
        p: Buffer.from(Uint8Array.from([0, 36, 8, 1, 18, 32, ...invitePublicKey()])),
        r: 'write',
      }),
    ),
  )
})

test('what a person can do wrong with an invitation is told by what it is', () => {
  const cases: [string, string, ErrorCode][] = [
    ['nothing', '', 'ERR_LINK_MALFORMED'],
    ['a word', 'hello', 'ERR_LINK_MALFORMED'],
    [
      'a link to content',
      `shoal://${cidOf(DAG_PB, sha256(Buffer.from('x'))).toString()}`,
      'ERR_LINK_MALFORMED',
    ],
    ['cut at the #', before, 'ERR_LINK_INCOMPLETE'],
    ['cut after the #', `${before}#`, 'ERR_LINK_INCOMPLETE'],
    ['cut in the secret', `${before}#${secret.slice(0, -1)}`, 'ERR_LINK_MALFORMED'],
    ['a longer secret', `${before}#${secret}A`, 'ERR_LINK_MALFORMED'],
    [
      'a changed secret',
      `${before}#${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`,
      'ERR_LINK_CHECKSUM',
    ],
    ['a swapped pair', `${before}#${swapped(secret)}`, 'ERR_LINK_CHECKSUM'],
    ['a newer version', `${before}#${secretOf(2, invite.seed, invite.issuer)}`, 'ERR_LINK_MALFORMED'],
    ['two #', `${text}#`, 'ERR_LINK_MALFORMED'],
    ['two dots', `${text}.`, 'ERR_LINK_MALFORMED'],
    ['a strange character', `${text}ä`, 'ERR_LINK_MALFORMED'],
    ['no space', `shoal://join/#${after}`, 'ERR_LINK_MALFORMED'],
    [
      'a space of another kind',
      `shoal://join/${cidOf(DAG_PB, invite.space).toString()}#${after}`,
      'ERR_LINK_MALFORMED',
    ],
    ['a space in capitals', `${before.toUpperCase()}#${after}`, 'ERR_LINK_MALFORMED'],
    [
      'a space in another base',
      `shoal://join/${cidOf(DAG_CBOR, invite.space).toString(base58btc)}#${after}`,
      'ERR_LINK_MALFORMED',
    ],
    ['an endless space', `shoal://join/b${'a'.repeat(1_000)}#${after}`, 'ERR_LINK_MALFORMED'],
    ['an endless text', 'x'.repeat(MAX_INVITE_LENGTH + 1), 'ERR_LINK_MALFORMED'],
    ['too many hints', `${before}#${secret}.${'A'.repeat(700)}`, 'ERR_LINK_MALFORMED'],
  ]
  for (const [name, given, code] of cases) {
    const failure = failureOf(given)
    expect(failure.code, name).toBe(code)
    expect(`${failure.message} ${failure.hint}`, name).not.toContain(secret.slice(0, 12))
  }
  // In capitals only the scheme: as some programs write it.
  expect(parseInvite(text.replace('shoal://join/', 'SHOAL://join/')).seed).toEqual(invite.seed)
})

test('hints that are not what they should be are refused', () => {
  const bad: [string, unknown][] = [
    ['a role that is none', { r: 'founder' }],
    ['an address of another kind', { a: ['x'] }],
    ['four addresses', { a: [1, 2, 3, 4].map(() => new Uint8Array(8)) }],
    ['an endless address', { a: [new Uint8Array(113)] }],
    ['a peer id of another kind', { p: new Uint8Array(38) }],
    ['an endless name', { n: 'x'.repeat(65) }],
    ['a time before 1970', { e: -1 }],
    ['half a second', { e: 1.5 }],
    ['no map', [1]],
    ['something deep', { z: [[[[[1]]]]] }],
    ['17 keys', Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 1]))],
    ['too many bytes', { z: 'x'.repeat(MAX_INVITE_HINT_BYTES) }],
  ]
  for (const [name, value] of bad) {
    expect(failureOf(`${before}#${secret}.${base64url(encode(value))}`).code, name).toBe('ERR_LINK_MALFORMED')
  }
  const newer = encode({ n: 'Studio', z: { later: true } })
  expect(parseInvite(`${before}#${secret}.${base64url(newer)}`).hints).toEqual({ name: 'Studio' })
})

test('a long name is shortened at a character, and addresses that are too long or too many are left out', () => {
  const long = {
    name: 'ü'.repeat(40),
    addresses: [new Uint8Array(113), ...[1, 2, 3, 4].map((it) => new Uint8Array(100).fill(it))],
  }
  const encoded = encodeInvite({ ...invite, hints: { ...invite.hints, ...long } })
  expect(encoded.length).toBeLessThanOrEqual(848)
  const parsed = parseInvite(encoded).hints
  expect(parsed.name).toBe('ü'.repeat(32))
  expect(parsed.addresses?.map(([first]) => first)).toEqual([1, 2, 3])
  for (const wrong of [{ peerId: 'nobody' }, { expiresAtSeconds: 1.5 }, { expiresAtSeconds: -1 }]) {
    expect(() => encodeInvite({ ...invite, hints: wrong })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
    )
  }
  expect(() => encodeInvite({ ...invite, seed: new Uint8Array(31) })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
})

test('an invitation is over from the second on that it names', () => {
  expect(isInviteOver(invite.hints, 1_800_000_000_000 - 1)).toBe(false)
  expect(isInviteOver(invite.hints, 1_800_000_000_000)).toBe(true)
  expect(isInviteOver({}, Number.MAX_SAFE_INTEGER)).toBe(false)
})

test('it is no link to content, and content says what it is', () => {
  expect(() => parseLink(text)).toThrow(/invitation/)
})

test(`garbage is refused with a code that exists (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const sample = Buffer.from(text)
  let refused = 0
  for (let round = 0; round < 20_000; round++) {
    const given = Buffer.from(mutator.mutate([sample])).toString('latin1')
    try {
      const parsed = parseInvite(given)
      expect(parseInvite(encodeInvite(parsed)).seed).toEqual(parsed.seed)
    } catch (error) {
      expect(isShoalError(error) && error.code).toMatch(/^ERR_LINK_/)
      refused++
    }
  }
  expect(refused).toBeGreaterThan(15_000)
})

function failureOf(given: string): { code: ErrorCode; message: string; hint: string } {
  try {
    parseInvite(given)
  } catch (error) {
    if (isShoalError(error)) return error
    throw error
  }
  throw new Error(`accepted: ${given}`)
}

function swapped(given: string): string {
  const at = Array.from(given).findIndex((character, index) => index > 0 && character !== given[index - 1])
  return given.slice(0, at - 1) + String(given[at]) + String(given[at - 1]) + given.slice(at + 1)
}

function invitePublicKey(): Uint8Array {
  return seededRandom(SEED).bytes(32)
}
