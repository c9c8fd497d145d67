import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SHARED_PATHS } from '../../src/content/limits.ts'
import { lookupKey } from '../../src/store/share-lookup.ts'
import { checkShareName, locatorOf, shareName, sharedPaths } from '../../src/store/shared-paths.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

function failure(...paths: readonly string[]): { code: string; message: string; hint: string } {
  try {
    sharedPaths(paths)
  } catch (error) {
    return error as { code: string; message: string; hint: string }
  }
  throw new Error('they were taken')
}

describe('paths that make one share', () => {
  test('are absolute, each once, in one order whatever the order they are named in', () => {
    const one = sharedPaths(['/p/b', '/p/x/../a', '/p/b', '/q/c/'])
    expect(one).toEqual(['/p/a', '/p/b', '/q/c'].map((path) => resolve(path)))
    expect(sharedPaths(['/q/c', '/p/a', '/p/b'])).toEqual(one)
  })

  test('a name has as many bytes as every reader takes, and one that nobody gave is shortened to them', () => {
    for (const name of ['a', 'ö'.repeat(127), `${'ö'.repeat(127)}a`]) expect(checkShareName(name)).toBe(name)
    for (const name of ['', 'ö'.repeat(128), '\ud800']) {
      expect(() => checkShareName(name)).toThrow(
        expect.objectContaining({
          code: 'ERR_OPTIONS_INVALID',
          message: 'the name of a share has 1 to 255 bytes',
        }),
      )
    }
    expect(shareName([`/p/${'ö'.repeat(128)}`])).toBe('ö'.repeat(127))
  })

  test('one of them, however often, is itself', () => {
    expect(sharedPaths('/p/a')).toEqual([resolve('/p/a')])
    expect(sharedPaths(['/p/a', '/p/./a'])).toEqual([resolve('/p/a')])
    expect(shareName(sharedPaths('/p/a'))).toBe('a')
    expect(shareName(sharedPaths('/'))).toBe('shared')
    expect(shareName(sharedPaths(['/p/a', '/p/b']))).toBe('shared')
  })

  test('of one name are refused, and both are told', () => {
    expect(failure('/p/a.txt', '/q/a.txt')).toMatchObject({
      code: 'ERR_USAGE',
      message: 'two paths would both be called a.txt in the share: /p/a.txt and /q/a.txt',
      hint: 'Rename one, share them one by one, or share a folder that holds both.',
    })
  })

  test.each([[['/p', '/p/a/b']], [['/p/a/b', '/p/a']], [['/', '/p']], [['/p/a', '/q', '/p/a/b/c']]])(
    'one inside another is refused: %s',
    (paths) => {
      expect(failure(...paths)).toMatchObject({
        code: 'ERR_USAGE',
        message: expect.stringMatching(/^\S+ lies in \S+, which is shared whole$/) as string,
      })
    },
  )

  test('a name that begins like another folder is not inside it', () => {
    expect(sharedPaths(['/p/a', '/p/ab', '/p/a.b'])).toHaveLength(3)
  })

  test('none, too many, and a name that nobody could receive are refused', () => {
    expect(failure()).toMatchObject({ code: 'ERR_USAGE' })
    expect(failure('/p/a', '/p/b\u202egpj.exe')).toMatchObject({
      code: 'ERR_UNSAFE_NAME',
      message: expect.stringContaining('/p/b\\u{202e}gpj.exe') as string,
    })
    const many = Array.from({ length: MAX_SHARED_PATHS + 1 }, (_, i) => `/p/${i}`)
    expect(failure(...many)).toMatchObject({ code: 'ERR_LIMIT' })
    expect(sharedPaths(many.slice(1))).toHaveLength(MAX_SHARED_PATHS)
  })
})

test('an entry lies below the path that has its first name, and nowhere when there is none', () => {
  const several = locatorOf(['/p/a', '/q/b'])
  expect(several('a')).toEqual({ source: '/p/a', below: '' })
  expect(several('b/c/d')).toEqual({ source: join('/q/b', 'c/d'), below: 'c/d' })
  expect(several('c')).toBeUndefined()
  const one = locatorOf(['/p/a'])
  expect(one('')).toEqual({ source: '/p/a', below: '' })
  expect(one('a/b')).toEqual({ source: join('/p/a', 'a/b'), below: 'a/b' })
})

test(`the same set of paths is the same share, another set another (seed ${seed})`, () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 6 })
  const keyOf = (given: readonly string[]): string => {
    const paths = sharedPaths(given.map((name) => `/p/${name}`))
    const spec = { paths, name: 'x', isPublic: false, preserve: false, exclude: [] }
    return Buffer.from(lookupKey(spec)).toString('hex')
  }
  fc.assert(
    fc.property(names, names, (a, b) => {
      const isSame = a.length === b.length && a.every((name) => b.includes(name))
      expect(keyOf(a) === keyOf(b)).toBe(isSame)
      expect(keyOf([...a, ...a].toReversed())).toBe(keyOf(a))
    }),
    { seed },
  )
})
