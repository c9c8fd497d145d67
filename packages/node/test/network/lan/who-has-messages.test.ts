import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isShoalError } from '../../../src/errors.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_QUESTION_BYTES,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
} from '../../../src/network/lan/who-has-messages.ts'
import { Mutator } from '../../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 30_000)

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const digests = fc.array(digest, { minLength: 1, maxLength: 64 })
const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 64 })
const of = (length: number): Uint8Array[] => Array.from({ length }, (_, i) => new Uint8Array(32).fill(i))

test(`a question is read back, and has one form (seed ${SEED})`, () => {
  fc.assert(
    fc.property(digests, (list) => {
      const bytes = encodeQuestion(list)
      expect(bytes.byteLength).toBeLessThanOrEqual(MAX_QUESTION_BYTES)
      expect(decodeQuestion(bytes)).toEqual(list)
    }),
    { seed: SEED },
  )
})

test(`an answer is read back, and has one form (seed ${SEED})`, () => {
  fc.assert(
    fc.property(flags, (list) => {
      const bytes = encodeAnswer(list)
      expect(bytes.byteLength).toBeLessThanOrEqual(MAX_ANSWER_BYTES)
      expect(decodeAnswer(bytes, list.length)).toEqual(list)
    }),
    { seed: SEED },
  )
  expect(decodeAnswer(encodeAnswer('busy'), 9)).toBe('busy')
})

test.each([
  ['nothing', []],
  ['another version', [2, 1, ...new Uint8Array(32)]],
  ['no digest', [1, 0]],
  ['too many digests', [1, 65, ...new Uint8Array(65 * 32)]],
  ['half a digest', [1, 1, ...new Uint8Array(31)]],
  ['a digest too many', [1, 1, ...new Uint8Array(64)]],
])('a question with %s is malformed', (_what, bytes) => {
  expect(() => decodeQuestion(Uint8Array.from(bytes))).toThrow(
    expect.objectContaining({ code: 'ERR_PROTOCOL' }),
  )
})

test.each([
  ['nothing', []],
  ['another version', [2, 0, 0x80]],
  ['another status', [1, 2, 0x80]],
  ['no bits', [1, 0]],
  ['bits too many', [1, 0, 0x80, 0]],
  ['a bit beyond the last digest', [1, 0, 0x10]],
  ['bits though it is busy', [1, 1, 0x80]],
])('an answer with %s is malformed', (_what, bytes) => {
  expect(() => decodeAnswer(Uint8Array.from(bytes), 3)).toThrow(
    expect.objectContaining({ code: 'ERR_PROTOCOL' }),
  )
})

test(`of mutated messages, those that are read are the ones we would write (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const questions = [1, 2, 64].map((count) => encodeQuestion(of(count)))
  const answers = [
    encodeAnswer([true, false, true]),
    encodeAnswer('busy'),
    encodeAnswer([false, false, false]),
  ]
  let read = 0
  const attempt = (work: () => void): void => {
    try {
      work()
      read++
    } catch (error) {
      if (!isShoalError(error, 'ERR_PROTOCOL')) throw error
    }
  }
  for (let i = 0; i < INPUTS; i++) {
    const question = mutator.mutate(questions)
    attempt(() => expect(Buffer.compare(encodeQuestion(decodeQuestion(question)), question)).toBe(0))
    const answer = mutator.mutate(answers)
    attempt(() => expect(Buffer.compare(encodeAnswer(decodeAnswer(answer, 3)), answer)).toBe(0))
  }
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(INPUTS)
})
