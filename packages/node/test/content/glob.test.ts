import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EntryKind } from '../../src/content/entry.ts'
import { Glob, compileGlobs, literalGlob, namesOf } from '../../src/content/glob.ts'
import { MAX_GLOBS, MAX_GLOB_LENGTH, MAX_GLOB_UNITS, MAX_PATH_BYTES } from '../../src/content/limits.ts'
import { ShoalError, isShoalError } from '../../src/errors.ts'
import { cpuMs } from '../helpers/cpu.ts'
import { Mutator } from '../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_203)

function matches(pattern: string, path: string, kind: EntryKind = 'file'): boolean {
  return new Glob(pattern, 'test').matches(namesOf(path), kind)
}

describe('what a pattern names', () => {
  test.each<[pattern: string, yes: string[], no: string[]]>([
    ['a', ['a', 'b/a', 'b/c/a'], ['A', 'ab', 'a/b', 'b']],
    ['*', ['a', '.a', 'b/.c', 'übung 日本'], []],
    ['**', ['a', 'b/c'], []],
    ['*.tmp', ['x.tmp', '.tmp', 'd/x.tmp'], ['x.tmp.bak', 'xtmp', 'x.tmp/y']],
    ['a*b*c', ['abc', 'aXbYc', 'abcbc', 'abbc'], ['ab', 'acb', 'abcd']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['?', ['a', '😀', 'ü', 'x/😀'], ['', 'ab', '😀😀']],
    ['??', ['ab', '😀b'], ['a', '😀']],
    ['*?', ['a', 'ab'], []],
    ['[abc]x', ['ax', 'cx'], ['dx', 'x', 'abx']],
    ['[a-c]', ['a', 'b', 'c'], ['d', '-', 'A']],
    ['[!a-c]', ['d', '-', '😀'], ['a', 'b', 'c', 'dd']],
    ['[^a]', ['b', '^'], ['a']],
    ['[a-]', ['a', '-'], ['b']],
    ['[-a]', ['a', '-'], ['b']],
    ['[]a]', [']', 'a'], ['b']],
    ['[!]a]', ['b'], [']', 'a']],
    ['[😀-😂]', ['😁'], ['😃', '\ud83d']],
    ['[a\\]]', ['a', ']'], ['\\']],
    ['[*?]', ['*', '?'], ['a']],
    ['\\*', ['*'], ['a']],
    ['\\!a', ['!a'], ['a']],
    ['a!#', ['a!#'], ['a']],
    ['#a', ['#a'], ['a']],
    ['{a,b}', ['{a,b}'], ['a', 'b']],
    ['a b', ['a b'], ['ab']],
    ['/a', ['a'], ['b/a']],
    ['/*.md', ['x.md'], ['b/x.md']],
    ['a/b', ['a/b'], ['x/a/b', 'a/x/b', 'a/b/c']],
    ['/a/b', ['a/b'], ['x/a/b']],
    ['*/b', ['a/b', '.x/b'], ['b', 'a/a/b']],
    ['**/b', ['b', 'a/b', 'a/a/b'], ['b/a', 'ab']],
    ['**/a/b', ['a/b', 'x/a/b', 'a/a/b'], ['a/x/b']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a']],
    ['/**', ['a', 'a/b'], []],
    ['**/**', ['a', 'a/b'], []],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/b'], ['ab', 'a/bb', 'a/b/c', 'x/a/b']],
    ['a/**/**/b', ['a/b', 'a/x/b'], ['a']],
    ['**/a/**/b/**', ['a/b/c', 'x/a/y/b/z/z'], ['a/b', 'b/a/c']],
    ['a/**b', ['a/b', 'a/xb'], ['a/x/b']],
    ['cafe\u0301', ['café', 'cafe\u0301'], ['cafe']],
    ['caf\u00e9', ['cafe\u0301'], ['cafe']],
  ])('%s', (pattern, yes, no) => {
    expect(yes.filter((path) => !matches(pattern, path))).toEqual([])
    expect(no.filter((path) => matches(pattern, path))).toEqual([])
  })

  test('with a slash at its end, folders only, at any depth unless another slash ties it', () => {
    expect(matches('a/', 'a', 'folder')).toBe(true)
    expect(matches('a/', 'x/a', 'folder')).toBe(true)
    expect(matches('a/', 'a')).toBe(false)
    expect(matches('/a/', 'x/a', 'folder')).toBe(false)
    expect(matches('x/a/', 'x/a', 'folder')).toBe(true)
    expect(matches('a', 'a', 'folder')).toBe(true)
  })

  test('relative to a folder further down', () => {
    const names = namesOf('x/y/a/b')
    expect(new Glob('a/b', 'test').matches(names, 'file', 2)).toBe(true)
    expect(new Glob('a/b', 'test').matches(names, 'file', 1)).toBe(false)
    expect(new Glob('**/b', 'test').matches(names, 'file', 4)).toBe(false)
    expect(new Glob('b', 'test').matches(names, 'file', 4)).toBe(false)
  })

  test('covers: what it names and what lies below that', () => {
    const covers = (pattern: string, path: string, from = 0): boolean =>
      new Glob(pattern, 'test').covers(namesOf(path), 'file', from)
    expect(covers('a', 'x/a/y/z')).toBe(true)
    expect(covers('a/', 'a/y')).toBe(true)
    expect(covers('a/', 'x/a')).toBe(false)
    expect(covers('/x/a', 'x/a/y')).toBe(true)
    expect(covers('/a', 'x/a/y')).toBe(false)
    expect(covers('x', 'x/a/y', 1)).toBe(false)
  })
})

describe('what is refused, never taken literally', () => {
  test.each([
    ['', 'is empty'],
    ['/', 'can match nothing'],
    ['//', 'can match nothing'],
    ['.', 'can match nothing'],
    ['./', 'can match nothing'],
    ['./a', 'can match nothing'],
    ['../a', 'can match nothing'],
    ['a/..', 'can match nothing'],
    ['a//b', 'can match nothing'],
    ['a///', 'can match nothing'],
    ['!a', 'begins with !'],
    ['[a', '[ without its ]'],
    ['[]', '[ without its ]'],
    ['[!]', '[ without its ]'],
    ['[a-', '[ without its ]'],
    ['[a/b]', '[ without its ]'],
    ['x[[:alpha:]]', 'names a class'],
    ['[z-a]', 'ends before it begins'],
    ['a\\', 'ends in a \\'],
    ['a\\/b', 'ends in a \\'],
    ['[\\', 'ends in a \\'],
    ['a\0', 'control character'],
    ['a\rb', 'control character'],
  ])('%j', (pattern, reason) => {
    const refused = refusal(() => new Glob(pattern, 'here'))
    expect(refused.code).toBe('ERR_OPTIONS_INVALID')
    expect(refused.message).toContain(reason)
    expect(refused.message).toMatch(/^here: the pattern "/)
  })

  test('what is too long, too much, or no list', () => {
    expect(new Glob('a'.repeat(MAX_GLOB_LENGTH), 'here').pattern).toHaveLength(MAX_GLOB_LENGTH)
    expect(refusal(() => new Glob('a'.repeat(MAX_GLOB_LENGTH + 1), 'here')).code).toBe('ERR_LIMIT')
    const many = Array.from({ length: MAX_GLOBS }, () => 'a')
    expect(compileGlobs(many, 'here')).toHaveLength(MAX_GLOBS)
    expect(refusal(() => compileGlobs([...many, 'a'], 'here')).code).toBe('ERR_LIMIT')
    for (const wrong of ['abc', [1], null] as unknown[]) {
      expect(refusal(() => compileGlobs(wrong as string[], 'here')).code).toBe('ERR_OPTIONS_INVALID')
    }
  })

  test('the message shows nothing that turns the direction of writing', () => {
    expect(refusal(() => new Glob('[\u202egnp', 'here')).message).not.toContain('\u202e')
  })
})

function refusal(work: () => unknown): ShoalError {
  try {
    work()
  } catch (error) {
    if (error instanceof ShoalError) return error
    throw error
  }
  throw new Error('it was taken')
}

/** A pattern as text, and what it means as the source of a regular expression. */
type Piece = readonly [text: string, meaning: string]

const CHARACTERS = ['a', 'b', '.', '-', '!', ']', '*', '?', '[', '\\', '😀', 'é']
const escaped = (character: string): string => `\\u{${(character.codePointAt(0) as number).toString(16)}}`
const letter = fc.constantFrom(...CHARACTERS)
const piece: fc.Arbitrary<Piece> = fc.oneof(
  letter.map((c): Piece => [/[*?[\\!]/.test(c) ? `\\${c}` : c, escaped(c)]),
  fc.constant<Piece>(['*', '[^/]*']),
  fc.constant<Piece>(['?', '[^/]']),
  fc.tuple(fc.boolean(), fc.array(letter, { minLength: 1, maxLength: 3 })).map(([isNegated, set]): Piece => {
    const text = set.map((c) => `\\${c}`).join('')
    const meaning = set.map(escaped).join('')
    return [`[${isNegated ? '!' : ''}${text}]`, `[${isNegated ? '^/' : ''}${meaning}]`]
  }),
  fc.constant<Piece>(['[a-z]', '[a-z]']),
)
const namePiece = fc
  .array(piece, { minLength: 1, maxLength: 5 })
  .map((pieces): Piece => [pieces.map(([text]) => text).join(''), pieces.map(([, m]) => m).join('')])
  .filter(([text]) => !/^\.{1,2}$|^\*\*$/.test(text))
const pathPattern = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.oneof({ weight: 2, arbitrary: namePiece }, fc.constant<Piece>(['**', ''])), {
      minLength: 1,
      maxLength: 5,
    }),
  )
  .map(([isTied, parts]): Piece => {
    const text = (isTied ? '/' : '') + parts.map(([part]) => part).join('/')
    if (!text.includes('/')) return [text, `(?:.+/)?${parts[0]?.[1] === '' ? '[^/]+' : parts[0]?.[1]}`]
    const meaning = parts.map(([part, name], i) => {
      const isLast = i === parts.length - 1
      if (part === '**') return isLast ? '.+' : '(?:.+/)?'
      return isLast ? name : `${name}/`
    })
    return [text, meaning.join('')]
  })
const path = fc
  .array(
    fc.string({ unit: letter, minLength: 1, maxLength: 4 }).filter((name) => !/^\.{1,2}$/.test(name)),
    { minLength: 1, maxLength: 5 },
  )
  .map((names) => names.join('/'))

test(`a pattern means the same as a regular expression made beside it (seed ${SEED})`, () => {
  let hits = 0
  fc.assert(
    fc.property(pathPattern, fc.array(path, { minLength: 5, maxLength: 20 }), ([text, meaning], paths) => {
      const reference = new RegExp(`^${meaning}$`, 'u')
      const glob = new Glob(text, 'test')
      for (const one of paths) {
        const expected = reference.test(one)
        if (expected) hits++
        expect([text, one, glob.matches(namesOf(one), 'file')]).toEqual([text, one, expected])
      }
    }),
    { seed: SEED, numRuns: 5_000 },
  )
  expect(hits).toBeGreaterThan(1_000)
})

test(`any text is a pattern or is refused (seed ${SEED})`, () => {
  const unit = fc.constantFrom('*', '**', '?', '[', ']', '!', '-', '\\', '/', 'a', '.', '😀', '\ud800', ':')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), path, (text, one) => {
      try {
        new Glob(text, 'test').matches(namesOf(one), 'folder')
      } catch (error) {
        if (!isShoalError(error, 'ERR_OPTIONS_INVALID')) throw error
      }
    }),
    { seed: SEED, numRuns: 20_000 },
  )
})

describe('no pattern takes long', () => {
  /** Far above what the worst takes (about 10 ms), far below what backtracking would (years). */
  const MAX_MS = 50
  const fill = (text: string, length: number): string => text.repeat(length).slice(0, length)
  const long = (text: string, end = ''): string => fill(text, MAX_GLOB_LENGTH - end.length) + end

  test.each([
    [long('*a', 'b'), fill('a', MAX_PATH_BYTES)],
    [long('*?', 'b'), fill('a', MAX_PATH_BYTES)],
    [`*${long('a', 'b').slice(1)}`, fill('a', MAX_PATH_BYTES)],
    [`*${fill('a', 500)}b`, fill('a', MAX_PATH_BYTES)],
    [`${'*[a-z]'.repeat(170)}b`, fill('a', MAX_PATH_BYTES)],
    [`*[${fill('b', 500)}][${fill('b', 500)}]`, fill('a', MAX_PATH_BYTES)],
    [`${'**/a/'.repeat(200)}b`, `${'a/'.repeat(500)}c`],
    [`${'**/*/'.repeat(200)}b`, `${'a/'.repeat(500)}c`],
    [`**/${'a/'.repeat(250)}b`, `${'a/'.repeat(500)}c`],
    [`${'**/*a*a*a/'.repeat(100)}b`, `${`${fill('a', 63)}/`.repeat(16)}c`],
  ])('%#', (pattern, one) => {
    const glob = new Glob(pattern, 'test')
    const names = namesOf(one)
    expect(glob.matches(names, 'file')).toBe(false)
    expect(cpuMs(() => glob.matches(names, 'file'), MAX_MS)).toBeLessThan(MAX_MS)
  })

  test(`of any kind (seed ${SEED})`, () => {
    const random = new Mutator(SEED)
    for (let round = 0; round < 300; round++) {
      const pieces = ['*', '?', 'a', 'b', '/', '**/', '/**/', '[a-b]', '*a'].filter(
        () => random.below(2) === 0,
      )
      const text = Array.from({ length: MAX_GLOB_LENGTH }, () =>
        random.pick(pieces.length > 0 ? pieces : ['*a']),
      )
      const names = namesOf(
        Array.from({ length: MAX_PATH_BYTES }, () => random.pick(['a', 'a', 'b', '/'])).join(''),
      )
      let glob: Glob
      try {
        glob = new Glob(
          text
            .join('')
            .slice(0, MAX_GLOB_LENGTH)
            .replaceAll(/\/{2,}/g, '/'),
          'test',
        )
      } catch (error) {
        if (isShoalError(error, 'ERR_OPTIONS_INVALID')) continue
        throw error
      }
      expect(cpuMs(() => glob.matches(names, 'file'), MAX_MS)).toBeLessThan(MAX_MS)
    }
  })

  test('nor do as many as hold in one folder', () => {
    const worst = `*${fill('a', 500)}b`
    const globs = Array.from(
      { length: Math.floor(MAX_GLOB_UNITS / worst.length) },
      () => new Glob(worst, 'test'),
    )
    const names = [fill('a', MAX_PATH_BYTES)]
    expect(cpuMs(() => globs.some((glob) => glob.matches(names, 'file')), 1_000)).toBeLessThan(1_000)
  })
})

test(`a literal pattern names its path and no other (seed ${SEED})`, () => {
  const name = fc
    .string({
      minLength: 1,
      maxLength: 8,
      unit: fc.constantFrom('a', 'b', '*', '?', '[', ']', '\\', '!', '.'),
    })
    .filter((text) => !/^\.{1,2}$|\\/.test(text))
  const joined = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
  fc.assert(
    fc.property(joined, joined, (one, other) => {
      const glob = literalGlob(one)
      expect(glob.matches(namesOf(one), 'file')).toBe(true)
      if (one !== other) expect(glob.matches(namesOf(other), 'file')).toBe(false)
    }),
    { seed: SEED },
  )
})
