import { expect, test } from 'vitest'
import { parseTarget, targetOf } from '../../../src/control/gateway/content-target.ts'

const SECRET = 'A'.repeat(43)
const BEGIN = targetOf(SECRET)

test.each([
  ['', ''],
  ['a.bin', 'a.bin'],
  ['day%201/%C3%9C%20%F0%9F%90%9F.txt', 'day 1/Ü 🐟.txt'],
  ['a%25b', 'a%b'],
  ['a+b&c=d;e', 'a+b&c=d;e'],
  ['...', '...'],
])('%j leads to %j', (rest, path) => {
  expect(parseTarget(`${BEGIN}${rest}`)).toEqual({ secret: SECRET, path })
})

test.each([
  '/',
  '/content',
  '/content/',
  BEGIN.slice(0, -1),
  `/content/${SECRET}A/a`,
  `/content/${SECRET.slice(1)}/a`,
  `/content/${'A'.repeat(42)}=/a`,
  `//content/${SECRET}/a`,
  `/CONTENT/${SECRET}/a`,
  `/v1/../content/${SECRET}/a`,
  `http://127.0.0.1${BEGIN}a`,
  `${BEGIN}a?`,
  `${BEGIN}?a=b`,
  `${BEGIN}a#b`,
  `${BEGIN}a//b`,
  `${BEGIN}/a`,
  `${BEGIN}a/`,
  `${BEGIN}.`,
  `${BEGIN}../a`,
  `${BEGIN}a/%2e%2E/b`,
  `${BEGIN}a%2fb`,
  `${BEGIN}a%5cb`,
  `${BEGIN}a\\b`,
  `${BEGIN}a%00`,
  `${BEGIN}%`,
  `${BEGIN}%C3`,
  `${BEGIN}%C0%AF`,
  `${BEGIN}%ED%A0%80`,
  `${BEGIN}Ü`,
  `${BEGIN}a b`,
])('%j leads nowhere', (target) => {
  expect(parseTarget(target)).toBeUndefined()
})
