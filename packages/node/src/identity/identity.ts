/**
 * The identity of a node: an Ed25519 key in the file `identity.key` (PKCS#8 PEM) of its home directory.
 *
 * Without libp2p, so that `shoal id` answers at once. Two starts at the same moment agree on one key: it is
 * written to a file of its own first and only then linked to its name, which fails if the name exists.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { constants, copyFile, link, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../util/make-folder.ts'
import { syncFolder } from '../util/sync-folder.ts'
import { diskError, ShoalError, systemCode } from '../errors.ts'
import { peerIdFromPublicKey } from './peer-id.ts'

export interface Identity {
  /** Text form (`12D3KooW...`), the same that libp2p gives for this key. */
  readonly peerId: string
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes, seed then public key: what libp2p's `privateKeyFromRaw` takes. Never logged. */
  readonly privateKey: Uint8Array
}

export const IDENTITY_FILE = 'identity.key'

const HOME_MODE = 0o700
const KEY_MODE = 0o600
const GROUP_AND_OTHERS = 0o077
const OTHERS_WRITE = 0o002
/** The file has 119 bytes; whatever is much larger is not read. */
const MAX_KEY_FILE_BYTES = 4_096
const IS_WINDOWS = process.platform === 'win32'
/** A link in place of the file is refused, and a pipe there must not block. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
/** A key on its way to its name. */
const TEMPORARY_NAME = /^\.identity\.key\.[0-9a-f]{24}$/
/** Another start was first: its key stands, and it may have removed ours. */
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
 * The identity kept in directory `home`; both are created if absent. Throws ERR_HOME_INVALID for a home or key
 * file that cannot be trusted or read as one, ERR_DISK, ERR_DISK_FULL or ERR_PERMISSION when the disk fails.
 */
export async function loadIdentity(home: string): Promise<Identity> {
  const folder = resolve(home)
  const file = join(folder, IDENTITY_FILE)
  await makeHome(folder)
  let pem = await readKeyFile(file)
  if (pem === undefined) {
    await createKeyFile(folder, file)
    // Read back: another start may have been first, and its key stands.
    pem = await readKeyFile(file)
  }
  if (pem === undefined)
    throw new ShoalError('ERR_HOME_INVALID', `${file} vanished while it was being created`)
  await removeTemporary(folder)
  return identityFromPem(pem, file)
}

function identityFromPem(pem: Buffer, file: string): Identity {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // Without its cause: nothing about the contents of this file belongs into a log.
    throw damaged(file)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw damaged(file)
  const seed = Buffer.from(key.export({ format: 'jwk' }).d as string, 'base64url')
  const publicKey = rawPublicKey(key)
  return {
    peerId: peerIdFromPublicKey(publicKey),
    publicKey,
    privateKey: Uint8Array.of(...seed, ...publicKey),
  }
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return Uint8Array.from(Buffer.from(x as string, 'base64url'))
}

/**
 * Makes directory `home` if it is absent, and looks whether it can be trusted. Throws ERR_HOME_INVALID, ERR_DISK,
 * ERR_DISK_FULL, ERR_PERMISSION.
 */
export async function makeHome(home: string): Promise<void> {
  try {
    const created = await makeFolder(home, HOME_MODE)
    if (created !== undefined) await syncFolder(dirname(home))
    const facts = await stat(home)
    if (!facts.isDirectory()) throw new ShoalError('ERR_HOME_INVALID', `${home} is not a folder`)
    // Who may write here may put another key in place of ours.
    if (!IS_WINDOWS && (facts.mode & OTHERS_WRITE) !== 0) {
      throw new ShoalError('ERR_HOME_INVALID', `every user of this device may write to ${home}`, {
        hint: `Run: chmod 700 '${home}'`,
      })
    }
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || systemCode(error) === 'ENOTDIR') {
      throw new ShoalError('ERR_HOME_INVALID', `${home} is not a folder`, { cause: error })
    }
    throw diskError(error, `opening the home ${home}`)
  }
}

/** Bytes of the key file, or undefined when there is none. */
async function readKeyFile(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle
  try {
    handle = await open(file, READ_FLAGS)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (systemCode(error) === 'ELOOP') throw damaged(file)
    throw diskError(error, `reading ${file}`)
  }
  try {
    const facts = await handle.stat()
    if (!facts.isFile() || facts.size === 0 || facts.size > MAX_KEY_FILE_BYTES) throw damaged(file)
    if (!IS_WINDOWS) refuseForeignAccess(file, facts)
    return await handle.readFile()
  } catch (error) {
    throw diskError(error, `reading ${file}`)
  } finally {
    await handle.close()
  }
}

/** A key that others could read or may have put there is no identity. */
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

/** Puts a new key under its name unless one is there already. */
async function createKeyFile(home: string, file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  // The public key makes the name unique among all starts and threads.
  const unique = Buffer.from(rawPublicKey(privateKey).subarray(0, 12)).toString('hex')
  const temporary = join(home, `.${IDENTITY_FILE}.${unique}`)
  try {
    const handle = await open(temporary, 'wx', KEY_MODE)
    try {
      await handle.writeFile(privateKey.export({ format: 'pem', type: 'pkcs8' }))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await linkOnce(temporary, file)
    await rm(temporary, { force: true })
    await syncFolder(home)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw diskError(error, `creating ${file}`)
  }
}

/** What a start left that died while it made a key. Only once a key stands: until then another start may need its own. */
async function removeTemporary(home: string): Promise<void> {
  const names = await readdir(home).catch(() => [])
  for (const name of names) {
    if (TEMPORARY_NAME.test(name)) await rm(join(home, name), { force: true }).catch(() => {})
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

function damaged(file: string): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `${file} is damaged: it holds no Ed25519 private key`, {
    hint: 'Restore it from a backup, or move it away to get a new identity.',
  })
}
