/**
 * One name of a pattern, such as `*.txt`. Compares each token with each character at most once, so that no pattern
 * takes more than (its length) x (the name's length) steps; a regular expression made of it could take for ever.
 */
import type { ShoalError } from '../errors.ts'

/** `*`: any characters, none among them. */
const STAR = -1
/** `?`: one character. */
const ONE = -2

/** A code point, STAR, ONE, or one of a set. */
type Token = number | CharacterSet

interface CharacterSet {
  readonly isNegated: boolean
  /** First and last code point of each range. */
  readonly ranges: readonly (readonly [number, number])[]
}

export type NameMatcher = (name: string) => boolean

/** @throws what `refuse` makes of the reason for which the text is malformed */
export function compileName(text: string, refuse: (reason: string) => ShoalError): NameMatcher {
  const tokens = new Tokenizer(text, refuse).tokens()
  if (tokens.every((token) => typeof token === 'number' && token >= 0)) {
    const literal = String.fromCodePoint(...(tokens as number[]))
    return (name) => name === literal
  }
  return (name) => matches(tokens, name)
}

function matches(tokens: readonly Token[], name: string): boolean {
  let token = 0
  let at = 0
  // After a mismatch only the last star takes one character more: what the earlier ones took is never worth less.
  let retryToken = -1
  let retryAt = 0
  while (at < name.length) {
    const expected = tokens[token]
    const point = name.codePointAt(at) as number
    if (expected === STAR) {
      retryToken = ++token
      retryAt = at
      if (token === tokens.length) return true
    } else if (expected !== undefined && accepts(expected, point)) {
      token++
      at += units(point)
    } else if (retryToken < 0) {
      return false
    } else {
      token = retryToken
      retryAt += units(name.codePointAt(retryAt) as number)
      at = retryAt
    }
  }
  while (tokens[token] === STAR) token++
  return token === tokens.length
}

function accepts(token: Token, point: number): boolean {
  if (typeof token === 'number') return token === point || token === ONE
  return token.ranges.some(([first, last]) => point >= first && point <= last) !== token.isNegated
}

/** UTF-16 units of a code point. */
function units(point: number): number {
  return point > 0xffff ? 2 : 1
}

class Tokenizer {
  readonly #characters: readonly string[]
  readonly #refuse: (reason: string) => ShoalError
  #at = 0

  constructor(text: string, refuse: (reason: string) => ShoalError) {
    this.#characters = Array.from(text)
    this.#refuse = refuse
  }

  tokens(): Token[] {
    const tokens: Token[] = []
    while (this.#at < this.#characters.length) {
      const character = this.#next()
      if (character === '*') {
        if (tokens.at(-1) !== STAR) tokens.push(STAR)
      } else if (character === '?') {
        tokens.push(ONE)
      } else if (character === '[') {
        tokens.push(this.#set())
      } else {
        tokens.push(this.#literal(character))
      }
    }
    return tokens
  }

  #set(): CharacterSet {
    const isNegated = this.#peek() === '!' || this.#peek() === '^'
    if (isNegated) this.#at++
    const ranges: [number, number][] = []
    for (;;) {
      const character = this.#next()
      if (character === undefined) throw this.#refuse('has a [ without its ]')
      // As the first of a set, ] stands for itself.
      if (character === ']' && ranges.length > 0) return { isNegated, ranges }
      // Taken character by character, [[:alpha:]] would mean something that nobody meant.
      if (character === '[' && /^[:.=]$/.test(this.#peek() ?? '')) {
        throw this.#refuse(
          'names a class such as [:alpha:]: only characters and ranges stand between [ and ]',
        )
      }
      const first = this.#literal(character)
      const isRange = this.#peek() === '-' && ![']', undefined].includes(this.#peek(1))
      if (!isRange) {
        ranges.push([first, first])
        continue
      }
      this.#at++
      const last = this.#literal(this.#next())
      if (last < first) throw this.#refuse('has a range that ends before it begins')
      ranges.push([first, last])
    }
  }

  /** The code point that a character stands for; behind a backslash, that of the next one. */
  #literal(character: string | undefined): number {
    const meant = character === '\\' ? this.#next() : character
    if (meant === undefined) throw this.#refuse('has a name that ends in a \\')
    return meant.codePointAt(0) as number
  }

  #peek(ahead = 0): string | undefined {
    return this.#characters[this.#at + ahead]
  }

  #next(): string | undefined {
    return this.#characters[this.#at++]
  }
}
