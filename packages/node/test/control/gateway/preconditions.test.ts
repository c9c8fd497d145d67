import { expect, test } from 'vitest'
import { isRangeWanted, judgeConditions } from '../../../src/control/gateway/preconditions.ts'

const TAG = '"a"'

test.each([
  [{}, undefined],
  [{ 'if-match': ['"a"'] }, undefined],
  [{ 'if-match': ['"b", "a"'] }, undefined],
  [{ 'if-match': ['*'] }, undefined],
  [{ 'if-match': ['"b"'] }, 412],
  [{ 'if-match': ['W/"a"'] }, 412],
  [{ 'if-none-match': ['"a"'] }, 304],
  [{ 'if-none-match': ['"b"', 'W/"a"'] }, 304],
  [{ 'if-none-match': ['*'] }, 304],
  [{ 'if-none-match': ['"b"'] }, undefined],
  [{ 'if-none-match': ['a'] }, undefined],
  [{ 'if-match': ['"b"'], 'if-none-match': ['"a"'] }, 412],
  [{ 'if-modified-since': ['Sun, 22 Nov 2026 00:00:00 GMT'] }, undefined],
])('%j is answered with %j', (headers, answer) => {
  expect(judgeConditions(headers, TAG)).toBe(answer)
})

test.each([
  [undefined, true],
  [['"a"'], true],
  [['W/"a"'], false],
  [['"b"'], false],
  [['Sun, 22 Nov 2026 00:00:00 GMT'], false],
  [['"a"', '"a"'], false],
])('a part is given to who has the rest of the same: %j', (value, isWanted) => {
  expect(isRangeWanted({ 'if-range': value }, TAG)).toBe(isWanted)
})
