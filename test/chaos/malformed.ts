/** Bytes that break the rules of each layer below the transfer protocol, drawn by a seed. */
import fc from 'fast-check'

const MAX_UVARINT_BYTES = 10
const EXTREMES = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]

const chunk = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function uvarint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Uint8Array.from([...bytes, Number(rest)])
}

export function line(text: string): Uint8Array {
  return concat(uvarint(BigInt(text.length)), Buffer.from(text))
}

/** Lengths that lie: 2^63, 2^64 - 1, -1 as a varint, one that never ends. */
const lyingLength = fc.constantFrom(
  uvarint(2n ** 63n),
  uvarint(2n ** 64n - 1n),
  uvarint(2n ** 32n),
  uvarint(2n ** 20n),
  new Uint8Array(MAX_UVARINT_BYTES * 100).fill(0xff),
)

/** Before anybody said who he is. */
export const negotiation: fc.Arbitrary<Uint8Array> = fc.oneof(
  chunk(4_096),
  fc.tuple(lyingLength, chunk(4_096)).map((parts) => concat(...parts)),
  fc
    .tuple(fc.constantFrom('ls\n', 'x\n', '\n', '/multistream/1.0.0\n'), fc.integer({ min: 1, max: 200_000 }))
    .map(([text, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => line(text))))),
  chunk(1_200).map((body) => concat(line('/multistream/1.0.0\n'), body)),
  chunk(4_096).map((body) => concat(line('/multistream/1.0.0\n'), line('/noise\n'), body)),
)

function frame(type: number, flags: number, stream: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt32BE(stream, 4)
  bytes.writeUInt32BE(length, 8)
  return new Uint8Array(bytes)
}

const anyFrame = fc
  .record({
    type: fc.integer({ min: 0, max: 5 }),
    flags: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 65_535 })),
    stream: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(...EXTREMES)),
    length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(...EXTREMES)),
    body: chunk(300),
  })
  .map(({ type, flags, stream, length, body }) => concat(frame(type, flags, stream, length), body))

const repeatedFrame = fc
  .tuple(anyFrame, fc.integer({ min: 1, max: 20_000 }))
  .map(([one, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => one))))

/** What follows the handshake: frames of the muxer, or none. */
export const muxing: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.array(anyFrame, { maxLength: 50 }).map((frames) => concat(...frames)),
  repeatedFrame,
  chunk(65_536),
  // A stream that is opened properly and then told of 4 GiB.
  chunk(65_536).map((body) => concat(frame(1, 1, 1, 0), frame(0, 0, 1, 2 ** 32 - 1), body)),
  fc
    .integer({ min: 1, max: 20_000 })
    .map((times) => concat(...Array.from({ length: times }, (_, i) => frame(1, 1, 2 * i + 1, 0)))),
)

/** Protobuf: fields nested as deep as they go, empty fields by the thousand, lengths that lie. */
const message = fc.oneof(
  chunk(8_000),
  fc.integer({ min: 1, max: 2_000 }).map((depth) => {
    let nested: Uint8Array = new Uint8Array()
    for (let i = 0; i < depth; i++)
      nested = concat(Uint8Array.of(0x0a), uvarint(BigInt(nested.byteLength)), nested)
    return nested
  }),
  fc
    .tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 1, max: 4_000 }))
    .map(([tag, times]) => new Uint8Array(Buffer.alloc(times * 2, Buffer.from([tag, 0])))),
  fc
    .tuple(fc.integer({ min: 0, max: 127 }), lyingLength)
    .map(([tag, length]) => concat(Uint8Array.of(tag), length)),
)

/** What is sent on an open stream. */
export const streaming: fc.Arbitrary<Uint8Array> = fc.oneof(
  message,
  message.map((body) => concat(uvarint(BigInt(body.byteLength)), body)),
  fc.tuple(lyingLength, chunk(4_096)).map((parts) => concat(...parts)),
  fc
    .tuple(message, fc.integer({ min: 1, max: 300 }))
    .map(([body, times]) =>
      concat(
        ...Array.from({ length: times }, () => concat(uvarint(BigInt(body.byteLength)), body)).slice(0, 40),
      ),
    ),
)
