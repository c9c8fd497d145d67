import { expect, test } from 'vitest'
import { Device } from '../../helpers/auth.ts'
import {
  Space,
  admit,
  anna,
  ben,
  carol,
  dan,
  digestOf,
  eve,
  founder,
  invite,
  leave,
  nameFounder,
  remove,
  rename,
  rolesOf,
  setRole,
} from './space.ts'

/** A space in which anna, ben and carol manage; gives the last operation too. */
function managed(): { space: Space; base: Space['genesis'] } {
  const space = new Space()
  space.by(founder, admit(anna))
  space.by(founder, admit(ben))
  return { space, base: space.by(founder, admit(carol)) }
}

const all = [founder, anna, ben, carol, dan, eve]
const link = new Device('link')

test('a removed manager has no power, nor has what it did at the same time', () => {
  const { space, base } = managed()
  space.by(anna, remove(ben), base)
  const taken = space.by(ben, admit(dan), base)
  const late = space.by(dan, admit(eve), taken)
  const { state } = space
  expect(rolesOf(state, ...all)).toEqual({ founder: 'founder', anna: 'manage', carol: 'manage' })
  expect(state.voided.get(taken.id)).toBe('removed')
  expect(state.voided.get(late.id)).toBe('no-power')
  expect([...state.evicted].toSorted()).toEqual([dan.key, eve.key].toSorted())
})

test('what a manager did before it was removed stays', () => {
  const { space } = managed()
  space.by(ben, admit(dan, 'write'))
  space.by(anna, remove(ben))
  expect(rolesOf(space.state, ben, dan)).toEqual({ dan: 'write' })
})

test('managers who remove each other are both out, and what else they did at that time is void', () => {
  const { space, base } = managed()
  const one = space.by(anna, remove(ben), base)
  const two = space.by(ben, remove(anna), base)
  const third = space.by(ben, remove(carol), base)
  const { state } = space
  expect(rolesOf(state, ...all)).toEqual({ founder: 'founder', carol: 'manage' })
  expect(state.mutual).toEqual(new Set([one.id, two.id]))
  expect(state.voided.get(third.id)).toBe('removed')
})

test('three managers who remove each other in a circle are all out', () => {
  const { space, base } = managed()
  space.by(anna, remove(ben), base)
  space.by(ben, remove(carol), base)
  space.by(carol, remove(anna), base)
  expect(rolesOf(space.state, ...all)).toEqual({ founder: 'founder' })
})

test('of a chain of removals at the same time, those by who is removed do not apply', () => {
  const { space, base } = managed()
  space.by(anna, remove(ben), base)
  space.by(ben, remove(carol), base)
  space.by(carol, admit(dan, 'read'), base)
  expect(rolesOf(space.state, ...all)).toEqual({
    founder: 'founder',
    anna: 'manage',
    carol: 'manage',
    dan: 'read',
  })
})

test('who is removed gains nothing by a friend that it takes in: no more than itself could do', () => {
  const { space, base } = managed()
  space.by(anna, remove(ben), base)
  const friend = space.by(ben, admit(eve), base)
  space.by(eve, remove(anna), friend)
  space.by(eve, remove(carol), friend)
  expect(rolesOf(space.state, ben, carol, eve)).toEqual({ carol: 'manage' })
})

test('who is taken in again has power from then on; what was void stays void', () => {
  const { space, base } = managed()
  const removal = space.by(anna, remove(ben), base)
  const before = space.by(ben, admit(dan), base)
  const again = space.by(anna, admit(ben), removal, before)
  space.by(ben, admit(eve, 'read'), again)
  const { state } = space
  expect(rolesOf(state, ben, dan, eve)).toEqual({ ben: 'manage', eve: 'read' })
  expect(state.voided.get(before.id)).toBe('removed')
})

test('a removal wins over an admission at the same time', () => {
  const { space, base } = managed()
  space.by(anna, remove(ben), base)
  space.by(carol, admit(ben), base)
  expect(rolesOf(space.state, ben)).toEqual({})
})

test('a role that is lowered binds what was done at the same time, and leaves the lower one', () => {
  const { space, base } = managed()
  space.by(anna, setRole(ben, 'read'), base)
  const taken = space.by(ben, admit(dan), base)
  const { state } = space
  expect(rolesOf(state, ben, dan)).toEqual({ ben: 'read' })
  expect(state.voided.get(taken.id)).toBe('removed')
  expect(state.removals.get(ben.key)).toMatchObject([{ by: anna.key, keeps: 'read', after: [] }])
})

test('of two roles given at the same time the lower one holds', () => {
  const { space } = managed()
  const base = space.by(anna, admit(dan, 'pull'))
  space.by(anna, setRole(dan, 'write'), base)
  space.by(ben, setRole(dan, 'read'), base)
  expect(rolesOf(space.state, dan)).toEqual({ dan: 'read' })
})

test('a role is given to members only', () => {
  const { space, base } = managed()
  const early = space.by(anna, setRole(dan, 'write'), base)
  space.by(anna, admit(dan, 'pull'))
  const removal = space.by(anna, remove(dan))
  const late = space.by(ben, setRole(dan, 'write'), removal)
  const { state } = space
  expect(rolesOf(state, dan)).toEqual({})
  expect(state.voided.get(early.id)).toBe('no-member')
  expect(state.voided.get(late.id)).toBe('no-member')
})

test('below manage nobody changes anything but its own membership', () => {
  const { space } = managed()
  const base = space.by(anna, admit(dan, 'write'))
  const tries = [
    admit(eve),
    remove(anna),
    setRole(dan, 'manage'),
    rename('x'),
    invite(link),
    nameFounder(dan),
  ]
  const refused = tries.map((action) => space.by(dan, action, base))
  const { state } = space
  for (const { id } of refused) expect(state.voided.get(id)).toBe('no-power')
  space.by(dan, leave, base)
  expect(rolesOf(space.state, dan)).toEqual({})
})

test('managers cannot remove or demote a founder, nor make one', () => {
  const { space, base } = managed()
  space.by(anna, remove(founder), base)
  space.by(anna, setRole(founder, 'read'), base)
  space.by(anna, nameFounder(anna), base)
  expect(rolesOf(space.state, founder, anna)).toEqual({ founder: 'founder', anna: 'manage' })
})

test('a founder wins over a manager that removes others at the same time', () => {
  const { space, base } = managed()
  space.by(founder, remove(ben), base)
  space.by(ben, remove(anna), base)
  space.by(ben, remove(founder), base)
  expect(rolesOf(space.state, ...all)).toEqual({ founder: 'founder', anna: 'manage', carol: 'manage' })
})

test('a manager that removed somebody before he was named founder, or at the same time, does not undo it', () => {
  const { space, base } = managed()
  space.by(anna, remove(ben), base)
  space.by(founder, nameFounder(ben), base)
  expect(rolesOf(space.state, ben)).toEqual({ ben: 'founder' })
})

test('a founder removes another, who cannot take it back', () => {
  const space = new Space([founder, anna])
  const removal = space.by(anna, remove(founder))
  space.by(founder, remove(anna), removal)
  expect(rolesOf(space.state, founder, anna)).toEqual({ anna: 'founder' })
})

test('of founders who remove each other the senior one stays when none else would', () => {
  const space = new Space([founder, anna])
  const one = space.by(founder, remove(anna), space.genesis)
  const two = space.by(anna, remove(founder), space.genesis)
  const { state } = space
  expect(rolesOf(state, founder, anna)).toEqual({ founder: 'founder' })
  expect(state.voided.get(two.id)).toBe('last-founder')
  expect(state.voided.has(one.id)).toBe(false)
})

test('founders who remove each other are both out when a third is there', () => {
  const space = new Space([founder, anna, ben])
  space.by(founder, remove(anna), space.genesis)
  space.by(anna, remove(founder), space.genesis)
  expect(rolesOf(space.state, founder, anna, ben)).toEqual({ ben: 'founder' })
})

test('the last founder cannot leave, and one that left before is not brought back', () => {
  const space = new Space([founder, anna])
  space.by(founder, leave)
  const last = space.by(anna, leave)
  const { state } = space
  expect(rolesOf(state, founder, anna)).toEqual({ anna: 'founder' })
  expect(state.voided.get(last.id)).toBe('last-founder')
  const named = space.by(anna, nameFounder(ben))
  space.by(anna, leave, named)
  expect(Object.values(rolesOf(space.state, founder, anna, ben))).toContain('founder')
})

test('an instant invite lets in as many as it says, with its role', () => {
  const { space } = managed()
  const made = space.by(anna, invite(link, 2))
  space.by(dan, link.redeem(space.id, made.id, dan))
  space.by(eve, link.redeem(space.id, made.id, eve))
  const third = new Device('third')
  const late = space.by(third, link.redeem(space.id, made.id, third))
  const { state } = space
  expect(rolesOf(state, dan, eve, third)).toEqual({ dan: 'write', eve: 'write' })
  expect(state.voided.get(late.id)).toBe('invite-used-up')
  expect(state.invites.get(made.id)?.usesLeft).toBe(0)
})

test('of two uses of a single invite at the same time one stays, and the other is named as evicted', () => {
  const { space } = managed()
  const made = space.by(anna, invite(link))
  const one = space.by(dan, link.redeem(space.id, made.id, dan), made)
  const two = space.by(eve, link.redeem(space.id, made.id, eve), made)
  const { state } = space
  const first = one.id < two.id ? dan : eve
  const second = first === dan ? eve : dan
  expect(rolesOf(state, dan, eve)).toEqual({ [first.name]: 'write' })
  expect(state.evicted).toEqual(new Set([second.key]))
})

test('a use that a manager confirmed is not displaced by one that claims to be older', () => {
  for (const [who, other] of [
    [dan, eve],
    [eve, dan],
  ] as const) {
    const { space } = managed()
    const made = space.by(anna, invite(link))
    const later = space.by(ben, rename('later'), made)
    const used = space.by(who, link.redeem(space.id, made.id, who), later)
    space.by(carol, rename('confirmed'), used)
    space.by(other, link.redeem(space.id, made.id, other), made)
    expect(rolesOf(space.state, dan, eve)).toEqual({ [who.name]: 'write' })
  }
})

test('an invite is void for uses that its revocation does not know', () => {
  const { space } = managed()
  const made = space.by(anna, invite(link, 5))
  const known = space.by(dan, link.redeem(space.id, made.id, dan), made)
  space.by(ben, { type: 'revoke', invite: made.id }, known)
  const used = space.by(eve, link.redeem(space.id, made.id, eve), made)
  const { state } = space
  expect(rolesOf(state, dan, eve)).toEqual({ dan: 'write' })
  expect(state.voided.get(used.id)).toBe('no-invite')
  expect(state.invites.get(made.id)?.usesLeft).toBe(0)
})

test('the invites of a removed manager are void for whoever comes later', () => {
  const { space } = managed()
  const made = space.by(ben, invite(link, 5))
  space.by(dan, link.redeem(space.id, made.id, dan))
  const removal = space.by(anna, remove(ben))
  space.by(eve, link.redeem(space.id, made.id, eve), removal)
  const { state } = space
  expect(rolesOf(state, dan, eve)).toEqual({ dan: 'write' })
  expect(state.invites.get(made.id)?.usesLeft).toBe(0)
})

test('who was removed does not come back by a link that still works, nor uses it up', () => {
  const { space } = managed()
  const made = space.by(anna, invite(link, 1))
  space.by(anna, admit(dan, 'read'))
  const removal = space.by(anna, remove(dan))
  const back = space.by(dan, link.redeem(space.id, made.id, dan), removal)
  const again = space.by(dan, link.redeem(space.id, made.id, dan), made)
  const { state } = space
  expect(rolesOf(state, dan)).toEqual({})
  expect([state.voided.get(back.id), state.voided.get(again.id)]).toEqual(['removed', 'removed'])
  expect(state.invites.get(made.id)?.usesLeft).toBe(1)
})

test('an invite for approval is used by the manager that admits, and not by the link alone', () => {
  const { space } = managed()
  const made = space.by(anna, invite(link, 1, 'approval'))
  space.by(eve, link.redeem(space.id, made.id, eve), made)
  expect(() => space.log()).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
  space.all.pop()
  space.by(ben, admit(dan, 'write', made.id), made)
  const { state } = space
  expect(rolesOf(state, dan, eve)).toEqual({ dan: 'write' })
  expect(state.invites.get(made.id)).toMatchObject({ usesLeft: 0, by: anna.key, mode: 'approval' })
})

test('the newest name counts, and what is said about keys is told in order', () => {
  const { space } = managed()
  space.by(anna, rename('one'))
  const body = Uint8Array.of(1, 2)
  const epoch = space.by(ben, { type: 'epoch', body })
  space.by(carol, rename('two'))
  const reseal = space.by(carol, { type: 'reseal', body: Uint8Array.of(3) })
  const { state } = space
  expect(state.name).toBe('two')
  expect(state.agreement).toBe(1)
  expect(state.notices).toEqual([
    { type: 'epoch', id: epoch.id, by: ben.key, body },
    { type: 'reseal', id: reseal.id, by: carol.key, body: Uint8Array.of(3) },
  ])
})

test('the data of a removed member is pinned by its removal', () => {
  const { space } = managed()
  const pins = [digestOf('batch')]
  const removal = space.by(anna, remove(ben, pins))
  expect(space.state.removals.get(ben.key)).toEqual([
    { id: removal.id, by: anna.key, keeps: undefined, after: pins },
  ])
})
