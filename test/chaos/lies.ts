/** All that the specification of the transfer protocol lets one try, one line a lie. */
import { randomBytes } from 'node:crypto'
import { CID, encode } from '../../packages/node/test/helpers/ipld.ts'
import { frame, sha256, varint, type Lie, type Message, type Talk } from './hostile-peer.ts'

const MIB = 1_048_576
/** Block numbers are below this. */
const NUMBERS = 2 ** 27
/** A short block of the content of the tests. */
const MANIFEST = 5
const RAW = 0x55

type Sent = Message | Uint8Array
/** What a node makes of it: ends the session at once, goes on as if nothing had been, or one of both in time. */
type Outcome = 'ends' | 'goes on' | 'ends or goes on'
export type Row = readonly [name: string, outcome: Outcome, lie: Lie]

const count = (length: number): number[] => Array.from({ length }, (_, i) => i)
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes)

/** A frame from the bytes of its header, whatever they are. */
function raw(hex: string, payload: Uint8Array = zeros(0)): Uint8Array {
  const header = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return Buffer.concat([Buffer.from(varint(header.length)), header, payload])
}

function without(message: Message, field: string): Message {
  const { [field]: _left, ...rest } = message
  return { ...rest, t: message.t }
}

/** Once open, all of this is sent. */
function sends(...sent: readonly Sent[]): Lie {
  return {
    opened: async (talk) => {
      for (const each of sent) await talk.send(each instanceof Uint8Array ? each : frame(each))
    },
  }
}

/** Sends this in place of each message of a type. */
function instead(t: string, change: (message: Message, talk: Talk) => readonly Sent[]): Lie {
  return { say: (message, talk) => (message.t === t ? change(message, talk) : [message]) }
}

/** CID version 1 of nothing that anybody has. */
function cid(codec = RAW, code = 0x12, digest: Uint8Array = sha256(Buffer.from('nothing'))): CID {
  return CID.decode(Buffer.from([1, ...varint(codec), ...varint(code), digest.length, ...digest]))
}

/** An unknown message whose header has exactly so many bytes. */
function headerOf(bytes: number): Uint8Array {
  const fields = (f: number): Uint8Array => encode({ t: 'x', f: zeros(f) })
  const header = fields(bytes - (fields(65_000).length - 65_000))
  return Buffer.concat([Buffer.from(varint(header.length)), header])
}

const unknown = { t: 'unheard-of' }
const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)])
const fields = (many: number): Message =>
  Object.assign({ t: 'x' }, Object.fromEntries(count(many - 1).map((i) => [`f${i}`, i])))
const peer = { id: zeros(38), a: [zeros(8)] }
/** Loopback, unspecified, link-local, multicast, metadata of clouds, nonsense. */
const POISONED = [
  '047f000001060016',
  '0400000000060001',
  '04a9fe0101061f90',
  '04e0000001060001',
  '04a9fea9fe060050',
  'ffff',
]
const poisoned = { id: zeros(34), a: POISONED.map((hex) => Buffer.from(hex, 'hex')) }

/** Lies that either side can tell, once the session is open. */
export const EITHER_SIDE: readonly Row[] = [
  ['a message that is unknown, 64 times', 'goes on', sends(...count(64).map(() => unknown))],
  ['a message that is unknown, 65 times', 'ends', sends(...count(65).map(() => unknown))],
  [
    'unknown messages with 1 MiB each',
    'goes on',
    sends(...count(8).map(() => ({ ...unknown, payload: zeros(MIB) }))),
  ],
  ['a payload of 1 MiB and a byte', 'ends', sends({ ...unknown, n: MIB + 1 })],
  ['a payload that is not there', 'ends', sends({ ...unknown, n: 2 ** 53 })],
  ['a header of 65,536 bytes', 'goes on', sends(headerOf(65_536))],
  ['a header of 65,537 bytes', 'ends', sends(headerOf(65_537))],
  ['a header of no bytes', 'ends', sends(Buffer.from([0]))],
  [
    'a header length in more bytes than needed',
    'ends',
    sends(Buffer.from('8500a1617461 78'.replace(' ', ''), 'hex')),
  ],
  ['a header length of four bytes', 'ends', sends(Buffer.from('80808001', 'hex'))],
  ['a header length that never ends', 'ends', sends(Buffer.alloc(64, 0xff))],
  ['a header that is no map', 'ends', sends(raw('81 01'))],
  ['a header that is nothing', 'ends', sends(raw('f6'))],
  ['a header without a type', 'ends', sends(raw('a1 6176 01'))],
  ['a type that is a number', 'ends', sends(raw('a1 6174 01'))],
  ['a number in more bytes than needed', 'ends', sends(raw('a2 6174 6178 6176 1801'))],
  ['keys out of order', 'ends', sends(raw('a2 6176 01 6174 6178'))],
  ['a key twice', 'ends', sends(raw('a2 6174 6178 6174 6178'))],
  ['a map of indefinite length', 'ends', sends(raw('bf 6174 6178 ff'))],
  ['a key that is a number', 'ends', sends(raw('a2 01 02 6174 6178'))],
  ['text that is no UTF-8', 'ends', sends(raw('a1 6174 61ff'))],
  ['a tag that is no link', 'ends', sends(raw('a2 6174 6178 6176 c101'))],
  ['undefined', 'ends', sends(raw('a2 6174 6178 6176 f7'))],
  ['half a float', 'ends', sends(raw('a2 6174 6178 6176 f93c00'))],
  ['bytes after the map', 'ends', sends(raw('a1 6174 6178 00'))],
  ['a map that is cut', 'ends', sends(raw('a2 6174 6178'))],
  ['a length within the map beyond its end', 'ends', sends(raw('a1 6174 7b00 1fffffffffffff'))],
  ['a number that is negative', 'ends', sends(raw('a2 6169 81 20 6174 6477616e74'))],
  ['a number above 2^53 - 1', 'ends', sends(raw('a2 6169 81 1b0020000000000000 6174 6477616e74'))],
  ['16 fields', 'goes on', sends(fields(16))],
  ['17 fields', 'ends', sends(fields(17))],
  ['a key of 32 bytes', 'goes on', sends({ t: 'x', ['k'.repeat(32)]: 1 })],
  ['a key of 33 bytes', 'ends', sends({ t: 'x', ['k'.repeat(33)]: 1 })],
  ['a field unknown, 4 deep', 'goes on', sends({ t: 'x', f: nested(4) })],
  ['a field unknown, 5 deep', 'ends', sends({ t: 'x', f: nested(5) })],
  ['a field unknown, 10,000 deep', 'ends', sends(raw(`a2 6166 ${'81'.repeat(10_000)}01 6174 6178`))],
  ['a field unknown of 1,024 items, itself counted', 'goes on', sends({ t: 'x', f: count(1_023) })],
  ['a field unknown of 1,025 items', 'ends', sends({ t: 'x', f: count(1_024) })],
  ['hello again', 'ends', sends({ t: 'hello', v: 1, pk: zeros(32), nonce: zeros(32) })],
  ['proof again', 'ends', sends({ t: 'proof', mac: zeros(32) })],
  ['32 peers with poisoned addresses', 'goes on', sends({ t: 'peers', p: count(32).map(() => poisoned) })],
  ['33 peers', 'ends', sends({ t: 'peers', p: count(33).map(() => peer) })],
  ['a peer id of 65 bytes', 'ends', sends({ t: 'peers', p: [{ id: zeros(65), a: [] }] })],
  [
    '9 addresses of a peer',
    'ends',
    sends({ t: 'peers', p: [{ id: zeros(38), a: count(9).map(() => zeros(8)) }] }),
  ],
  ['an address of 257 bytes', 'ends', sends({ t: 'peers', p: [{ id: zeros(38), a: [zeros(257)] }] })],
  ['peers that are no list', 'ends', sends({ t: 'peers', p: 7 })],
  ['cancel of what nobody asked for', 'goes on', sends({ t: 'cancel', i: [0, 1, 1, NUMBERS - 1] })],
  ['cancel of 4,097', 'ends', sends({ t: 'cancel', i: count(4_097) })],
  ['cancel of a number that cannot be', 'ends', sends({ t: 'cancel', i: [NUMBERS] })],
  ['want of 4,097', 'ends', sends({ t: 'want', i: count(4_097) })],
  ['want of a number that cannot be', 'ends', sends({ t: 'want', i: [NUMBERS] })],
  ['want of a number that is text', 'ends', sends({ t: 'want', i: ['0'] })],
  ['get of 65 nodes', 'ends', sends({ t: 'get', c: count(65).map(() => cid()) })],
  ['get by sha2-512', 'ends', sends({ t: 'get', c: [cid(RAW, 0x13, zeros(64))] })],
  ['get of a CID that holds its bytes', 'ends', sends({ t: 'get', c: [cid(RAW, 0)] })],
  ['get of dag-json', 'ends', sends({ t: 'get', c: [cid(0x129)] })],
  ['get of bytes that are no CID', 'ends', sends({ t: 'get', c: [zeros(36)] })],
  ['get of a node of another root', 'goes on', sends({ t: 'get', c: [cid(), cid(0x70), cid(0x71)] })],
  ['have of more blocks than can be', 'ends', sends({ t: 'have', all: true, total: NUMBERS + 1 })],
  ['have that is not all', 'ends', sends({ t: 'have', all: false, total: 1 })],
  ['have from a number that cannot be', 'ends', sends({ t: 'have', from: NUMBERS, payload: zeros(1) })],
  ['have of 4,097', 'ends', sends({ t: 'have', i: count(4_097) })],
  ['have of a number that cannot be', 'ends', sends({ t: 'have', i: [NUMBERS] })],
  ['a block that nobody asked for', 'ends', sends({ t: 'block', i: 0, payload: zeros(99) })],
  ['a node that nobody asked for', 'ends', sends({ t: 'cid', c: cid(), payload: zeros(99) })],
  ['no for nothing', 'ends', sends({ t: 'no', why: 'missing' })],
  [
    'a frame cut in the middle',
    'ends',
    {
      opened: async (talk) => (
        await talk.send(frame({ t: 'peers', p: [peer] }).subarray(0, 9)),
        talk.stream.close()
      ),
    },
  ],
  [
    'a payload cut in the middle',
    'ends',
    {
      opened: async (talk) => (
        await talk.send(frame({ ...unknown, payload: zeros(MIB) }).subarray(0, 99_999)),
        talk.stream.close()
      ),
    },
  ],
  ['an end without goodbye', 'ends', { opened: async (talk) => talk.stream.abort(new Error('gone')) }],
  ['its writing side closed', 'ends', { opened: async (talk) => talk.stream.close() }],
  ['bye for a reason unheard of', 'ends', sends({ t: 'bye', why: 'rain' })],
  ['bye, and more after it', 'ends', sends({ t: 'bye', why: 'done' }, ...count(99).map(() => unknown))],
]

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
