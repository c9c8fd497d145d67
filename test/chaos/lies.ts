/** All that the specification of the transfer protocol lets one try, one line a lie: those of one side. */
import { randomBytes } from 'node:crypto'
import { frame, type Lie, type Message, type Talk } from './hostile-peer.ts'
import {
  MANIFEST,
  MIB,
  NUMBERS,
  cid,
  count,
  instead,
  poisoned,
  sends,
  unknown,
  without,
  zeros,
  type Row,
  type Sent,
} from './lie-parts.ts'

const wants = (...numbers: readonly number[][]): Lie => sends(...numbers.map((i) => ({ t: 'want', i })))

/** Lies of a peer that asks. */
export const ASKING: readonly Row[] = [
  ['no hello, something else', 'ends', instead('hello', () => [{ t: 'want', i: [0] }])],
  ['no hello, a proof', 'ends', instead('hello', () => [{ t: 'proof', mac: zeros(32) }])],
  ['goodbye for hello', 'ends', instead('hello', () => [{ t: 'bye', why: 'done' }])],
  ['hello twice', 'ends', instead('hello', (hello) => [hello, hello])],
  ['hello and at once what comes later', 'ends', instead('hello', (hello) => [hello, { t: 'want', i: [0] }])],
  ['hello of version 2', 'ends', instead('hello', (hello) => [{ ...hello, v: 2 }])],
  ['hello without a version', 'ends', instead('hello', (hello) => [without(hello, 'v')])],
  ['hello without a nonce', 'ends', instead('hello', (hello) => [without(hello, 'nonce')])],
  ['a nonce of 31 bytes', 'ends', instead('hello', (hello) => [{ ...hello, nonce: zeros(31) }])],
  ['a nonce of 33 bytes', 'ends', instead('hello', (hello) => [{ ...hello, nonce: zeros(33) }])],
  ['a key of nothing that is here', 'ends', instead('hello', (hello) => [{ ...hello, pk: zeros(32) }])],
  ['a key of 31 bytes', 'ends', instead('hello', (hello) => [{ ...hello, pk: zeros(31) }])],
  ['no proof, a question', 'ends', instead('proof', () => [{ t: 'want', i: [0] }])],
  ['no proof, goodbye', 'ends', instead('proof', () => [{ t: 'bye', why: 'done' }])],
  ['a proof by another key', 'ends', instead('proof', () => [{ t: 'proof', mac: zeros(32) }])],
  ['a proof of 31 bytes', 'ends', instead('proof', () => [{ t: 'proof', mac: zeros(31) }])],
  [
    'the proof of the other side, reflected',
    'ends',
    instead('proof', (_, talk) => [{ t: 'proof', mac: talk.mac(1) }]),
  ],
  [
    'the proof of another session',
    'ends',
    instead('proof', (_, talk) => ((talk.nonces[1] = zeros(32)), [{ t: 'proof', mac: talk.mac(0) }])),
  ],
  ['the proof twice', 'ends', instead('proof', (proof) => [proof, proof])],
  ['want beyond the content', 'ends', wants([1_000])],
  ['want of nothing', 'goes on', wants([])],
  ['want of one number 4,096 times', 'goes on', wants(count(4_096).map(() => MANIFEST))],
  [
    'wants of 4,096 numbers, and on without waiting',
    'ends',
    wants(...count(8).map(() => count(4_096).map(() => MANIFEST))),
  ],
  ['10,000 wants', 'ends or goes on', wants(...count(10_000).map(() => [MANIFEST]))],
  ['10,000 gets', 'ends or goes on', sends(...count(10_000).map(() => ({ t: 'get', c: [cid()] })))],
  [
    '10,000 wants, each cancelled',
    'ends or goes on',
    sends(...count(10_000).flatMap((i) => ['want', 'cancel'].map((t) => ({ t, i: [i % 3] })))),
  ],
  ['have of all without a block', 'goes on', sends({ t: 'have', all: true, total: 3 })],
  [
    '10,000 times peers',
    'ends or goes on',
    sends(...count(10_000).map(() => ({ t: 'peers', p: count(32).map(() => poisoned) }))),
  ],
]

const garbled = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
const block = (change: (payload: Uint8Array, i: number, talk: Talk) => Uint8Array): Lie =>
  instead('block', (message, talk) => [
    { ...message, payload: change(message.payload as Uint8Array, message['i'] as number, talk) },
  ])
const node = (change: (message: Message) => readonly Sent[]): Lie => instead('cid', change)
const no = (why: string, retryMs?: number): Lie =>
  instead('block', ({ i }) => [{ t: 'no', i, why, ...(retryMs === undefined ? {} : { retryMs }) }])

/** Block numbers that a liar in one of a hundred lies about; those of another liar are others. */
export const oneInHundred = (salt: number): Lie =>
  block((payload, i) => ((i + salt) % 100 === 0 ? garbled(payload, 0) : payload))
export const LIES = {
  always: block((payload) => garbled(payload, 0)),
  lastByte: block((payload) => garbled(payload, payload.length - 1)),
  wrongLength: block((payload) => payload.subarray(1)),
  /** Sends so many blocks and then none. */
  stallsAt: (blocks: number): Lie =>
    instead('block', (message, { blocksSent }) => (blocksSent < blocks ? [message] : [])),
} as const

/** Lies of the only peer that answers. */
export const ANSWERING: readonly Row[] = [
  ['wrong bytes always', 'ends', LIES.always],
  ['one block in a hundred wrong', 'ends', oneInHundred(98)],
  ['the last byte wrong', 'ends', LIES.lastByte],
  ['a byte too few', 'ends', LIES.wrongLength],
  ['a byte too many', 'ends', block((payload) => Buffer.concat([payload, zeros(1)]))],
  [
    'another block of the same content',
    'ends',
    block((_, i, { content }) => content.blocks.at(i - 1) as Uint8Array),
  ],
  [
    'the length of another block',
    'ends',
    instead('block', (message) => [{ ...message, n: 4_112, payload: zeros(4_112) }]),
  ],
  ['blocks of 0 bytes', 'ends', block(() => zeros(0))],
  ['blocks of 1 MiB', 'ends', block(() => zeros(MIB))],
  ['a block without a length', 'ends', instead('block', ({ i }) => [{ t: 'block', i }])],
  [
    'blocks by the number of another',
    'ends',
    instead('block', (message) => [{ ...message, i: (message['i'] as number) + 1 }]),
  ],
  ['each block twice', 'ends or goes on', instead('block', (message) => [message, message])],
  [
    'wrong nodes',
    'ends',
    node((message) => [{ ...message, payload: garbled(message.payload as Uint8Array, 9) }]),
  ],
  ['nodes of 1 MiB', 'ends', node((message) => [{ ...message, payload: zeros(MIB) }])],
  ['nodes of 0 bytes', 'ends', node((message) => [{ ...message, payload: zeros(0) }])],
  ['each node twice', 'ends or goes on', node((message) => [message, message])],
  ['another node than asked', 'ends', node(() => [{ t: 'cid', c: cid(), payload: Buffer.from('nothing') }])],
  ['no node', 'ends', node(({ c }) => [{ t: 'no', c, why: 'missing' }])],
  ['all blocks, and none behind it', 'ends', no('missing')],
  ['all blocks gone', 'ends', no('gone')],
  ['all blocks changed', 'ends', no('changed')],
  ['no for a block that nobody asked for', 'ends', sends({ t: 'no', i: 1_000, why: 'missing' })],
  ['no for a node that nobody asked for', 'ends', sends({ t: 'no', c: cid(), why: 'missing' })],
  ['no, for a reason unheard of', 'ends', no('rain')],
  ['busy for longer than can be', 'ends', no('busy', 600_001)],
  [
    'no for everything that could be asked',
    'ends',
    instead('have', (have) => [have, ...count(9).map((i) => ({ t: 'no', i, why: 'gone' }))]),
  ],
  [
    'a block more than there are',
    'ends',
    instead('have', (have) => [{ ...have, total: (have['total'] as number) + 1 }]),
  ],
  ['as many blocks as can be', 'ends', instead('have', (have) => [{ ...have, total: NUMBERS }])],
  ['no blocks', 'ends', instead('have', (have) => [{ ...have, total: 0 }])],
  ['nothing of what it has', 'ends', instead('have', () => [])],
  ['what it has, twice', 'goes on', instead('have', (have) => [have, have])],
  [
    'what it has as overlapping lists',
    'goes on',
    instead('have', () =>
      [
        [0, 1, 2, 3],
        [2, 3, 4, 4],
        [0, 5],
      ].map((i) => ({ t: 'have', i })),
    ),
  ],
  [
    'what it has as bits',
    'goes on',
    instead('have', () => [{ t: 'have', from: 0, payload: Buffer.from([0b11111100]) }]),
  ],
  [
    'bits of blocks that are not there',
    'ends',
    instead('have', () => [{ t: 'have', from: 0, payload: Buffer.alloc(MIB, 0xff) }]),
  ],
  ['bits without a block', 'ends', instead('have', () => [{ t: 'have', from: 0, payload: zeros(MIB) }])],
  [
    'a list of blocks that are not there',
    'ends',
    instead('have', () => [{ t: 'have', i: count(4_096).map((i) => NUMBERS - 1 - i) }]),
  ],
  ['hello of version 2', 'ends', instead('hello', (hello) => [{ ...hello, v: 2 }])],
  ['a nonce of 31 bytes', 'ends', instead('hello', (hello) => [{ ...hello, nonce: zeros(31) }])],
  ['hello about something else', 'ends', instead('hello', (hello) => [{ ...hello, pk: zeros(32) }])],
  ['hello without a proof', 'ends', instead('hello', (hello) => [without(hello, 'mac')])],
  ['a proof by another key', 'ends', instead('hello', (hello) => [{ ...hello, mac: zeros(32) }])],
  [
    'hello and proof reflected',
    'ends',
    instead(
      'hello',
      (hello, talk) => (
        (talk.nonces[1] = talk.nonces[0]),
        [{ ...hello, nonce: talk.nonces[0], mac: talk.mac(0) }]
      ),
    ),
  ],
  [
    'the proof of another session',
    'ends',
    instead('hello', (hello, talk) => ((talk.nonces[0] = zeros(32)), [{ ...hello, mac: talk.mac(1) }])),
  ],
  ['hello twice', 'ends', instead('hello', (hello) => [hello, hello])],
  ['goodbye for hello', 'ends', instead('hello', () => [{ t: 'bye', why: 'unknown' }])],
  ['have for hello', 'ends', instead('hello', () => [{ t: 'have', all: true, total: 6 }])],
  ['goodbye for have', 'ends', instead('have', () => [{ t: 'bye', why: 'shutdown' }])],
  ['goodbye for a node', 'ends', instead('cid', () => [{ t: 'bye', why: 'duplicate' }])],
  ['goodbye for a block', 'ends', instead('block', () => [{ t: 'bye', why: 'done' }])],
  ['a question back', 'goes on', sends({ t: 'want', i: [0, 1, 2] }, { t: 'get', c: [cid()] })],
]

/** Lies that only time tells from an honest peer. */
export const SLOW: readonly (readonly [name: string, lie: Lie])[] = [
  ['stops before its last block', LIES.stallsAt(5)],
  ['stops at once', LIES.stallsAt(0)],
  ['answers no question', node(() => [])],
  ['says no hello', instead('hello', () => [])],
  [
    'sends half a block and goodbye',
    instead('block', (message) => [frame(message).subarray(0, 9_999), { t: 'bye', why: 'done' }]),
  ],
  ['sends a byte a second', { bytesPerSecond: 1 }],
  ['is busy for ever, and to be asked at once', no('busy', 0)],
  ['is busy for ever, and to be asked in ten minutes', no('busy', 600_000)],
  ['has no room for nodes', node(({ c }) => [{ t: 'no', c, why: 'busy', retryMs: 600_000 }])],
]

/** Lies that cost memory where nothing bounds them. */
export const FLOODS: readonly Lie[] = [
  sends(...count(64).map(() => ({ ...unknown, payload: zeros(MIB) }))),
  sends(...count(500).map((n) => ({ t: 'have', i: count(4_096).map((i) => n * 4_096 + i) }))),
  sends(...count(16).map((i) => ({ t: 'have', from: i * 8 * MIB, payload: zeros(MIB) }))),
  sends(
    ...count(1_000).map(() => ({
      t: 'peers',
      p: count(32).map(() => ({ id: randomBytes(38), a: count(8).map(() => zeros(256)) })),
    })),
  ),
  sends(...count(1_000).map(() => ({ t: 'want', i: count(4_096).map((i) => i % 3) }))),
  block(() => zeros(MIB)),
]
