/** What one node takes of what members say, and what follows from it. */
import { expect, test } from 'vitest'
import { CHECKS_AT_ONCE, MESSAGES_AT_ONCE, SUSPICION_MOST_MS } from '../../../src/spaces/membership/limits.ts'
import { decodeMessage, encodeMessage, type Message } from '../../../src/spaces/membership/message.ts'
import type { Presence } from '../../../src/spaces/membership/presence.ts'
import { SpaceMembership } from '../../../src/spaces/membership/space-membership.ts'
import {
  decodeStatement,
  encodeBody,
  frameOf,
  messageOf,
  type Said,
  type Statement,
} from '../../../src/spaces/membership/statement.ts'
import { VirtualTime } from '../../transfer/simulation/virtual-time.ts'
import { signed } from './simulation/world.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)
const SPACE = new Uint8Array(32).fill(1)
const [SELF, BOB, CAROL, DAVE, STRANGER] = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(64)) as [
  string,
  string,
  string,
  string,
  string,
]

interface Alone {
  readonly time: VirtualTime
  /** Moves the clock on the wall. */
  readonly shift: (ms: number) => void
  readonly membership: SpaceMembership
  readonly sent: { readonly to: string; readonly message: Message; readonly statements: Statement[] }[]
  readonly changes: Presence[]
  readonly checks: () => number
  readonly hear: (from: string, ...frames: Uint8Array[]) => void
  readonly pass: (ms: number) => Promise<void>
}

/** One node whose messages go nowhere; the others are this test. */
function alone(members: readonly string[] = [SELF, BOB, CAROL, DAVE]): Alone {
  const time = new VirtualTime(SEED)
  const sent: Alone['sent'] = []
  const changes: Presence[] = []
  let checks = 0
  let shiftMs = 0
  const clock = { now: () => time.nowMs + shiftMs, monotonic: () => time.nowMs }
  const membership = new SpaceMembership({
    space: SPACE,
    self: SELF,
    seams: { ...time.seams, clock },
    sign: (message, done) => done(signed(SELF, message)),
    verify: (member, message, signature) => {
      checks++
      return Buffer.compare(signature, signed(member, message)) === 0
    },
    send: (to, bytes) => {
      const message = decodeMessage(bytes)
      sent.push({ to, message, statements: message.told.map(decodeStatement) })
    },
    describe: () => ({
      peerKey: new Uint8Array(32),
      addresses: [],
      state: new Uint8Array(),
      free: 0,
      servesAll: false,
      tags: [],
    }),
    loopDelayMs: () => 0,
    onPresence: (presence) => void changes.push(presence),
  })
  membership.setMembers(new Set(members))
  membership.start()
  const pass = async (ms: number): Promise<void> => {
    let isOver = false
    time.at(time.nowMs + ms, () => void (isOver = true))
    await time.run(() => isOver, Number.POSITIVE_INFINITY)
  }
  const hear = (from: string, ...told: Uint8Array[]): void =>
    membership.received(from, encodeMessage({ type: 'told', isAnswer: false, told }))
  const shift = (ms: number): void => void (shiftMs += ms)
  return { time, shift, membership, sent, changes, checks: () => checks, hear, pass }
}

function by(speaker: string, said: Said, space = SPACE): Uint8Array {
  const body = encodeBody(said)
  return frameOf(signed(speaker, messageOf(space, body)), body)
}

const alive = (member: string, incarnation = 1): Uint8Array =>
  by(member, { type: 'alive', member, incarnation })
const gone = (member: string, incarnation = 1): Uint8Array =>
  by(member, { type: 'gone', member, incarnation })
const suspect = (accuser: string, member: string, incarnation = 1): Uint8Array =>
  by(accuser, { type: 'suspect', by: accuser, member, incarnation })

function stateOf({ membership }: Alone, member: string): string | undefined {
  return membership.of(member)?.state
}

test('what a member signed is believed whoever hands it on, and nothing else is', () => {
  const node = alone()
  node.hear(BOB, by(CAROL, { type: 'alive', member: DAVE, incarnation: 1 }))
  node.hear(BOB, by(DAVE, { type: 'alive', member: DAVE, incarnation: 1 }, new Uint8Array(32)))
  expect(stateOf(node, DAVE)).toBe('offline')
  node.hear(BOB, alive(DAVE))
  expect(stateOf(node, DAVE)).toBe('online')
  expect(node.changes.map(({ member, state }) => [member, state])).toEqual([[DAVE, 'online']])
})

test('who is no member is not heard, is not spoken of, and accuses nobody', async () => {
  const node = alone()
  node.hear(STRANGER, alive(BOB))
  expect(stateOf(node, BOB)).toBe('offline')
  node.hear(BOB, alive(BOB), alive(STRANGER), suspect(STRANGER, BOB))
  expect(node.membership.of(STRANGER)).toBeUndefined()
  await node.pass(SUSPICION_MOST_MS + 1_000)
  expect(stateOf(node, BOB)).toBe('online')
})

test('a suspect has its time, and is offline when it does not use it', async () => {
  const node = alone()
  node.hear(BOB, alive(BOB), alive(CAROL), suspect(DAVE, CAROL))
  await node.pass(SUSPICION_MOST_MS - 1_000)
  expect(stateOf(node, CAROL)).toBe('online')
  await node.pass(1_500)
  expect(stateOf(node, CAROL)).toBe('offline')
  expect(stateOf(node, BOB)).toBe('online')
})

test('a second accuser makes the time shorter, the same one again does not', async () => {
  const one = alone()
  one.hear(BOB, alive(CAROL), suspect(DAVE, CAROL))
  one.hear(DAVE, suspect(DAVE, CAROL))
  const two = alone()
  two.hear(BOB, alive(CAROL), suspect(DAVE, CAROL), suspect(BOB, CAROL))
  await one.pass(6_000)
  await two.pass(6_000)
  expect(stateOf(one, CAROL)).toBe('online')
  expect(stateOf(two, CAROL)).toBe('offline')
})

test('a suspect that says in time that it is alive stays online; what is older than that does not count', async () => {
  const node = alone()
  node.hear(BOB, alive(CAROL), suspect(DAVE, CAROL), alive(CAROL, 2))
  node.hear(DAVE, suspect(DAVE, CAROL), gone(CAROL))
  await node.pass(SUSPICION_MOST_MS + 1_000)
  expect(stateOf(node, CAROL)).toBe('online')
  expect(node.changes).toHaveLength(1)
})

test('nobody can speak of an incarnation that the member has not signed', async () => {
  const node = alone()
  node.hear(BOB, alive(CAROL), suspect(BOB, CAROL, 9), suspect(DAVE, CAROL, 9))
  await node.pass(SUSPICION_MOST_MS + 1_000)
  expect(stateOf(node, CAROL)).toBe('online')
})

test('who stops in order is offline at once, and online again with its next start', () => {
  const node = alone()
  node.hear(BOB, alive(BOB), gone(BOB))
  expect(stateOf(node, BOB)).toBe('offline')
  node.hear(CAROL, alive(BOB))
  expect(stateOf(node, BOB)).toBe('offline')
  node.hear(CAROL, alive(BOB, 2))
  expect(stateOf(node, BOB)).toBe('online')
})

test('who is accused answers with a higher incarnation, and what an earlier run of it said is outdone', async () => {
  const node = alone()
  node.hear(BOB, alive(BOB))
  node.membership.received(BOB, encodeMessage({ type: 'ping', id: 1, wish: 1, told: [] }))
  await node.pass(1_000)
  const told = (): number[] =>
    node.sent.flatMap(({ statements }) =>
      statements
        .filter(({ type, member }) => type === 'alive' && member === SELF)
        .map((it) => it.incarnation),
    )
  const [first = 0] = told()
  node.hear(BOB, suspect(CAROL, SELF, first))
  await node.pass(2_000)
  expect(told().at(-1)).toBe(first + 1)
  node.hear(BOB, alive(SELF, 1_000))
  await node.pass(2_000)
  expect(told().at(-1)).toBe(1_001)
  node.hear(BOB, suspect(CAROL, SELF, 5_000))
  await node.pass(2_000)
  expect(told().at(-1)).toBe(1_001)
})

test('liveness changes no membership: who is judged stays a member, who is removed is forgotten', async () => {
  const node = alone()
  node.hear(BOB, alive(CAROL), suspect(DAVE, CAROL))
  await node.pass(SUSPICION_MOST_MS + 1_000)
  expect(node.membership.presence().map(({ member }) => member)).toEqual([BOB, CAROL, DAVE])
  node.membership.setMembers(new Set([SELF, BOB]))
  expect(node.membership.presence().map(({ member }) => member)).toEqual([BOB])
  node.hear(BOB, alive(CAROL, 5))
  expect(node.membership.of(CAROL)).toBeUndefined()
})

test('when it was seen last is remembered from an earlier run, and told when it goes', async () => {
  const node = alone()
  node.membership.remember(BOB, 123)
  expect(node.membership.of(BOB)).toMatchObject({ state: 'offline', lastSeenMs: 123 })
  await node.pass(5_000)
  node.hear(BOB, alive(BOB), gone(BOB))
  expect(node.membership.of(BOB)).toMatchObject({ state: 'offline', lastSeenMs: node.time.nowMs })
})

test('a member that floods is not looked at beyond its allowance, nor are forged signatures', () => {
  const node = alone()
  for (let i = 0; i < MESSAGES_AT_ONCE + 100; i++) node.hear(BOB, alive(CAROL, i + 1))
  expect(node.checks()).toBe(MESSAGES_AT_ONCE)
  const forged = alone()
  const told = Array.from({ length: 16 }, (_, i) =>
    by(BOB, { type: 'alive', member: CAROL, incarnation: i + 1 }),
  )
  for (let i = 0; i < MESSAGES_AT_ONCE; i++) forged.hear(BOB, ...told)
  expect(forged.checks()).toBe(CHECKS_AT_ONCE)
  expect(stateOf(forged, CAROL)).toBe('offline')
})

test('one that accuses everybody is soon not heard any more', async () => {
  const members = Array.from({ length: 60 }, (_, i) => i.toString(16).padStart(64, '0'))
  const node = alone([SELF, BOB, ...members])
  for (let at = 0; at < members.length; at += 8) {
    node.hear(members[at] as string, ...members.slice(at, at + 8).map((member) => alive(member)))
  }
  for (let at = 0; at < members.length; at += 8) {
    node.hear(BOB, ...members.slice(at, at + 8).map((member) => suspect(BOB, member)))
  }
  await node.pass(SUSPICION_MOST_MS + 500)
  expect(members.filter((member) => stateOf(node, member) === 'offline')).toHaveLength(16)
})

test('a message that is none is refused', () => {
  const node = alone()
  expect(() => node.membership.received(BOB, Uint8Array.of(1, 2, 3))).toThrow(
    expect.objectContaining({ code: 'ERR_PROTOCOL' }),
  )
  expect(() => node.hear(BOB, new Uint8Array(70))).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
})

test('a machine that slept while its steady clock stood still gives suspects their time again, and says that it is back', async () => {
  const node = alone()
  node.hear(BOB, alive(BOB), alive(CAROL), suspect(DAVE, CAROL))
  node.membership.received(BOB, encodeMessage({ type: 'ping', id: 1, wish: 1, told: [] }))
  await node.pass(SUSPICION_MOST_MS - 1_000)
  const before = node.sent.length
  node.shift(3_600_000)
  await node.pass(2_000)
  expect(stateOf(node, CAROL)).toBe('online')
  const told = node.sent.slice(before).flatMap(({ statements }) => statements)
  expect(told).toContainEqual(expect.objectContaining({ type: 'alive', member: SELF, incarnation: 2 }))
  await node.pass(SUSPICION_MOST_MS)
  expect(stateOf(node, CAROL)).toBe('offline')
})

test('who stops says so to its neighbours, and nothing afterwards', async () => {
  const node = alone()
  node.membership.received(BOB, encodeMessage({ type: 'ping', id: 1, wish: 1, told: [alive(BOB)] }))
  node.membership.stop()
  expect(node.sent.at(-1)).toMatchObject({ to: BOB, statements: [{ type: 'gone', member: SELF }] })
  const before = node.sent.length
  node.hear(BOB, alive(CAROL))
  await node.pass(10_000)
  expect(node.sent).toHaveLength(before)
})
