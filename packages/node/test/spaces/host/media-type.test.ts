import { expect, test } from 'vitest'
import { mediaTypeOf } from '../../../src/spaces/host/media-type.ts'

test.each([
  ['a/sun.JPG', 'image/jpeg'],
  ['wave.png', 'image/png'],
  ['film.ogv', 'video/ogg'],
  ['x.tar.gz', 'application/gzip'],
  ['read.md', 'text/markdown'],
  ['no ending', ''],
  ['jpg', ''],
  ['a.jpg/b', ''],
  ['x.constructor', ''],
])('%s is %s', (name, type) => {
  expect(mediaTypeOf(name)).toBe(type)
})
