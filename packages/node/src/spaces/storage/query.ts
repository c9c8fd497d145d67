/**
 * What people type to search a space. All terms have to match:
 *
 * | term | matches |
 * | --- | --- |
 * | `word` | contents with a word that begins so, in path, title, tags or note |
 * | `"two words"` | the words in this order |
 * | `*part*` | these characters anywhere; three or more, fewer are taken for the beginning of a word |
 * | `tag:NAME`, `tag:"two words"` | contents with this tag |
 * | `type:image`, `type:image/png` | contents of this media type |
 *
 * Letter case and accents make no difference. Whatever else is typed is text: nothing reaches SQLite as syntax.
 */
import { ShoalError } from '../../errors.ts'
import { MAX_QUERY_LENGTH, MAX_QUERY_TERMS } from './limits.ts'
import { foldTag } from './tag-form.ts'

export interface Query {
  /** Expression for the table of words; empty when nothing is asked of it. */
  readonly words: string
  /** Texts that are contained, in lower case. */
  readonly parts: readonly string[]
  readonly tags: readonly string[]
  readonly types: readonly string[]
  /** The plain words, for ranking, in lower case. */
  readonly plain: readonly string[]
  /** Are some of them quoted, and so meant as whole words? */
  readonly isExact: boolean
}

const TERM = /(?:(tag|type):)?(?:"([^"]*)"?|(\S+))/giu
/** What the tokenizer takes for parts of words; all else divides them. */
const WORDS = /[\p{L}\p{N}\p{M}\p{Co}]+/gu
const LEAST_PART = 3

/** @throws ShoalError ERR_LIMIT for a query that is too long */
export function parseQuery(text: string): Query {
  if (text.length > MAX_QUERY_LENGTH)
    throw new ShoalError('ERR_LIMIT', `a search has at most ${MAX_QUERY_LENGTH} characters`)
  const words: string[] = []
  const parts: string[] = []
  const tags: string[] = []
  const types: string[] = []
  const plain: string[] = []
  let terms = 0
  let isExact = false
  for (const [, field, quoted, bare] of text.toWellFormed().replaceAll('\0', ' ').matchAll(TERM)) {
    if (++terms > MAX_QUERY_TERMS)
      throw new ShoalError('ERR_LIMIT', `a search has at most ${MAX_QUERY_TERMS} terms`)
    const value = quoted ?? bare ?? ''
    if (value === '') continue
    if (field?.toLowerCase() === 'tag') tags.push(foldTag(value))
    else if (field?.toLowerCase() === 'type') types.push(value.toLowerCase())
    else if (quoted === undefined && isPart(value)) parts.push(value.slice(1, -1).toLowerCase())
    else {
      const found = (value.match(WORDS) ?? []).map((word) => word.toLowerCase())
      // A term of marks only asks for nothing that can be found by words.
      if (found.length === 0) parts.push(value.toLowerCase())
      else words.push(quoted === undefined ? `"${found.join(' ')}"*` : `"${found.join(' ')}"`)
      plain.push(...found)
      isExact ||= quoted !== undefined
    }
  }
  return { words: words.join(' AND '), parts, tags, types, plain, isExact }
}

function isPart(value: string): boolean {
  return value.startsWith('*') && value.endsWith('*') && Array.from(value).length >= LEAST_PART + 2
}

/** Is this text found by its trigrams? */
export function hasGrams(part: string): boolean {
  return Array.from(part).length >= LEAST_PART
}

/** Expression for the table of trigrams that all of these match and maybe others; empty for texts that are too short. */
export function gramsOf(parts: readonly string[]): string {
  const grams = new Set<string>()
  for (const part of parts) {
    const characters = Array.from(part)
    for (let i = 0; i + LEAST_PART <= characters.length; i++) {
      grams.add(characters.slice(i, i + LEAST_PART).join(''))
    }
  }
  return [...grams].map((gram) => `"${gram.replaceAll('"', '""')}"`).join(' AND ')
}
