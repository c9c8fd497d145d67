/** Conditions of a request, RFC 9110, 13. The content of a root never changes, so that its tags are strong and there are no dates. */

/** 412 and 304 are the answer; undefined: it is answered as if nothing had been said. */
export function judgeConditions(headers: NodeJS.Dict<string[]>, etag: string): 304 | 412 | undefined {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match !== undefined && !isNamed(match, etag, 'strong')) return 412
  return noneMatch !== undefined && isNamed(noneMatch, etag, 'weak') ? 304 : undefined
}

/** Whether a range may be answered: what the client has of it is of the same bytes. A date never is. */
export function isRangeWanted({ 'if-range': values }: NodeJS.Dict<string[]>, etag: string): boolean {
  return values === undefined || (values.length === 1 && values[0] === etag)
}

function isNamed(lines: readonly string[], etag: string, comparison: 'strong' | 'weak'): boolean {
  const named = lines
    .join(',')
    .split(',')
    .map((tag) => tag.trim())
  if (named.length === 1 && named[0] === '*') return true
  return named.some((tag) => tag === etag || (comparison === 'weak' && tag === `W/${etag}`))
}
