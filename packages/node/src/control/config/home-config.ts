/** The settings of a home, whoever has it: what a command or an app does with them. */
import { ShoalError } from '../../errors.ts'
import { makeHome } from '../../identity/identity.ts'
import { systemDisk } from '../../store/disk.ts'
import { changeConfig, type ConfigChanges } from './change.ts'
import { knownIn, readConfigFile, type ConfigDisk } from './file.ts'
import { CONFIG_KEY_NAMES } from './keys.ts'
import { answerOf, type ConfigAnswer } from './settings.ts'

export interface ConfigAccess {
  /** All settings. @throws ShoalError ERR_HOME_INVALID, ERR_PERMISSION, ERR_DISK */
  read: () => Promise<ConfigAnswer>
  /**
   * Changes some, all or none; returns those.
   *
   * @throws ShoalError ERR_OPTIONS_INVALID, ERR_HOME_INVALID, ERR_HOME_BUSY, ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK
   */
  change: (changes: ConfigChanges) => Promise<ConfigAnswer>
}

/** Of a home on which no node runs. A change makes the home where there is none, and is refused while a process has it. */
export function homeConfig(home: string, disk: ConfigDisk = systemDisk): ConfigAccess {
  return {
    read: () => readConfig(home, disk),
    change: async (changes) => {
      // Looking does without SQLite.
      const { takeHome } = await import('../../store/home-lock.ts')
      await makeHome(home)
      const lock = takeHome(home)
      if (lock === undefined) throw new ShoalError('ERR_HOME_BUSY', `another Shoal process uses ${home}`)
      try {
        return (await changeConfig(home, changes, disk)).answer
      } finally {
        lock.release()
      }
    },
  }
}

/** @throws ShoalError ERR_HOME_INVALID, ERR_PERMISSION, ERR_DISK */
export async function readConfig(home: string, disk: ConfigDisk): Promise<ConfigAnswer> {
  const content = await readConfigFile(home, disk)
  return answerOf(home, content, knownIn(content, home), CONFIG_KEY_NAMES)
}
