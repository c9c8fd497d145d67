/**
 * The identity of a node: an Ed25519 key in the file `identity.key` (PKCS#8 PEM) of its home directory.
 *
 * Without libp2p, so that `shoal id` answers at once. Two starts at the same moment agree on one key (`secret-file.ts`).
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { lstat, open, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../util/make-folder.ts'
import { syncFolder } from '../util/sync-folder.ts'
import { diskError, ShoalError, systemCode } from '../errors.ts'
import { peerIdFromPublicKey } from './peer-id.ts'
import { createSecretFile, readSecretFile, removeUnfinished } from './secret-file.ts'

export interface Identity {
  /** Text form (`12D3KooW...`), the same that libp2p gives for this key. */
  readonly peerId: string
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes, seed then public key: what libp2p's `privateKeyFromRaw` takes. Never logged. */
  readonly privateKey: Uint8Array
}

export const IDENTITY_FILE = 'identity.key'

/** Is there while an identity is being brought into the home, and after a process that did so died: no other is made then. */
const IMPORT_FILE = 'identity.import'

const HOME_MODE = 0o700
const IMPORT_MODE = 0o600
const OTHERS_WRITE = 0o002
const IS_WINDOWS = process.platform === 'win32'
/** PKCS#8 of RFC 8410, up to the 32 bytes of the private key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * The identity kept in directory `home`; both are created if absent. Throws ERR_HOME_INVALID for a home or key
 * file that cannot be trusted or read as one and where an import did not come to its end, ERR_DISK, ERR_DISK_FULL or
 * ERR_PERMISSION when the disk fails.
 */
export async function loadIdentity(home: string): Promise<Identity> {
  const folder = resolve(home)
  const file = join(folder, IDENTITY_FILE)
  await makeHome(folder)
  let pem = await readSecretFile(file, () => damaged(file))
  if (pem === undefined) {
    await refuseUnfinished(folder)
    await createKeyFile(file)
    // Read back: another start may have been first, and its key stands.
    pem = await readSecretFile(file, () => damaged(file))
  }
  if (pem === undefined)
    throw new ShoalError('ERR_HOME_INVALID', `${file} vanished while it was being created`)
  await removeUnfinished(file)
  return identityFromPem(pem, file)
}

/** Is there a key in directory `home`, whatever it is worth? Throws ERR_DISK, ERR_PERMISSION. */
export async function hasIdentity(home: string): Promise<boolean> {
  const file = join(resolve(home), IDENTITY_FILE)
  try {
    await lstat(file)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false
    throw diskError(error, `reading ${file}`)
  }
}

/**
 * Makes the key of a seed of 32 bytes that of directory `home`, which must exist. Where a key is already, it stays, and
 * that is what is returned. Throws as `loadIdentity`.
 */
export async function restoreIdentity(home: string, seed: Uint8Array): Promise<Identity> {
  const key = Buffer.concat([PKCS8_PREFIX, seed])
  const file = join(resolve(home), IDENTITY_FILE)
  await writeKeyFile(file, createPrivateKey({ key, format: 'der', type: 'pkcs8' }))
  return loadIdentity(home)
}

/** From here on directory `home` gets no identity of its own, but by `restoreIdentity`. Throws as `endImport`. */
export async function beginImport(home: string): Promise<void> {
  const file = join(resolve(home), IMPORT_FILE)
  try {
    await (await open(file, 'w', IMPORT_MODE)).close()
    await syncFolder(dirname(file))
  } catch (error) {
    throw diskError(error, `writing ${file}`)
  }
}

/** Throws ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION. */
export async function endImport(home: string): Promise<void> {
  const file = join(resolve(home), IMPORT_FILE)
  try {
    await rm(file, { force: true })
    await syncFolder(dirname(file))
  } catch (error) {
    throw diskError(error, `removing ${file}`)
  }
}

async function refuseUnfinished(home: string): Promise<void> {
  const file = join(home, IMPORT_FILE)
  const facts = await lstat(file).catch(() => undefined)
  if (facts === undefined) return
  throw new ShoalError(
    'ERR_HOME_INVALID',
    `an identity was to be brought into ${home}, and is not there yet`,
    {
      hint: `Import it again. To begin anew without it, remove ${file} first.`,
    },
  )
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

/** Puts a new key under its name unless one is there already. */
async function createKeyFile(file: string): Promise<void> {
  await writeKeyFile(file, generateKeyPairSync('ed25519').privateKey)
}

function writeKeyFile(file: string, privateKey: KeyObject): Promise<void> {
  // The public key makes the name unique among all starts and threads.
  const unique = Buffer.from(rawPublicKey(privateKey).subarray(0, 12)).toString('hex')
  return createSecretFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), unique)
}

function damaged(file: string): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `${file} is damaged: it holds no Ed25519 private key`, {
    hint: 'Restore it from a backup, or move it away to get a new identity.',
  })
}
