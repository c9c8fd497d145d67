/** Changes the settings of a home. Whoever does has the home, for what another wrote meanwhile would be lost. */
import { checkAddresses, checkConfig } from './check.ts'
import { knownIn, readConfigFile, writeConfigFile, type ConfigDisk } from './file.ts'
import { CONFIG_KEY_NAMES, type Config, type ConfigKey } from './keys.ts'
import { answerOf, type ConfigAnswer } from './settings.ts'

/** By key what is to be set; null: nothing, so that what is usual holds. */
export type ConfigChanges = { readonly [Key in ConfigKey]?: Config[Key] | null }

/**
 * All that is set then, on the disk, and what is told of the changes.
 *
 * @throws ShoalError ERR_OPTIONS_INVALID for a value that makes no sense, by itself or beside the others;
 *   ERR_HOME_INVALID when another setting in the file makes none; ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK
 */
export async function changeConfig(
  home: string,
  changes: ConfigChanges,
  disk: ConfigDisk,
): Promise<{ config: Config; answer: ConfigAnswer }> {
  const changed = CONFIG_KEY_NAMES.filter((key) => changes[key] !== undefined)
  const set = Object.fromEntries(
    changed.filter((key) => changes[key] !== null).map((key) => [key, changes[key]]),
  )
  checkConfig(set)
  await checkAddresses(set)
  const before = Object.entries(await readConfigFile(home, disk))
  // A wrong value of what is changed is no reason to refuse: so it is mended.
  const kept = Object.fromEntries(before.filter(([name]) => !changed.some((key) => key === name)))
  const config = { ...knownIn(kept, home), ...set }
  checkConfig(config)
  const content = { ...kept, ...set }
  await writeConfigFile(home, content, disk)
  return { config, answer: answerOf(home, content, config, changed) }
}
