/** The settings of a home on which a node runs: it changes them itself, and goes by what it can. */
import type { Limits } from '../../transfer/rates/rate-limits.ts'
import { Turns } from '../../util/turns.ts'
import { changeConfig } from './change.ts'
import type { ConfigDisk } from './file.ts'
import { readConfig, type ConfigAccess } from './home-config.ts'
import { CONFIG_KEYS, isConfigKey } from './keys.ts'

/** @param node which has the home */
export function liveConfig(
  home: string,
  disk: ConfigDisk,
  node: { setLimits: (limits: Partial<Limits>) => void },
): ConfigAccess {
  const turns = new Turns()
  return {
    read: () => readConfig(home, disk),
    // One after the other: each writes the whole file.
    change: (changes) =>
      turns.run(home, undefined, async () => {
        const { config, answer } = await changeConfig(home, changes, disk)
        const { up = 0, down = 0 } = config
        node.setLimits({
          ...(changes.up === undefined ? {} : { up }),
          ...(changes.down === undefined ? {} : { down }),
        })
        const settings = answer.settings.map((setting) => {
          const { key } = setting
          return { ...setting, restart: isConfigKey(key) && !CONFIG_KEYS[key].isLive }
        })
        return { ...answer, settings }
      }),
  }
}
