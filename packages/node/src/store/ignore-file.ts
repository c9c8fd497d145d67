/**
 * `.shoalignore`: the patterns of what is left out of the folder it lies in. One that cannot be read or understood
 * ends the sharing, because going on would publish what it was to keep private.
 */
import { join } from 'node:path'
import { compileGlobs, type Glob } from '../content/glob.ts'
import { MAX_IGNORE_FILE_BYTES, MAX_IGNORE_FILE_LINES } from '../content/limits.ts'
import { ShoalError, isShoalError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Disk } from './disk.ts'

export const IGNORE_FILE = '.shoalignore'

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * @param at another path to the folder, through which it is reached
 * @throws ShoalError ERR_SOURCE_UNREADABLE, ERR_OPTIONS_INVALID, ERR_LIMIT, each naming the file
 */
export async function readIgnoreFile(folder: string, disk: Disk, at = folder): Promise<Glob[]> {
  const path = join(folder, IGNORE_FILE)
  const shown = escapeForDisplay(path)
  const bytes = await readBytes(path, shown, disk, join(at, IGNORE_FILE))
  if (bytes.byteLength > MAX_IGNORE_FILE_BYTES) {
    throw new ShoalError('ERR_LIMIT', `${shown} is larger than ${MAX_IGNORE_FILE_BYTES} bytes`)
  }
  let text: string
  try {
    // Takes a byte order mark away, too.
    text = UTF8.decode(bytes)
  } catch (cause) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `${shown} is not UTF-8 text`, {
      cause,
      hint: 'Save it as UTF-8.',
    })
  }
  return parse(text, shown)
}

async function readBytes(path: string, shown: string, disk: Disk, at: string): Promise<Uint8Array> {
  const unreadable = (why: string, cause?: unknown): ShoalError =>
    new ShoalError('ERR_SOURCE_UNREADABLE', `${shown} ${why}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'It says what is not to be shared, so nothing is. Make it a file that this user can read, or remove it.',
    })
  try {
    const facts = await disk.facts(path, at)
    if (facts === undefined) throw unreadable('went away while its folder was read')
    if (facts.kind !== 'file') throw unreadable(facts.kind === 'link' ? 'is a link' : 'is not a file')
    return await disk.readStart(path, MAX_IGNORE_FILE_BYTES + 1, at)
  } catch (error) {
    if (isShoalError(error)) throw error
    throw unreadable(`cannot be read (${systemCode(error) ?? (error as Error).message})`, error)
  }
}

function parse(text: string, shown: string): Glob[] {
  const lines = text.split(/\r?\n/)
  // What ends the last line begins no other.
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > MAX_IGNORE_FILE_LINES) {
    throw new ShoalError('ERR_LIMIT', `${shown} has more than ${MAX_IGNORE_FILE_LINES} lines`)
  }
  return lines.flatMap((line, i) => {
    const pattern = line.trimEnd()
    if (pattern === '' || pattern.startsWith('#')) return []
    const where = `${shown}, line ${i + 1}`
    if (pattern.trimStart() !== pattern) {
      throw new ShoalError('ERR_OPTIONS_INVALID', `${where} begins with a space`, {
        hint: 'Begin it with the pattern. For a name that begins with a space, write a backslash before it.',
      })
    }
    return compileGlobs([pattern], where)
  })
}
