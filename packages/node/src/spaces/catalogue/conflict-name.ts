/**
 * The name under which a content is shown whose own path another content has.
 *
 * It is a function of the content's own path, author and operation alone, so that it is the same on every replica, in
 * whatever order things came. No two contents get one name: a wanted name that has the form of a conflict's is never
 * shown as it is, and from a name made here its parts can be read back. Only where names are too long for that, or
 * one author has several contents in one conflict, is it a digest of the operation that makes the difference.
 */
import { collisionKey } from '../../content/collision-key.ts'
import { sha256 } from '../../content/cid.ts'
import { MAX_NAME_BYTES } from '../../content/limits.ts'

const AUTHOR_BYTES = 4
const DIGEST_BYTES = 16
const LONGEST_ENDING_BYTES = 32
const FORM = / \(CONFLICT OF [0-9A-F]{8}(?: [0-9A-F]{32})?\)(?:\.[^./]*)?$/
const FORM_OF_FOLDER = / \(CONFLICT OF [0-9A-F]{8}(?: [0-9A-F]{32})?\)(?:\.[^./]*)?\//
// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\u0000-\u007f]*$/
const TAIL = /[. ](?:\/|$)/

/** Paths with equal keys may be one path on a file system that folds, and so only one content is shown there. */
export function pathKey(path: string): string {
  if (ASCII.test(path) && !TAIL.test(path)) return path.toUpperCase()
  return path
    .split('/')
    .map((name) => collisionKey(name))
    .join('/')
}

/** Has the last name of the path of this key the form of a conflict's? It is shown with another such part added. */
export function isConflictKey(key: string): boolean {
  return key.includes('(') && FORM.test(key)
}

/** Has a folder on the path of this key that form? No device ever makes such a one. */
export function hasConflictFolder(key: string): boolean {
  return key.includes('(') && FORM_OF_FOLDER.test(key)
}

/**
 * `a/report.pdf` -> `a/report (conflict of 1a2b3c4d).pdf`.
 *
 * @param author four bytes or more; the first four are shown
 * @param operation the 33 bytes that name the content
 * @param isFirst whether it is the first in this conflict of which these four bytes are shown
 */
export function conflictPath(
  path: string,
  author: Uint8Array,
  operation: Uint8Array,
  isFirst: boolean,
): string {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  const dot = name.lastIndexOf('.')
  const hasEnding =
    dot > 0 && dot < name.length - 1 && Buffer.byteLength(name.slice(dot)) <= LONGEST_ENDING_BYTES
  const stem = hasEnding ? name.slice(0, dot) : name
  const ending = hasEnding ? name.slice(dot) : ''
  const who = Buffer.from(author.subarray(0, AUTHOR_BYTES)).toString('hex')
  const short = `${stem} (conflict of ${who})${ending}`
  if (isFirst && Buffer.byteLength(short) <= MAX_NAME_BYTES) return path.slice(0, slash) + short
  const digest = Buffer.from(sha256(operation)).toString('hex', 0, DIGEST_BYTES)
  const suffix = ` (conflict of ${who} ${digest})${ending}`
  return path.slice(0, slash) + cut(stem, MAX_NAME_BYTES - Buffer.byteLength(suffix)) + suffix
}

/** As many whole characters as take at most `maxBytes` bytes. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    end += character.length
  }
  return text.slice(0, end)
}
