import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { inviteKey, isJoinProven, proveJoin, type JoinFacts } from '../../../src/spaces/invites/join-proof.ts'
import { bind } from '../../../src/spaces/keys/derive.ts'
import { newDevice, seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const random = seededRandom(SEED)
const space = random.bytes(32)
const seed = random.bytes(32)
const joiner = newDevice(random, space)
const facts: JoinFacts = {
  space,
  author: joiner.author.publicKey,
  sealing: joiner.sealing.publicKey,
  nonce: random.bytes(32),
  joiner: peerIdFromPublicKey(random.bytes(32)),
  admitter: peerIdFromPublicKey(random.bytes(32)),
}
const key = inviteKey({ seed, space })
const proof = proveJoin(key, joiner.author, facts)

test('who holds the invitation proves it, to this device, on this connection, for these keys', () => {
  expect(isJoinProven(key.publicKey, facts, proof)).toBe(true)
})

test('no fact of a proof can be another', () => {
  const other = newDevice(random, space)
  const changes: Partial<JoinFacts>[] = [
    { space: random.bytes(32) },
    { author: other.author.publicKey },
    { sealing: other.sealing.publicKey },
    { nonce: random.bytes(32) },
    { joiner: peerIdFromPublicKey(random.bytes(32)) },
    { admitter: peerIdFromPublicKey(random.bytes(32)) },
    { joiner: facts.admitter, admitter: facts.joiner },
  ]
  for (const change of changes) {
    expect(isJoinProven(key.publicKey, { ...facts, ...change }, proof), Object.keys(change).join()).toBe(
      false,
    )
  }
})

test('neither signature alone is a proof: not of who has the invitation, not of who has the author key', () => {
  const thief = newDevice(random, space)
  const stranger = inviteKey({ seed: random.bytes(32), space })
  // The invitation, and somebody else's author key.
  expect(isJoinProven(key.publicKey, facts, proveJoin(key, thief.author, facts))).toBe(false)
  // An author key, and no invitation.
  expect(isJoinProven(key.publicKey, facts, proveJoin(stranger, joiner.author, facts))).toBe(false)
  expect(isJoinProven(key.publicKey, facts, { byInvite: proof.byAuthor, byAuthor: proof.byInvite })).toBe(
    false,
  )
  expect(isJoinProven(key.publicKey, facts, { byInvite: proof.byInvite, byAuthor: proof.byInvite })).toBe(
    false,
  )
})

test('a signature of another kind over the same facts is none', () => {
  const { author, sealing, nonce } = facts
  const message = bind('shoal/other/1', space, key.publicKey, author, sealing, nonce)
  expect(
    isJoinProven(key.publicKey, facts, {
      byInvite: key.sign(message),
      byAuthor: joiner.author.sign(message),
    }),
  ).toBe(false)
})

test('one seed in two spaces gives keys that have nothing in common', () => {
  const elsewhere = inviteKey({ seed, space: random.bytes(32) })
  expect(elsewhere.publicKey).not.toEqual(key.publicKey)
  expect(isJoinProven(elsewhere.publicKey, facts, proof)).toBe(false)
  expect(inviteKey({ seed, space }).publicKey).toEqual(key.publicKey)
})

test('parts of what is signed cannot be moved from one to the next', () => {
  expect(bind('a', Buffer.from('bc'), Buffer.from('d'))).not.toEqual(
    bind('a', Buffer.from('b'), Buffer.from('cd')),
  )
  expect(bind('ab', Buffer.from('c'))).not.toEqual(bind('a', Buffer.from('bc')))
  expect(bind('a', Buffer.from('b'))).not.toEqual(bind('a', Buffer.from('b'), new Uint8Array()))
})
