import { expect, test } from 'vitest'
import { isShoalError } from '../../../src/errors.ts'
import {
  MAX_ADDRESSES,
  MAX_LIST_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_STATEMENT_BYTES,
  MAX_STATEMENTS,
  MAX_TAGS,
} from '../../../src/spaces/membership/limits.ts'
import { decodeMessage, encodeMessage, type Message } from '../../../src/spaces/membership/message.ts'
import {
  bodyOf,
  decodeStatement,
  encodeBody,
  frameOf,
  type BeaconContent,
  type Said,
} from '../../../src/spaces/membership/statement.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)
const random = seededRandom(SEED)
const member = Buffer.from(random.bytes(32)).toString('hex')
const by = Buffer.from(random.bytes(32)).toString('hex')
const signature = random.bytes(64)
const content: BeaconContent = {
  peerKey: random.bytes(32),
  addresses: [random.bytes(8), random.bytes(24)],
  state: random.bytes(16),
  free: 4,
  servesAll: true,
  tags: [random.bytes(8)],
}
const said: Said[] = [
  { type: 'alive', member, incarnation: 1_790_000_000_000 },
  { type: 'gone', member, incarnation: 2 },
  { type: 'suspect', member, incarnation: 3, by },
  { type: 'beacon', member, incarnation: 4, sequence: 5, content },
  {
    type: 'beacon',
    member,
    incarnation: 1,
    sequence: 0,
    content: { ...content, addresses: [], state: new Uint8Array(), tags: [] },
  },
]
const frames = said.map((it) => frameOf(signature, encodeBody(it)))
const messages: Message[] = [
  { type: 'ping', id: 0xffff_ffff, wish: 2, told: frames },
  { type: 'ack', id: 1, isNeighbour: true, told: [] },
  { type: 'ask', id: 2, member, told: [frames[0] as Uint8Array] },
  { type: 'nack', id: 3, told: [] },
  { type: 'mix', isAnswer: false, told: frames.slice(3) },
  { type: 'list', of: random.bytes(8), online: random.bytes(125), told: [] },
  { type: 'told', isAnswer: false, told: frames },
]

function many(count: number, item: Uint8Array): Uint8Array[] {
  return Array.from({ length: count }, () => item)
}

function refuses(decode: () => unknown): boolean {
  try {
    decode()
  } catch (error) {
    return isShoalError(error, 'ERR_PROTOCOL')
  }
  return false
}

test('what is said and sent is read as it was written', () => {
  for (const [index, it] of said.entries())
    expect(decodeStatement(frames[index] as Uint8Array)).toEqual({ ...it, frame: frames[index] })
  for (const message of messages) expect(decodeMessage(encodeMessage(message))).toEqual(message)
})

test('the largest beacon and the largest message are within their bounds', () => {
  const largest = {
    ...content,
    addresses: Array.from({ length: MAX_ADDRESSES }, () => new Uint8Array(64)),
    tags: Array.from({ length: MAX_TAGS }, () => new Uint8Array(8)),
  }
  const body = encodeBody({
    type: 'beacon',
    member,
    incarnation: 2 ** 52,
    sequence: 2 ** 32,
    content: largest,
  })
  const frame = frameOf(signature, body)
  expect(frame.byteLength).toBeLessThanOrEqual(MAX_STATEMENT_BYTES)
  expect(decodeStatement(frame)).toMatchObject({ type: 'beacon' })
  const list = {
    type: 'list',
    of: new Uint8Array(8),
    online: new Uint8Array(MAX_LIST_BYTES),
    told: [],
  } as const
  expect(encodeMessage(list).byteLength).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
})

test('one too many, one too long and one field too few are refused', () => {
  const told = (count: number): Uint8Array =>
    encodeMessage({ type: 'told', isAnswer: false, told: many(count, new Uint8Array(65)) })
  expect(decodeMessage(told(MAX_STATEMENTS))).toMatchObject({ type: 'told' })
  expect(refuses(() => decodeMessage(told(MAX_STATEMENTS + 1)))).toBe(true)
  expect(refuses(() => decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1)))).toBe(true)
  expect(refuses(() => decodeStatement(new Uint8Array(MAX_STATEMENT_BYTES + 1)))).toBe(true)
  const online = new Uint8Array(MAX_LIST_BYTES + 1)
  expect(
    refuses(() => decodeMessage(encodeMessage({ type: 'list', of: new Uint8Array(8), online, told: [] }))),
  ).toBe(true)
  const bad = (change: Partial<BeaconContent>): Uint8Array =>
    frameOf(
      signature,
      encodeBody({ type: 'beacon', member, incarnation: 1, sequence: 1, content: { ...content, ...change } }),
    )
  expect(refuses(() => decodeStatement(bad({ addresses: many(MAX_ADDRESSES + 1, new Uint8Array(4)) })))).toBe(
    true,
  )
  expect(refuses(() => decodeStatement(bad({ addresses: [new Uint8Array(65)] })))).toBe(true)
  expect(refuses(() => decodeStatement(bad({ tags: many(MAX_TAGS + 1, new Uint8Array(8)) })))).toBe(true)
  expect(refuses(() => decodeStatement(bad({ tags: [new Uint8Array(7)] })))).toBe(true)
  expect(refuses(() => decodeStatement(bad({ state: new Uint8Array(15) })))).toBe(true)
  expect(refuses(() => decodeStatement(bad({ free: 11 })))).toBe(true)
  expect(refuses(() => decodeStatement(bad({ peerKey: new Uint8Array(31) })))).toBe(true)
})

test('an incarnation of 0, and a member that suspects itself, are refused', () => {
  const frame = (it: Said): Uint8Array => frameOf(signature, encodeBody(it))
  expect(refuses(() => decodeStatement(frame({ type: 'alive', member, incarnation: 0 })))).toBe(true)
  expect(refuses(() => decodeStatement(frame({ type: 'suspect', member, by: member, incarnation: 1 })))).toBe(
    true,
  )
})

test(`bytes that were changed are read in one way only, or refused (seed ${SEED})`, () => {
  const float = seededFloats(SEED)
  const whole = [...messages.map(encodeMessage), ...frames]
  for (let round = 0; round < 20_000; round++) {
    const index = Math.floor(float() * whole.length)
    const isMessage = index < messages.length
    const bytes = Uint8Array.from(whole[index] as Uint8Array)
    const from = isMessage ? 0 : 64
    for (let changes = 1 + Math.floor(float() * 3); changes > 0; changes--)
      bytes[from + Math.floor(float() * (bytes.byteLength - from))] = Math.floor(float() * 256)
    const input = float() < 0.3 ? bytes.subarray(0, Math.floor(float() * bytes.byteLength)) : bytes
    try {
      const again = isMessage ? encodeMessage(decodeMessage(input)) : encodeBody(decodeStatement(input))
      expect(Buffer.compare(again, isMessage ? input : bodyOf(input))).toBe(0)
    } catch (error) {
      expect(isShoalError(error, 'ERR_PROTOCOL'), String(error)).toBe(true)
    }
  }
})
