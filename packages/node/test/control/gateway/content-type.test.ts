import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dispositionOf, showingOf } from '../../../src/control/gateway/content-type.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
/** Types that make a browser run what is in them. */
const ACTIVE = /html|svg|xml|script|css|wasm|multipart|mhtml|json|flash|x-shockwave/

test.each([
  ['film.mp4', 'video', 'video/mp4'],
  ['FILM.WEBM', undefined, 'video/webm'],
  ['song.mp3', 'audio', 'audio/mpeg'],
  ['a.b.png', 'image', 'image/png'],
  ['notes.txt', 'document', 'text/plain; charset=utf-8'],
  ['page.html', 'document', 'text/plain; charset=utf-8'],
  ['feed.xml', undefined, 'text/plain; charset=utf-8'],
  ['code.mjs', 'empty', 'text/plain; charset=utf-8'],
  ['drawing.svg', 'image', 'image/svg+xml'],
  ['book.pdf', 'empty', 'application/pdf'],
])('%s for %s is shown as %s', (name, destination, type) => {
  expect(showingOf(name, destination)).toEqual({ type, isAttachment: false })
})

test.each([
  ['drawing.svg', 'document'],
  ['drawing.svg', 'empty'],
  ['drawing.svg', undefined],
  ['drawing.svgz', 'image'],
  ['program.exe', 'empty'],
  ['page.html.', 'document'],
  ['page.mht', 'document'],
  ['png', 'image'],
  ['constructor', 'empty'],
  ['a.constructor', 'empty'],
  ['a.toString', 'empty'],
  ['', 'empty'],
])('%s for %s is only saved', (name, destination) => {
  expect(showingOf(name, destination)).toEqual({ type: 'application/octet-stream', isAttachment: true })
})

test.each(['film.mp4', 'song.wav', 'book.pdf'])(
  '%s in a window of its own is saved: no player could ask for more of it',
  (name) => {
    expect(showingOf(name, 'document').isAttachment).toBe(true)
    expect(showingOf(name, 'empty').isAttachment).toBe(false)
  },
)

test(`no name makes a type that runs (seed ${seed})`, () => {
  const name = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.string(), fc.constantFrom('html', 'SVG', 'xht', 'hta', 'js', 'swf', 'wasm'))
      .map((both) => both.join('.')),
  )
  const destination = fc.constantFrom(undefined, 'document', 'empty', 'video', 'track', 'x')
  fc.assert(
    fc.property(name, destination, (given, place) => {
      expect(showingOf(given, place).type).not.toMatch(ACTIVE)
    }),
    { seed, numRuns: 2_000 },
  )
})

test.each([
  ['a b.bin', 'a b.bin', 'a%20b.bin'],
  ['Ünï"c\\ö%41.bin', '_n__c___41.bin', '%C3%9Cn%C3%AF%22c%5C%C3%B6%2541.bin'],
  ["it's (1)*.bin", "it's (1)*.bin", 'it%27s%20%281%29%2A.bin'],
  ['🐟', '_', '%F0%9F%90%9F'],
])('the name %s is told as RFC 6266 has it', (name, plain, extended) => {
  const told = `filename="${plain}"; filename*=UTF-8''${extended}`
  expect(dispositionOf(name, { type: '', isAttachment: true })).toBe(`attachment; ${told}`)
  expect(dispositionOf(name, { type: '', isAttachment: false })).toBe(`inline; ${told}`)
})

test(`no name adds a header or a parameter (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const header = dispositionOf(name, { type: '', isAttachment: false })
      expect(header).toMatch(/^inline; filename="[ !#-[\]-~]*"; filename\*=UTF-8''[\w.!~%-]*$/)
    }),
    { seed, numRuns: 300 },
  )
})
