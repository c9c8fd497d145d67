/**
 * Which of possibly several homes with the same identity this is: 32 random bytes in the file `identity.instance`. Keys that
 * sign operations of a space are derived from it, so a home that was brought back from an export signs with other keys than
 * the home it was taken from, and can never contradict what that one signed.
 *
 * The instances that the identity had before are kept, newest first: their keys say once that the new ones take their place,
 * and sign nothing else.
 */
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { diskError, ShoalError } from '../errors.ts'
import type { Random } from '../util/seams.ts'
import { createSecretFile, readSecretFile, removeUnfinished } from './secret-file.ts'

/** Bytes of an instance. */
export const INSTANCE_BYTES = 32
/** Former instances that are kept; what is older was replaced long ago. */
export const MAX_FORMER_INSTANCES = 16

export interface Instances {
  /** 32 bytes. Never logged. */
  readonly current: Uint8Array
  /** Newest first, 32 bytes each. */
  readonly former: readonly Uint8Array[]
}

const INSTANCE_FILE = 'identity.instance'
const UNIQUE_BYTES = 12

/**
 * The instances of directory `home`, which must exist; made if absent.
 *
 * @throws ShoalError ERR_HOME_INVALID for a file that is none or that others may read; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
 */
export async function loadInstances(home: string, random: Random): Promise<Instances> {
  const file = join(resolve(home), INSTANCE_FILE)
  return (await readInstances(file)) ?? createInstances(file, [], random)
}

/**
 * Begins a new instance after those, in a home that nobody uses and that has no identity; what an import left there that
 * ended in the middle is replaced.
 *
 * @throws as `loadInstances`
 */
export async function startInstance(
  home: string,
  former: readonly Uint8Array[],
  random: Random,
): Promise<Instances> {
  const file = join(resolve(home), INSTANCE_FILE)
  await rm(file, { force: true }).catch((error: unknown) => {
    throw diskError(error, `removing ${file}`)
  })
  return createInstances(file, former, random)
}

async function createInstances(
  file: string,
  former: readonly Uint8Array[],
  random: Random,
): Promise<Instances> {
  const all = [random.bytes(INSTANCE_BYTES), ...former.slice(0, MAX_FORMER_INSTANCES)]
  const unique = Buffer.from(random.bytes(UNIQUE_BYTES)).toString('hex')
  await createSecretFile(file, all.map((each) => `${toText(each)}\n`).join(''), unique)
  // Read back: another start may have been first, and its instance stands.
  const instances = await readInstances(file)
  await removeUnfinished(file)
  if (instances === undefined) throw damaged(file)
  return instances
}

async function readInstances(file: string): Promise<Instances | undefined> {
  const bytes = await readSecretFile(file, () => damaged(file))
  if (bytes === undefined) return undefined
  const lines = bytes.toString('latin1').split('\n')
  const [current, ...former] = lines
    .slice(0, -1)
    .map((line) => Uint8Array.from(Buffer.from(line, 'base64url')))
  const isWhole =
    current !== undefined &&
    former.length <= MAX_FORMER_INSTANCES &&
    lines.at(-1) === '' &&
    [current, ...former].every((each, i) => each.byteLength === INSTANCE_BYTES && toText(each) === lines[i])
  if (!isWhole) throw damaged(file)
  return { current, former }
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function damaged(file: string): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `${file} is damaged`, {
    hint: 'Move it away. Spaces then see this device as a new one, which has to be let in again.',
  })
}
