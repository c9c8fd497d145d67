/** What lies are made of: messages in place of others, frames that are none, values at the bounds. */
import { CID, encode } from '../../packages/node/test/helpers/ipld.ts'
import { frame, sha256, varint, type Lie, type Message, type Talk } from './hostile-peer.ts'

export const MIB = 1_048_576
/** Block numbers are below this. */
export const NUMBERS = 2 ** 27
/** A short block of the content of the tests. */
export const MANIFEST = 5
export const RAW = 0x55

export type Sent = Message | Uint8Array
/** What a node makes of it: ends the session at once, goes on as if nothing had been, or one of both in time. */
type Outcome = 'ends' | 'goes on' | 'ends or goes on'
export type Row = readonly [name: string, outcome: Outcome, lie: Lie]

export const count = (length: number): number[] => Array.from({ length }, (_, i) => i)
export const zeros = (bytes: number): Buffer => Buffer.alloc(bytes)

/** A frame from the bytes of its header, whatever they are. */
export function raw(hex: string, payload: Uint8Array = zeros(0)): Uint8Array {
  const header = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return Buffer.concat([Buffer.from(varint(header.length)), header, payload])
}

export function without(message: Message, field: string): Message {
  const { [field]: _left, ...rest } = message
  return { ...rest, t: message.t }
}

/** Once open, all of this is sent. */
export function sends(...sent: readonly Sent[]): Lie {
  return {
    opened: async (talk) => {
      for (const each of sent) await talk.send(each instanceof Uint8Array ? each : frame(each))
    },
  }
}

/** Sends this in place of each message of a type. */
export function instead(t: string, change: (message: Message, talk: Talk) => readonly Sent[]): Lie {
  return { say: (message, talk) => (message.t === t ? change(message, talk) : [message]) }
}

/** CID version 1 of nothing that anybody has. */
export function cid(codec = RAW, code = 0x12, digest: Uint8Array = sha256(Buffer.from('nothing'))): CID {
  return CID.decode(Buffer.from([1, ...varint(codec), ...varint(code), digest.length, ...digest]))
}

/** An unknown message whose header has exactly so many bytes. */
export function headerOf(bytes: number): Uint8Array {
  const fields = (f: number): Uint8Array => encode({ t: 'x', f: zeros(f) })
  const header = fields(bytes - (fields(65_000).length - 65_000))
  return Buffer.concat([Buffer.from(varint(header.length)), header])
}

export const unknown = { t: 'unheard-of' }
export const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)])
export const fields = (many: number): Message =>
  Object.assign({ t: 'x' }, Object.fromEntries(count(many - 1).map((i) => [`f${i}`, i])))
export const peer = { id: zeros(38), a: [zeros(8)] }
/** Loopback, unspecified, link-local, multicast, metadata of clouds, nonsense. */
const POISONED = [
  '047f000001060016',
  '0400000000060001',
  '04a9fe0101061f90',
  '04e0000001060001',
  '04a9fea9fe060050',
  'ffff',
]
export const poisoned = { id: zeros(34), a: POISONED.map((hex) => Buffer.from(hex, 'hex')) }
