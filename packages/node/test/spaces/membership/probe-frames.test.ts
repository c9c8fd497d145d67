import { expect, test } from 'vitest'
import { MAX_MESSAGE_BYTES } from '../../../src/spaces/membership/limits.ts'
import { frameMessage, MessageReader } from '../../../src/spaces/membership/probe-frames.ts'
import { seededFloats } from '../../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)

test(`messages come as they were sent, however the stream cuts them (seed ${SEED})`, () => {
  const float = seededFloats(SEED)
  const messages = Array.from({ length: 50 }, (_, index) =>
    new Uint8Array(1 + ((index * 331) % MAX_MESSAGE_BYTES)).fill(index),
  )
  const bytes = Buffer.concat(messages.map(frameMessage))
  for (let round = 0; round < 20; round++) {
    const got: Uint8Array[] = []
    const reader = new MessageReader((message) => void got.push(message))
    for (let at = 0; at < bytes.byteLength;) {
      const end = at + 1 + Math.floor(float() * 3_000)
      reader.push(bytes.subarray(at, end))
      at = end
    }
    expect(got).toEqual(messages)
  }
})

test.each([[Uint8Array.of(0, 0)], [Uint8Array.of(0x20, 0x01)], [Uint8Array.of(0xff, 0xff)]])(
  'a message that is empty or too long is refused before anything is kept: %s',
  (bytes) => {
    const reader = new MessageReader(() => {})
    expect(() => reader.push(bytes)).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
  },
)
