/**
 * Takes out of a line whatever could be a secret: what follows `#` in a link, and every long opaque word, however it is encoded,
 * but for the two kinds that are public, CIDs and peer ids. It judges by form alone, so that nobody has to say what is secret,
 * and rather takes too much (docs/adr/0039-logs.md).
 */

/** What stands in its place. */
export const REMOVED = '[removed]'

/** A link up to its fragment, as itself or in a URL. */
const FRAGMENT = /(shoal(?::|%3a)[^\s"\\#%]*(?:%(?!23)[^\s"\\#%]*)*)(?:#|%23)[^\s"\\]*/gi
/** Letters of hexadecimal and of both forms of base64, and what stands between such words in links, names and addresses. */
const LONG = /[A-Za-z0-9+/_=.-]{40,}/g
/** A share key has 48 such letters, a token 43, and both more in any other encoding. */
const MIN_LENGTH = 40

const CID_V1 = /^b[a-z2-7]{58,}$/
const CID_V0 = /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/
const PEER_ID = /^(12D3KooW[1-9A-HJ-NP-Za-km-z]{44}|16Uiu2HA[1-9A-HJ-NP-Za-km-z]{45,46})$/
const PUBLIC = [CID_V1, CID_V0, PEER_ID]

export function redact(line: string): string {
  return line.replaceAll(FRAGMENT, `$1#${REMOVED}`).replaceAll(LONG, redactRun)
}

/** A path is judged part by part. Base64 has slashes too, but begins with one by chance only. */
function redactRun(run: string): string {
  const separator = run.startsWith('/') && !run.includes('+') ? /([/.])/ : /(\.)/
  return run
    .split(separator)
    .map((word) => (word.length < MIN_LENGTH || isPublic(word) ? word : REMOVED))
    .join('')
}

function isPublic(word: string): boolean {
  return PUBLIC.some((form) => form.test(word))
}
