import { expect, test } from 'vitest'
import { cells, cutEnd, cutMiddle, padEnd, wrap } from '../../src/output/cells.ts'

test('wide and joined characters count as the cells that they take', () => {
  expect(cells('holiday')).toBe(7)
  expect(cells('日本語')).toBe(6)
  expect(cells('👩‍👩‍👧')).toBe(2)
  expect(cells('é')).toBe(1)
})

test.each([
  ['Holiday in Brittany 2026.tar.gz', 20, 'Holiday in…26.tar.gz'],
  ['short.txt', 20, 'short.txt'],
  ['日本語の長いファイル名.txt', 15, '日本語の…名.txt'],
  ['👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5, '👩‍👩‍👧…👩‍👩‍👧'],
  ['abcdef', 2, 'ab'],
])('%s cut to %d cells keeps its ending', (text, width, result) => {
  expect(cutMiddle(text, width, '…')).toBe(result)
})

test('a cut name is never wider than asked for', () => {
  for (const name of [
    'a'.repeat(255),
    'ä日'.repeat(80),
    '👩‍👩‍👧'.repeat(40),
    'é'.repeat(99),
    'مرحبا بالعالم'.repeat(9),
  ]) {
    for (let width = 1; width < 60; width++) {
      expect(cells(cutMiddle(name, width, '…'))).toBeLessThanOrEqual(width)
      expect(cells(cutMiddle(name, width, '...'))).toBeLessThanOrEqual(width)
      expect(cells(cutEnd(name, width))).toBeLessThanOrEqual(width)
    }
  }
})

test('text is padded by cells', () => {
  expect(padEnd('日', 4)).toBe('日  ')
})

test('text breaks between words only', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four'])
  expect(wrap('extraordinarily long', 5)).toEqual(['extraordinarily', 'long'])
  expect(wrap('', 5)).toEqual([''])
})
