/**
 * Takes the identity of a home along, with the spaces it is in and the links of what it shared: into a file that a passphrase
 * opens, and out of one into a home that has none.
 */
import { lstat, open, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { diskError, ShoalError, systemCode } from '../errors.ts'
import type { WarningEvent } from '../events.ts'
import {
  beginImport,
  endImport,
  hasIdentity,
  loadIdentity,
  makeHome,
  restoreIdentity,
} from '../identity/identity.ts'
import { loadInstances, startInstance } from '../identity/instance.ts'
import {
  MAX_SEALED_IDENTITY_BYTES,
  openIdentity,
  readSealedIdentity,
  sealIdentity,
} from '../identity/sealed-identity.ts'
import { systemDisk, type Disk } from '../store/disk.ts'
import { takeHome } from '../store/home-lock.ts'
import { syncFolder } from '../util/sync-folder.ts'
import { systemSeams } from '../util/system.ts'
import {
  decodeBelongings,
  encodeBelongings,
  NO_BELONGINGS,
  type Belongings,
} from './belongings/belongings.ts'
import { belongingsOf, takeOver } from './belongings/home-belongings.ts'

const EXPORT_MODE = 0o600
const SEED_BYTES = 32

/** An identity that was exported or imported. */
export interface MovedIdentity {
  readonly peerId: string
  /** Absolute. */
  readonly file: string
  /** Spaces that went along. */
  readonly spaces: number
  /** Shares whose links went along. */
  readonly shares: number
}

export interface MoveIdentityOptions {
  /** Told of what was found out about the home, and of what does not fit into the file. */
  onWarning?: (warning: WarningEvent) => void
}

/**
 * Writes the identity of a home to a new file, 0600, with its spaces and the links of its shares. A node may run on the home.
 *
 * @throws ShoalError ERR_DESTINATION_EXISTS when something has that name, ERR_SOURCE_MISSING when its folder is missing,
 *   ERR_OPTIONS_INVALID for a passphrase that is too short, ERR_HOME_BUSY when a process is just starting on the home; as
 *   `loadIdentity`; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
 */
export async function exportIdentity(
  home: string,
  path: string,
  passphrase: string,
  { onWarning = () => {} }: MoveIdentityOptions = {},
): Promise<MovedIdentity> {
  const file = resolve(path)
  const { peerId, privateKey } = await loadIdentity(home)
  const { current: instance, former } = await loadInstances(home, systemSeams.random)
  const seed = privateKey.subarray(0, SEED_BYTES)
  const belongings = await belongingsOf(home, onWarning)
  const along = encodeBelongings(belongings)
  const text = await sealIdentity({ seed, instance, former, along }, passphrase, systemSeams.random)
  await writeNew(file, text)
  return moved(peerId, file, belongings)
}

/** Says whether a file can be exported to, as far as that is known before. @throws ShoalError ERR_DESTINATION_EXISTS */
export async function checkExport(path: string): Promise<void> {
  const file = resolve(path)
  const facts = await lstat(file).catch(() => undefined)
  if (facts !== undefined) throw taken(file)
}

/**
 * Says whether a file can be imported, as far as that is known without its passphrase.
 *
 * @throws ShoalError ERR_DESTINATION_EXISTS when the home has an identity, ERR_SOURCE_MISSING, ERR_CONTENT_INVALID for a file
 *   that is damaged or something else; ERR_DISK, ERR_PERMISSION
 */
export async function checkImport(home: string, path: string): Promise<void> {
  await refuseExisting(home)
  readSealedIdentity(await readExport(resolve(path)))
}

/**
 * Gives a home the identity in a file. It begins a new instance: to spaces this is another device of the same owner. Its spaces
 * are kept from then on, and its shares are known by their links; their files are elsewhere.
 *
 * The key comes last. Until then the home has no identity, and after a process that died it gets none but by another import.
 *
 * @throws ShoalError as `checkImport`; ERR_WRONG_KEY for another passphrase, ERR_HOME_BUSY when a process has the home, ERR_LIMIT
 *   when there are other spaces in it already and too many with those of the file
 */
export async function importIdentity(
  home: string,
  path: string,
  passphrase: string,
  { onWarning = () => {}, disk = systemDisk }: MoveIdentityOptions & { disk?: Disk } = {},
): Promise<MovedIdentity> {
  const file = resolve(path)
  await checkImport(home, file)
  const { seed, instance, former, along } = await openIdentity(await readExport(file), passphrase)
  const belongings = along === undefined ? NO_BELONGINGS : decodeBelongings(along)
  const folder = resolve(home)
  await makeHome(folder)
  const lock = takeHome(folder)
  if (lock === undefined) throw new ShoalError('ERR_HOME_BUSY', `another Shoal process uses ${folder}`)
  try {
    await refuseExisting(folder)
    await beginImport(folder)
    try {
      // All before the key: a home with that key and without its former instances could never follow on them.
      await takeOver(folder, belongings, disk, onWarning)
      await startInstance(folder, [instance, ...former], systemSeams.random)
      const { peerId, privateKey } = await restoreIdentity(folder, seed)
      // `shoal id` takes no lock, and may have been faster.
      if (Buffer.compare(privateKey.subarray(0, SEED_BYTES), seed) !== 0) throw existing(folder)
      return moved(peerId, file, belongings)
    } finally {
      // Where that cannot be done either, no other identity is made over what is left.
      await settle(folder, disk).catch(() => {})
    }
  } finally {
    lock.release()
  }
}

function moved(peerId: string, file: string, { spaces, shares }: Belongings): MovedIdentity {
  return { peerId, file, spaces: spaces.length, shares }
}

/** Where the identity did not come, nothing of what came before it stays. */
async function settle(home: string, disk: Disk): Promise<void> {
  if (!(await hasIdentity(home))) await takeOver(home, NO_BELONGINGS, disk, () => {})
  await endImport(home)
}

async function refuseExisting(home: string): Promise<void> {
  if (await hasIdentity(home)) throw existing(resolve(home))
}

function taken(file: string): ShoalError {
  return new ShoalError('ERR_DESTINATION_EXISTS', `${file} is there already`, {
    hint: 'Give another name. Nothing is replaced.',
  })
}

function existing(home: string): ShoalError {
  return new ShoalError('ERR_DESTINATION_EXISTS', `${home} has an identity already`, {
    hint: 'Give another home with --home. An identity is never replaced.',
  })
}

async function readExport(file: string): Promise<string> {
  try {
    const facts = await stat(file)
    if (!facts.isFile() || facts.size > MAX_SEALED_IDENTITY_BYTES) {
      throw new ShoalError('ERR_CONTENT_INVALID', `${file} holds no exported identity`, {
        hint: 'Name the file that was exported.',
      })
    }
    const handle = await open(file)
    try {
      return (await handle.readFile()).toString()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') {
      throw new ShoalError('ERR_SOURCE_MISSING', `${file} is not there`, { cause: error })
    }
    throw diskError(error, `reading ${file}`)
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  let isOurs = false
  try {
    const handle = await open(file, 'wx', EXPORT_MODE)
    isOurs = true
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncFolder(dirname(file))
  } catch (error) {
    if (isOurs) await rm(file, { force: true }).catch(() => {})
    if (systemCode(error) === 'EEXIST') {
      throw taken(file)
    }
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') {
      throw new ShoalError('ERR_SOURCE_MISSING', `${dirname(file)} is no folder`, { cause: error })
    }
    throw diskError(error, `writing ${file}`)
  }
}
