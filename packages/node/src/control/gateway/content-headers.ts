/** Headers of the content port, whatever it answers: bytes of others run nothing, and are for the page of this node alone. */

/** Of every answer, also to who is refused. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'private, no-store',
  'content-security-policy':
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  // The page of the node is at another port, and asks with CORS.
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'Origin, Referer, Sec-Fetch-Dest, Sec-Fetch-Site',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Of an answer to who may have it: the page of the node may read it, and nobody else's. */
export function pageHeaders(page: string): Record<string, string> {
  return {
    'access-control-allow-origin': page,
    'access-control-expose-headers': 'Accept-Ranges, Content-Disposition, Content-Range, ETag, Retry-After',
  }
}
