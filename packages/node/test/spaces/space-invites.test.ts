import { expect, test } from 'vitest'
import {
  approve,
  invite,
  inviteOf,
  redeem,
  revoke,
  type InviteOptions,
} from '../../src/spaces/space-invites.ts'
import { parseInvite } from '../../src/spaces/invites/invite-link.ts'
import { inviteKey, proveJoin, type JoinFacts, type JoinProof } from '../../src/spaces/invites/join-proof.ts'
import type { Space } from '../../src/spaces/space.ts'
import { hex } from '../helpers/catalogue.ts'
import { Group } from '../helpers/group.ts'
import { LOW_ORDER_X25519 } from '../helpers/space-keys.ts'

const OPTIONS: InviteOptions = { role: 'write', uses: 1, expiresMs: 0, mode: 'approval' }
const PEERS = {
  joiner: '12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq',
  admitter: '12D3KooWC56YFhhdVtAuz6hGzhVwKu6SyYQ6qh4PMkTJawXVC8rE',
}
const over = expect.objectContaining({ code: 'ERR_INVITE_OVER' })
const clockOf = (group: Group) => ({ random: group.random, clock: { now: () => group.nowMs } })

const member = (space: Space): string => hex(space.device.author.publicKey)

/** What a device that has the link says to who lets it in. */
function asked(
  group: Group,
  joiner: Space,
  link: string,
  sealing = joiner.device.sealings[0].publicKey,
): { key: Uint8Array; request: { facts: JoinFacts; proof: JoinProof } } {
  const key = inviteKey(parseInvite(link))
  const { author } = joiner.device
  const nonce = group.random.bytes(32)
  const facts = { space: joiner.id, author: author.publicKey, sealing, nonce, ...PEERS }
  return { key: key.publicKey, request: { facts, proof: proveJoin(key, author, facts) } }
}

test('who was invited is let in by somebody who manages, with the role that was promised', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const { link } = await invite(anna, { ...OPTIONS, role: 'read' }, { peerId: PEERS.admitter }, group.random)
  expect(parseInvite(link).hints).toMatchObject({ name: 'holiday', role: 'read', peerId: PEERS.admitter })
  const ben = await group.stranger('ben', anna)
  const { key, request } = asked(group, ben, link)
  await approve(anna, key, request, clockOf(group))
  await group.tell()
  expect(ben.state.members.get(member(ben))).toMatchObject({ role: 'read' })
  const carol = await group.stranger('carol', anna)
  const again = asked(group, carol, link)
  await expect(approve(anna, again.key, again.request, clockOf(group))).rejects.toThrow(over)
})

test('whoever holds an instant invitation is in, as often as it says', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const { link } = await invite(anna, { ...OPTIONS, mode: 'instant', uses: 2 }, {}, group.random)
  const entry = group.put(anna, 'first')
  for (const name of ['ben', 'carol', 'dan']) {
    const space = await group.stranger(name, anna)
    await group.tell()
    const joined = redeem(space, link, clockOf(group))
    if (name === 'dan') await expect(joined).rejects.toThrow(over)
    else await joined
    await group.tell()
    expect(space.state.members.has(member(space))).toBe(name !== 'dan')
    if (name !== 'dan') expect(space.keyOf(entry)).toBeDefined()
  }
})

test('of two who use the last place at the same time one is in, everywhere the same, and opens nothing that comes after', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const { link } = await invite(anna, { ...OPTIONS, mode: 'instant' }, {}, group.random)
  const [ben, carol] = [await group.stranger('ben', anna), await group.stranger('carol', anna)]
  await group.tell()
  await redeem(ben, link, clockOf(group))
  await redeem(carol, link, clockOf(group))
  await group.tell()
  const inside = [ben, carol].filter((space) => anna.state.members.has(member(space)))
  expect(inside).toHaveLength(1)
  for (const space of [ben, carol]) expect(space.state.members).toEqual(anna.state.members)
  const entry = group.put(anna, 'after')
  await group.tell()
  for (const space of [ben, carol]) {
    if (inside.includes(space)) expect(space.keyOf(entry)).toBeDefined()
    else expect(() => space.keyOf(entry)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
  }
})

test('an invitation that has expired, was revoked or never was lets nobody in', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const short = await invite(anna, { ...OPTIONS, expiresMs: group.nowMs + 1_000 }, {}, group.random)
  const ended = await invite(anna, OPTIONS, {}, group.random)
  await revoke(anna, ended.id)
  await expect(revoke(anna, 'ab'.repeat(32))).rejects.toThrow(over)
  expect(inviteOf(anna, short.link, clockOf(group).clock).state).toMatchObject({ usesLeft: 1, role: 'write' })
  group.nowMs += 1_000
  const ben = await group.stranger('ben', anna)
  for (const { link } of [short, ended]) {
    const { key, request } = asked(group, ben, link)
    await expect(approve(anna, key, request, clockOf(group))).rejects.toThrow(over)
    expect(() => inviteOf(anna, link, clockOf(group).clock)).toThrow(over)
  }
  const { request } = asked(group, ben, short.link)
  await expect(approve(anna, anna.device.author.publicKey, request, clockOf(group))).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_PROTOCOL' }),
  )
  await group.tell()
  expect(anna.state.members.size).toBe(1)
})

test('a device with a key that nothing can be sealed to is not let in, and each way asks for its own invitation', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const [byHand, byItself] = [
    await invite(anna, OPTIONS, {}, group.random),
    await invite(anna, { ...OPTIONS, mode: 'instant' }, {}, group.random),
  ]
  const ben = await group.stranger('ben', anna)
  await group.tell()
  const low = asked(group, ben, byHand.link, LOW_ORDER_X25519[0])
  await expect(approve(anna, low.key, low.request, clockOf(group))).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_PROTOCOL' }),
  )
  await expect(redeem(ben, byHand.link, clockOf(group))).rejects.toThrow(over)
  const wrong = asked(group, ben, byItself.link)
  await expect(approve(anna, wrong.key, wrong.request, clockOf(group))).rejects.toThrow(over)
})

test('who may not invite is told so', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  await group.tell()
  await expect(invite(ben, OPTIONS, {}, group.random)).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_SPACE_ROLE', hint: expect.stringContaining('manages') }),
  )
})
