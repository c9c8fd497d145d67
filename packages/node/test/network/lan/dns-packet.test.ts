import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePacket, encodeQuery, encodeResponse } from '../../../src/network/lan/dns-packet.ts'
import { cpuMs } from '../../helpers/cpu.ts'
import { Mutator } from '../../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 30_000)
/** Most CPU time of one packet, in milliseconds. */
const MOST_MS = 5
const SERVICE = '_shoal._udp.local'

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
const HEADER_OF_RESPONSE = '0000 8400 0000 0001 0000 0000'

test('a question is read back', () => {
  expect(decodePacket(encodeQuery(SERVICE))).toEqual({ kind: 'query', names: [SERVICE] })
})

test(`an answer is read back (seed ${SEED})`, () => {
  const letters = fc.stringMatching(/^[a-z0-9]{1,63}$/)
  const texts = fc.array(fc.string({ maxLength: 80 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(letters, texts, fc.nat(0x7f_ff_ff_ff), (instance, lines, ttlSeconds) => {
      const decoded = decodePacket(encodeResponse(SERVICE, instance, lines, ttlSeconds))
      const name = `${instance}.${SERVICE}`
      expect(decoded).toEqual({
        kind: 'response',
        records: [
          { type: 'PTR', name: SERVICE, ttlSeconds, target: name },
          { type: 'TXT', name, ttlSeconds, texts: lines.map((line) => Uint8Array.from(Buffer.from(line))) },
        ],
      })
    }),
    { seed: SEED },
  )
})

test('a packet without compression, as other programs write it, is read the same', () => {
  const name = '065f73686f616c045f756470056c6f63616c00'
  const instance = `0161${name}`
  const packet = hex(
    `0000 8400 0000 0002 0000 0000 ${name} 000c 8001 00000078 0015 ${instance} ${instance} 0010 0001 00000078 0003 026869`,
  )
  expect(decodePacket(packet)).toEqual({
    kind: 'response',
    records: [
      { type: 'PTR', name: SERVICE, ttlSeconds: 120, target: `a.${SERVICE}` },
      { type: 'TXT', name: `a.${SERVICE}`, ttlSeconds: 120, texts: [Uint8Array.from(Buffer.from('hi'))] },
    ],
  })
})

test('letters are compared without case, and a dot in a label ends no label', () => {
  const packet = hex('0000 0000 0001 0000 0000 0000 06 5f53484f414c 03 612e62 00 00ff 0001')
  expect(decodePacket(packet)).toEqual({ kind: 'query', names: [String.raw`_shoal.a\.b`] })
})

test('records of other types are read over', () => {
  const a = '00 0001 0001 00000078 0004 c0a80101'
  expect(decodePacket(hex(`${HEADER_OF_RESPONSE} ${a}`))).toEqual({ kind: 'response', records: [] })
})

test.each([
  ['nothing', ''],
  ['half a header', '0000 8400 0000'],
  ['a record that is not there', HEADER_OF_RESPONSE],
  ['a name that points at itself', `${HEADER_OF_RESPONSE} c00c 000c 0001 00000078 0002 c00c`],
  ['a name that points ahead', `${HEADER_OF_RESPONSE} c020 000c 0001 00000078 0002 c00c`],
  ['a name that points into the header', `${HEADER_OF_RESPONSE} c000 000c 0001 00000078 0002 c00c`],
  ['a label of an unknown kind', `${HEADER_OF_RESPONSE} 40 000c 0001 00000078 0002 c00c`],
  ['data longer than the packet', `${HEADER_OF_RESPONSE} 00 0010 0001 00000078 ffff 00`],
  ['a text longer than its record', `${HEADER_OF_RESPONSE} 00 0010 0001 00000078 0002 05 61`],
  ['a name longer than its record', `${HEADER_OF_RESPONSE} 00 000c 0001 00000078 0001 01 61 00`],
  ['65,535 questions', '0000 0000 ffff 0000 0000 0000'],
  ['65 records', `0000 8400 0000 0041 0000 0000 ${'00 0001 0001 00000000 0000'.repeat(65)}`],
  ['an operation that is no query', '0000 2800 0000 0000 0000 0000'],
])('%s is no packet', (_what, packet) => {
  expect(decodePacket(hex(packet))).toBeUndefined()
})

test('a name over 255 bytes is none', () => {
  const label = `3f${'61'.repeat(63)}`
  expect(decodePacket(hex(`0000 0000 0001 0000 0000 0000 ${label.repeat(4)} 00 000c 0001`))).toBeUndefined()
  expect(decodePacket(hex(`0000 0000 0001 0000 0000 0000 ${label.repeat(3)} 00 000c 0001`))).toBeDefined()
})

test('a packet over the limit is not looked at', () => {
  const query = encodeQuery(SERVICE)
  expect(decodePacket(Buffer.concat([query, Buffer.alloc(9_000 - query.byteLength)]))).toBeDefined()
  expect(decodePacket(Buffer.concat([query, Buffer.alloc(9_001 - query.byteLength)]))).toBeUndefined()
})

test(`mutated packets neither throw nor stall (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const many = Array.from({ length: 30 }, (_, i) => `dnsaddr=/ip4/10.0.0.${i}/tcp/4001`)
  const samples = [
    encodeQuery(SERVICE),
    encodeResponse(SERVICE, 'abc', many, 120),
    encodeResponse(SERVICE, 'a', [], 0),
  ]
  let read = 0
  for (let i = 0; i < INPUTS; i++) {
    const packet = mutator.mutate(samples)
    const took = cpuMs(() => void decodePacket(packet), MOST_MS)
    expect(took, Buffer.from(packet).toString('hex')).toBeLessThan(MOST_MS)
    if (decodePacket(packet) !== undefined) read++
  }
  // The mutator reaches both sides.
  expect(read).toBeGreaterThan(INPUTS / 100)
  expect(read).toBeLessThan(INPUTS)
}, 120_000)

test('the packet that costs most to read costs little', () => {
  // 64 records whose names are as long as can be, through pointers.
  const label = `3f${'61'.repeat(63)}`
  const first = `${label.repeat(3)} 3c${'61'.repeat(60)} 00 000c 0001 00000078 0002 c00c`
  const packet = hex(
    `0000 8400 0000 0040 0000 0000 ${first} ${'c00c 000c 0001 00000078 0002 c00c'.repeat(63)}`,
  )
  expect(decodePacket(packet)).toBeDefined()
  expect(cpuMs(() => void decodePacket(packet), MOST_MS)).toBeLessThan(MOST_MS)
})
