/** The file that keeps the settings of a home: one JSON object by key. */
import { join } from 'node:path'
import { ShoalError, diskError, isShoalError, systemCode } from '../../errors.ts'
import { systemDisk, type Disk } from '../../store/disk.ts'
import { checkAddresses, checkConfig } from './check.ts'
import { CONFIG_KEY_NAMES, isConfigKey, type Config } from './keys.ts'

/** What stands in the file: settings of this version, not yet checked, and of others. */
export type ConfigFile = Readonly<Record<string, unknown>>

export type ConfigDisk = Pick<Disk, 'readWhole' | 'replaceFile'>

const REMOVE = 'Correct that file, or remove it: then nothing is set.'
const SET_ANEW = 'Correct it in that file, or take it back: shoal config set KEY default'

/** Where a home keeps its settings. */
export function configFileOf(home: string): string {
  return join(home, 'config.json')
}

/**
 * The settings of a home; nothing is set where there is no file.
 *
 * @throws ShoalError ERR_HOME_INVALID naming file and setting when one is not what it should be, ERR_PERMISSION, ERR_DISK
 */
export async function loadConfig(home: string, disk: ConfigDisk = systemDisk): Promise<Config> {
  const config = knownIn(await readConfigFile(home, disk), home)
  try {
    await checkAddresses(config)
  } catch (error) {
    throw inFile(home, error)
  }
  return config
}

/** @throws ShoalError ERR_HOME_INVALID when it is no object of JSON, ERR_PERMISSION, ERR_DISK */
export async function readConfigFile(home: string, disk: ConfigDisk): Promise<ConfigFile> {
  const file = configFileOf(home)
  let bytes: Uint8Array | undefined
  try {
    bytes = await disk.readWhole(file)
  } catch (error) {
    // A home that is no folder is told by who opens it.
    if (systemCode(error) !== 'ENOTDIR') throw diskError(error, `reading ${file}`)
  }
  if (bytes === undefined) return {}
  let content: unknown
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw damaged(`${file} is damaged: it is no JSON`, REMOVE, cause)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw damaged(`${file} is damaged: it is no JSON object of settings`, REMOVE)
  }
  return content as ConfigFile
}

/** Puts it in place whole or not at all. @throws ShoalError ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK */
export async function writeConfigFile(home: string, content: ConfigFile, disk: ConfigDisk): Promise<void> {
  const file = configFileOf(home)
  try {
    await disk.replaceFile(file, Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`))
  } catch (error) {
    throw diskError(error, `writing ${file}`)
  }
}

/** What of it this version knows. @throws ShoalError ERR_HOME_INVALID */
export function knownIn(content: ConfigFile, home: string): Config {
  const known = Object.fromEntries(CONFIG_KEY_NAMES.map((key) => [key, ownValue(content, key)]))
  try {
    checkConfig(known)
  } catch (error) {
    throw inFile(home, error)
  }
  return known
}

/** What is wrong with a setting, with the file that it stands in. */
function inFile(home: string, error: unknown): unknown {
  if (!isShoalError(error, 'ERR_OPTIONS_INVALID')) return error
  return damaged(`${configFileOf(home)}: ${error.message}`, SET_ANEW, error)
}

/** What of it only another version knows. */
export function unknownIn(content: ConfigFile): string[] {
  return Object.keys(content).filter((name) => !isConfigKey(name))
}

function ownValue(content: ConfigFile, key: string): unknown {
  return Object.hasOwn(content, key) ? content[key] : undefined
}

function damaged(message: string, hint: string, cause?: unknown): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', message, { cause, hint })
}
