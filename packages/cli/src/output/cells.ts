/** Text measured in terminal cells, as a terminal shows it: wide characters take two, joined ones share. */
import { createRequire } from 'node:module'
import type * as StringWidth from 'string-width'

const require = createRequire(import.meta.url)
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

export function cells(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length
  // Loaded here and not above: its tables take longer than all else that a command like `id` does.
  const { default: stringWidth } = require('string-width') as typeof StringWidth
  return stringWidth(text)
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)))
}

/** Cuts a name in the middle so that its ending, which says what it is, stays readable. */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (cells(text) <= width) return text
  const room = width - cells(ellipsis)
  if (room < 2) return cutEnd(text, width)
  const parts = [...segmenter.segment(text)].map((part) => part.segment)
  const tail = takeCells(parts.toReversed(), Math.floor(room / 2)).toReversed()
  const head = takeCells(parts, room - cells(tail.join('')))
  return head.join('') + ellipsis + tail.join('')
}

/** As much of the text as fits. */
export function cutEnd(text: string, width: number): string {
  if (cells(text) <= width) return text
  return takeCells(
    [...segmenter.segment(text)].map((part) => part.segment),
    width,
  ).join('')
}

/** Breaks at spaces; a word that is wider than a line stays whole. */
export function wrap(text: string, width: number): string[] {
  return wrapWords(text.split(' '), width)
}

/** Fills lines with words, which may have spaces inside that are no places to break. */
export function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && cells(longer) > width) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  lines.push(line)
  return lines
}

function takeCells(parts: readonly string[], width: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const part of parts) {
    used += cells(part)
    if (used > width) break
    taken.push(part)
  }
  return taken
}
