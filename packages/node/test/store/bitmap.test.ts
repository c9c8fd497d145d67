import { expect, test } from 'vitest'
import { Bitmap } from '../../src/store/bitmap.ts'
import { seededFloats } from '../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test(`holds what was added and not deleted, and comes back from its record (seed ${SEED})`, () => {
  const float = seededFloats(SEED)
  for (const count of [0, 1, 7, 8, 9, 1_000]) {
    const bitmap = new Bitmap(count)
    const model = new Set<number>()
    for (let i = 0; i < count * 3; i++) {
      const number = Math.floor(float() * count)
      if (float() < 0.7) {
        bitmap.add(number)
        model.add(number)
      } else {
        bitmap.delete(number)
        model.delete(number)
      }
    }
    for (const isClosed of [true, false]) {
      const record = bitmap.encode(isClosed)
      expect(record.byteLength).toBe(Bitmap.recordBytes(count))
      const decoded = Bitmap.decode(count, record)
      expect(decoded?.isClosed).toBe(isClosed)
      expect(decoded?.bitmap.size).toBe(model.size)
      for (let i = 0; i < count; i++) expect(decoded?.bitmap.has(i)).toBe(model.has(i))
    }
  }
})

test('block 0 is the highest bit of the first byte', () => {
  const bitmap = new Bitmap(9)
  bitmap.add(0)
  bitmap.add(8)
  expect([...bitmap.encode(true).subarray(17, 19)]).toEqual([0x80, 0x80])
})

test('a record that is torn, altered or of another share is none', () => {
  const bitmap = new Bitmap(20)
  bitmap.add(3)
  const record = bitmap.encode(false)
  for (let at = 0; at < record.byteLength; at++) {
    const altered = record.slice()
    altered[at] = (altered[at] as number) ^ 1
    expect(Bitmap.decode(20, altered)).toBeUndefined()
    expect(Bitmap.decode(20, record.subarray(0, at))).toBeUndefined()
  }
  expect(Bitmap.decode(100, record)).toBeUndefined()
})
