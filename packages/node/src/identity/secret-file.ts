/**
 * A small secret in a file of the home, readable by its user only. Two starts at the same moment agree on one content: it is
 * written to a file of its own first and only then linked to its name, which fails if the name exists.
 */
import { constants, copyFile, link, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { diskError, ShoalError, systemCode } from '../errors.ts'
import { syncFolder } from '../util/sync-folder.ts'

const SECRET_MODE = 0o600
const GROUP_AND_OTHERS = 0o077
/** Such a file has a few hundred bytes; whatever is much larger is not read. */
const MAX_SECRET_BYTES = 4_096
const IS_WINDOWS = process.platform === 'win32'
/** A link in place of the file is refused, and a pipe there must not block. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
/** Another start was first: its file stands, and it may have removed ours. */
const LOST: ReadonlySet<string | undefined> = new Set(['EEXIST', 'ENOENT'])
/** What file systems without hard links answer. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
])

/**
 * Bytes of the file, or undefined when there is none.
 *
 * @param damaged what to throw for a file that is none of ours
 * @throws ShoalError ERR_HOME_INVALID when others may read it or it belongs to another user; ERR_DISK, ERR_PERMISSION
 */
export async function readSecretFile(file: string, damaged: () => ShoalError): Promise<Buffer | undefined> {
  let handle: FileHandle
  try {
    handle = await open(file, READ_FLAGS)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (systemCode(error) === 'ELOOP') throw damaged()
    throw diskError(error, `reading ${file}`)
  }
  try {
    const facts = await handle.stat()
    if (!facts.isFile() || facts.size === 0 || facts.size > MAX_SECRET_BYTES) throw damaged()
    if (!IS_WINDOWS) refuseForeignAccess(file, facts)
    return await handle.readFile()
  } catch (error) {
    throw diskError(error, `reading ${file}`)
  } finally {
    await handle.close()
  }
}

/**
 * Puts a secret under its name, whole and durable, unless something has that name already; then it does nothing.
 *
 * @param unique 24 digits in hex that no other start and thread has
 * @throws ShoalError ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
 */
export async function createSecretFile(
  file: string,
  contents: string | Uint8Array,
  unique: string,
): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${unique}`)
  try {
    const handle = await open(temporary, 'wx', SECRET_MODE)
    try {
      await handle.writeFile(contents)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await linkOnce(temporary, file)
    await rm(temporary, { force: true })
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw diskError(error, `creating ${file}`)
  }
}

/** What a start left that died while it made the file. Only once that stands: until then another start may need its own. */
export async function removeUnfinished(file: string): Promise<void> {
  const prefix = `.${basename(file)}.`
  const names = await readdir(dirname(file)).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{24}$/.test(name.slice(prefix.length))) continue
    await rm(join(dirname(file), name), { force: true }).catch(() => {})
  }
}

/** A secret that others could read or may have put there is none. */
function refuseForeignAccess(file: string, facts: { readonly mode: number; readonly uid: number }): void {
  if ((facts.mode & GROUP_AND_OTHERS) !== 0) {
    throw new ShoalError('ERR_HOME_INVALID', `other users of this device may read or change ${file}`, {
      hint: `Run: chmod 600 '${file}'`,
    })
  }
  const user = process.geteuid?.()
  if (user !== undefined && user !== 0 && facts.uid !== user) {
    throw new ShoalError('ERR_HOME_INVALID', `${file} belongs to another user`)
  }
}

/** Gives a file a second name if nothing has that name; else does nothing, also when a faster start took the file away. */
async function linkOnce(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (LOST.has(systemCode(error))) return
    if (!NO_LINKS.has(systemCode(error))) throw error
    // FAT and some network drives. Never overwrites either; only a crash here could leave a part of the file.
    await copyFile(from, to, constants.COPYFILE_EXCL).catch((failure: unknown) => {
      if (!LOST.has(systemCode(failure))) throw failure
    })
  }
}
