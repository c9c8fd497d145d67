import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CollisionSet, collisionKey } from '../../src/content/collision-key.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

/** All 104 entries of status F in Unicode's CaseFolding.txt: those that fold to several characters. */
const FULL_FOLDINGS = `
  df:73+73 130:69+307 149:2bc+6e 1f0:6a+30c 390:3b9+308+301 3b0:3c5+308+301 587:565+582 1e96:68+331
  1e97:74+308 1e98:77+30a 1e99:79+30a 1e9a:61+2be 1e9e:73+73 1f50:3c5+313 1f52:3c5+313+300
  1f54:3c5+313+301 1f56:3c5+313+342 1f80:1f00+3b9 1f81:1f01+3b9 1f82:1f02+3b9 1f83:1f03+3b9 1f84:1f04+3b9
  1f85:1f05+3b9 1f86:1f06+3b9 1f87:1f07+3b9 1f88:1f00+3b9 1f89:1f01+3b9 1f8a:1f02+3b9 1f8b:1f03+3b9
  1f8c:1f04+3b9 1f8d:1f05+3b9 1f8e:1f06+3b9 1f8f:1f07+3b9 1f90:1f20+3b9 1f91:1f21+3b9 1f92:1f22+3b9
  1f93:1f23+3b9 1f94:1f24+3b9 1f95:1f25+3b9 1f96:1f26+3b9 1f97:1f27+3b9 1f98:1f20+3b9 1f99:1f21+3b9
  1f9a:1f22+3b9 1f9b:1f23+3b9 1f9c:1f24+3b9 1f9d:1f25+3b9 1f9e:1f26+3b9 1f9f:1f27+3b9 1fa0:1f60+3b9
  1fa1:1f61+3b9 1fa2:1f62+3b9 1fa3:1f63+3b9 1fa4:1f64+3b9 1fa5:1f65+3b9 1fa6:1f66+3b9 1fa7:1f67+3b9
  1fa8:1f60+3b9 1fa9:1f61+3b9 1faa:1f62+3b9 1fab:1f63+3b9 1fac:1f64+3b9 1fad:1f65+3b9 1fae:1f66+3b9
  1faf:1f67+3b9 1fb2:1f70+3b9 1fb3:3b1+3b9 1fb4:3ac+3b9 1fb6:3b1+342 1fb7:3b1+342+3b9 1fbc:3b1+3b9
  1fc2:1f74+3b9 1fc3:3b7+3b9 1fc4:3ae+3b9 1fc6:3b7+342 1fc7:3b7+342+3b9 1fcc:3b7+3b9 1fd2:3b9+308+300
  1fd3:3b9+308+301 1fd6:3b9+342 1fd7:3b9+308+342 1fe2:3c5+308+300 1fe3:3c5+308+301 1fe4:3c1+313
  1fe6:3c5+342 1fe7:3c5+308+342 1ff2:1f7c+3b9 1ff3:3c9+3b9 1ff4:3ce+3b9 1ff6:3c9+342 1ff7:3c9+342+3b9
  1ffc:3c9+3b9 fb00:66+66 fb01:66+69 fb02:66+6c fb03:66+66+69 fb04:66+66+6c fb05:73+74 fb06:73+74
  fb13:574+576 fb14:574+565 fb15:574+56b fb16:57e+576 fb17:574+56d
`

const fromHex = (text: string): string =>
  String.fromCodePoint(...text.split('+').map((it) => Number.parseInt(it, 16)))

const CODE_POINTS = Array.from({ length: 0x11_0000 }, (_, i) => i)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point))

test('every full case folding of Unicode is one name with what it folds to', () => {
  const entries = FULL_FOLDINGS.trim().split(/\s+/)
  expect(entries).toHaveLength(104)
  for (const entry of entries) {
    const [from = '', to = ''] = entry.split(':').map(fromHex)
    expect(collisionKey(`x${from}y`)).toBe(collisionKey(`x${to}y`))
  }
})

test('every simple case folding of Unicode, as regular expressions know it, is one name', () => {
  const cased = CODE_POINTS.filter((it) =>
    /\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u.test(it),
  )
  expect(cased.length).toBeGreaterThan(2_800)
  const all = cased.join('')
  const differing = cased.flatMap((one) => {
    const point = (one.codePointAt(0) as number).toString(16)
    const equals = all.match(new RegExp(`\\u{${point}}`, 'giu')) ?? []
    return equals.filter((other) => collisionKey(one) !== collisionKey(other)).map((other) => [one, other])
  })
  expect(differing).toEqual([])
})

test('case, composition and another round of folding change no key, for all of Unicode', () => {
  // Of the unified ideographs, which have neither case nor parts, a sample.
  const points = CODE_POINTS.filter(
    (one, i) => !/\p{Unified_Ideograph}|\p{Co}|\p{Cn}/u.test(one) || i % 64 === 0,
  )
  const differing = points.filter((one) => {
    const key = collisionKey(`x${one}y`)
    const variants = [one.toLowerCase(), one.toUpperCase(), one.normalize('NFD'), one.normalize('NFC')]
    return [...variants.map((it) => `x${it}y`), key].some((it) => collisionKey(it) !== key)
  })
  expect(differing).toEqual([])
})

test('the same holds inside longer names, where marks can change their order', () => {
  const marks = fc.constantFrom(
    '\u0301',
    '\u0323',
    '\u0345',
    '\u0307',
    '\u0308',
    '\u0342',
    '\u05b0',
    '\u0f71',
  )
  const letters = fc.constantFrom(
    'a',
    'I',
    'İ',
    'ı',
    'ß',
    'Σ',
    'ς',
    'α',
    'ᾳ',
    'ᾼ',
    'ﬁ',
    'ſ',
    'ǆ',
    '각',
    'ᆨ',
    'ʼn',
    'K',
    'Å',
  )
  const visible = fc
    .string({ unit: 'binary', maxLength: 2 })
    .map((it) => it.replace(/\p{Default_Ignorable_Code_Point}/gu, ''))
  const names = fc.array(fc.oneof(letters, marks, visible), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(names, fc.nat(8), (parts, at) => {
      const name = parts.join('')
      const key = collisionKey(name)
      const hidden = [...parts.slice(0, at), '\u200d', ...parts.slice(at)].join('')
      // Decomposed first, as Unicode defines it: else a capital iota could come between marks that change places.
      const nfd = name.normalize('NFD')
      for (const other of [nfd, name.normalize('NFC'), nfd.toLowerCase(), nfd.toUpperCase(), hidden]) {
        expect(collisionKey(other)).toBe(key)
      }
      expect(collisionKey(key)).toBe(key)
    }),
    { seed: SEED, numRuns: 20_000 },
  )
})

test.each([
  ['readme.md', 'README.MD'],
  ['café', 'cafe\u0301'],
  ['straße', 'STRASSE'],
  ['STRAẞE', 'strasse'],
  ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ['ﬁle', 'file'],
  ['ﬅ', 'ﬆ'],
  ['ſecret', 'Secret'],
  ['\u212aelvin', 'kelvin'],
  ['\u00b5', '\u03bc'],
  ['.git', '.g\u200cit'],
  ['a\u00adb', 'ab'],
  ['a\ufe0f', 'a'],
  ['\u1e9b\u0323', '\u017f\u0323\u0307'],
  ['ქართული', 'ᲥᲐᲠᲗᲣᲚᲘ'],
  ['ꭰ', 'Ꭰ'],
  ['𐐀', '𐐨'],
  ['name.', 'name'],
  ['name . .', 'NAME'],
])('%j and %j are one name', (a, b) => {
  expect(collisionKey(a)).toBe(collisionKey(b))
})

test.each([
  ['a', 'b'],
  ['x2', 'x²'],
  ['a', 'ａ'],
  ['resume', 'résumé'],
  ['か', 'が'],
  ['1', '①'],
  ['a b', 'ab'],
  ['.a', 'a'],
  ['0', 'O'],
])('%j and %j are two names', (a, b) => {
  expect(collisionKey(a)).not.toBe(collisionKey(b))
})

test('a set tells names apart whatever their length', () => {
  const names = new CollisionSet()
  for (let i = 0; i < 100_000; i++) expect(names.add(`${i}`.padStart(5 + (i % 200), 'X'))).toBe(true)
  for (let i = 0; i < 100_000; i += 997) expect(names.add(`${i}`.padStart(5 + (i % 200), 'X'))).toBe(false)
  names.clear()
  expect(names.add('00000')).toBe(true)
})
