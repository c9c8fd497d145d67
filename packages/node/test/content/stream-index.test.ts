import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StreamIndex } from '../../src/content/stream-index.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test(`any range is the pieces of a plain concatenation (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.nat(40)), { maxLength: 12 }),
      fc.nat(200),
      fc.nat(200),
      (sizes, start, length) => {
        const stream = sizes.flatMap((size, file) =>
          Array.from({ length: size }, (_, offset) => [file, offset]),
        )
        const pieces = new StreamIndex(sizes).pieces(start, length)
        const bytes = pieces.flatMap((piece) =>
          Array.from({ length: piece.length }, (_, i) => [piece.file, piece.offset + i]),
        )
        expect(bytes).toEqual(stream.slice(start, start + length))
        expect(pieces.every((piece) => piece.length > 0)).toBe(true)
      },
    ),
    { seed, numRuns: 3_000 },
  )
})
