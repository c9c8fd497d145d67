/** Messages of the table's protocol by hand, well-formed or not (libp2p kad-dht specification, RPC messages). */
import { digestOf } from './dht-net.ts'

const ADD_PROVIDER = 2

export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
  return Uint8Array.from([...bytes, value])
}

export function field(number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([varint(number * 8 + 2), varint(value.byteLength), value])
}

export function addProvider(
  key: Uint8Array,
  peerId: Uint8Array,
  addresses: readonly Uint8Array[],
): Uint8Array {
  const peer = Buffer.concat([field(1, peerId), ...addresses.map((address) => field(2, address))])
  return Buffer.concat([Uint8Array.from([8, ADD_PROVIDER]), field(2, key), field(9, peer)])
}

export const multihash = (number: number): Uint8Array => Uint8Array.from([0x12, 0x20, ...digestOf(number)])

export const framed = (message: Uint8Array): Uint8Array =>
  Buffer.concat([varint(message.byteLength), message])
