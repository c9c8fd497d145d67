/**
 * Judges names before anything is created under them. One set of rules on every platform, so that what one
 * device can share another can judge; nothing is ever repaired, since two names repaired to one would collide.
 *
 * *Unsafe* names are refused everywhere. *Unportable* ones are refused on Windows, where they would reach a
 * device, another stream or another file, and are worth a warning elsewhere. How entries of one share stand to
 * each other (order, duplicates, collisions) is judged by `PathJudge` in `safe-path.ts`.
 */
import type { ErrorCode } from '../errors.ts'
import { MAX_DEPTH, MAX_NAME_BYTES, MAX_PATH_BYTES } from './limits.ts'

export type NameVerdict =
  | { readonly verdict: 'safe' }
  | { readonly verdict: 'unsafe'; readonly reason: string; readonly code: UnsafeCode }
  | { readonly verdict: 'unportable'; readonly reason: string }

/** What a refusal is thrown as. */
export type UnsafeCode = Extract<ErrorCode, 'ERR_UNSAFE_NAME' | 'ERR_LIMIT'>

/** UTF-16 units of the longest path that Windows takes (260) below a destination folder of usual length. */
const MAX_PORTABLE_PATH_LENGTH = 240

const SAFE: NameVerdict = { verdict: 'safe' }
/** Most names. Five characters at least, so that no device is among them; the longer ones have a `$`. */
const ORDINARY = /^[A-Za-z0-9_-]{5,80}(?:\.[A-Za-z0-9]{1,8})?$/

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const BIDI_OVERRIDE = /[\u202a-\u202e\u2066-\u2069]/
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu
const WINDOWS_FORBIDDEN = /[:<>"|?*]/
const DEVICE = /^(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9]|CONIN\$|CONOUT\$|CLOCK\$)$/
const MAX_DEVICE_LENGTH = 7
/** Windows gives long names a second, short one of this shape: at most 8 characters, a tilde and a number. */
const SHORT_NAME = /^(?=[^.]{2,8}(?:\.|$))[^.]*~[0-9]+(?:\.[^.]{0,3})?$/

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Verdict on one name (a path component), as text or as the bytes read from a disk. */
export function judgeName(name: string | Uint8Array): NameVerdict {
  if (typeof name === 'string') return judgeText(name)
  // Before decoding: a name of a megabyte is not worth the work.
  if (name.byteLength > MAX_NAME_BYTES) return tooLong()
  try {
    return judgeText(utf8.decode(name))
  } catch {
    return unsafe('it is not valid UTF-8')
  }
}

/**
 * Verdict on a path of components joined by `/`, relative to the share's own folder. The path of a share that is
 * a single file is empty: its name is judged instead.
 */
export function judgePath(path: string): NameVerdict {
  const whole = judgeWhole(path)
  if (whole.verdict === 'unsafe') return whole
  let verdict: NameVerdict = SAFE
  for (const name of path.split('/')) {
    const judged = judgeText(name)
    if (judged.verdict === 'unsafe') return judged
    if (verdict.verdict === 'safe') verdict = judged
  }
  return verdict.verdict === 'safe' ? whole : verdict
}

/** Verdict on the form, length and depth of a path, but not on the names in it. */
export function judgeWhole(path: string): NameVerdict {
  if (path === '') return unsafe('it is empty')
  if (path.startsWith('/')) return unsafe('it is absolute')
  if (exceedsUtf8(path, MAX_PATH_BYTES))
    return unsafe(`it is longer than ${MAX_PATH_BYTES} bytes`, 'ERR_LIMIT')
  let depth = 1
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) depth++
  if (depth > MAX_DEPTH) return unsafe(`it lies deeper than ${MAX_DEPTH} folders`, 'ERR_LIMIT')
  return path.length > MAX_PORTABLE_PATH_LENGTH
    ? unportable(`it is longer than the ${MAX_PORTABLE_PATH_LENGTH} characters that Windows takes`)
    : SAFE
}

/** Whether `text` takes more than `maxBytes` bytes in UTF-8. */
function exceedsUtf8(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes
}

function judgeText(name: string): NameVerdict {
  if (ORDINARY.test(name)) return SAFE
  if (name === '') return unsafe('it is empty')
  if (name === '.' || name === '..') return unsafe('it names a folder above or the folder itself')
  if (exceedsUtf8(name, MAX_NAME_BYTES)) return tooLong()
  if (name.includes('/') || name.includes('\\')) return unsafe('it contains a slash or backslash')
  if (CONTROL.test(name)) return unsafe('it contains a control character')
  if (BIDI_OVERRIDE.test(name)) return unsafe('it contains a character that turns the direction of writing')
  if (!name.isWellFormed()) return unsafe('it is not valid Unicode')
  // Some file systems (HFS+) and every eye skip these characters.
  const visible = name.replace(IGNORABLE, '')
  if (visible === '' || visible === '.' || visible === '..')
    return unsafe('it reads as another name than it is')
  return judgePortability(name)
}

function judgePortability(name: string): NameVerdict {
  const forbidden = WINDOWS_FORBIDDEN.exec(name)
  if (forbidden !== null) return unportable(`Windows allows no ${forbidden[0]} in a name`)
  if (name.endsWith('.') || name.endsWith(' ')) return unportable('Windows drops a dot or space at the end')
  // A device is reached with any ending (`con.txt`), with spaces around it and with superscript digits (`COM¹`),
  // which NFKC turns into plain ones.
  const base = (name.split('.', 1)[0] as string).trim()
  if (base.length <= MAX_DEVICE_LENGTH && DEVICE.test(base.normalize('NFKC').toUpperCase())) {
    return unportable('Windows has a device of that name')
  }
  if (SHORT_NAME.test(name)) return unportable('it has the shape of a short name that Windows makes up')
  return SAFE
}

function tooLong(): NameVerdict {
  return unsafe(`it is longer than ${MAX_NAME_BYTES} bytes`, 'ERR_LIMIT')
}

function unsafe(reason: string, code: UnsafeCode = 'ERR_UNSAFE_NAME'): NameVerdict {
  return { verdict: 'unsafe', reason, code }
}

function unportable(reason: string): NameVerdict {
  return { verdict: 'unportable', reason }
}
