import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeForDisplay } from '../../src/util/display.ts'

test('ordinary text of any script is shown as it is', () => {
  for (const text of ['', 'a b/c-d.txt', 'Grüße', '写真', 'عربى', '👩‍👩‍👧', 'e\u0301', '\\u{41}']) {
    expect(escapeForDisplay(text)).toBe(text)
  }
})

test.each([
  ['an ANSI sequence', '\u001b[2J', '\\u{1b}[2J'],
  ['a C1 control sequence introducer', '\u009b31m', '\\u{9b}31m'],
  ['line breaks', 'a\r\nb\u2028c', 'a\\u{d}\\u{a}b\\u{2028}c'],
  ['NUL and DEL', '\0\u007f', '\\u{0}\\u{7f}'],
  ['a right-to-left override', 'gpj.\u202eexe', 'gpj.\\u{202e}exe'],
  ['isolates and marks', '\u2066\u2069\u200e\u200f\u061c', '\\u{2066}\\u{2069}\\u{200e}\\u{200f}\\u{61c}'],
  ['half a surrogate pair', 'a\ud800b\udc00', 'a\\u{d800}b\\u{dc00}'],
])('%s is written out', (_, text, shown) => {
  expect(escapeForDisplay(text)).toBe(shown)
})

test('nothing that drives a terminal or turns the direction of writing is left, and escaping twice changes nothing', () => {
  const hostile = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(hostile), (parts) => {
      const shown = escapeForDisplay(parts.join(''))
      expect(shown).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}|\p{Cs}/u)
      expect(escapeForDisplay(shown)).toBe(shown)
    }),
    { seed: 20_261_121, numRuns: 5_000 },
  )
})
