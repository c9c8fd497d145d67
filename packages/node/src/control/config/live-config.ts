/** The settings of a home on which a node runs: it changes them itself, and goes by what it can. */
import type { WarningEvent } from '../../events.ts'
import { parseSchedule } from '../../util/schedule/schedule-text.ts'
import { formatBytes } from '../../util/sizes.ts'
import { Turns } from '../../util/turns.ts'
import type { Bandwidth } from '../bandwidth/bandwidth.ts'
import { changeConfig } from './change.ts'
import type { ConfigDisk } from './file.ts'
import { readConfig, type ConfigAccess } from './home-config.ts'
import { CONFIG_KEYS, isConfigKey, type ConfigKey } from './keys.ts'

/** @param bandwidth of the node that has the home */
export function liveConfig(
  home: string,
  disk: ConfigDisk,
  bandwidth: Pick<Bandwidth, 'setLimits' | 'setSchedule' | 'setMetered'>,
  /** As the node's `setQuota`. */
  setQuota: (bytes: number) => Promise<boolean>,
): ConfigAccess {
  const turns = new Turns()
  return {
    read: () => readConfig(home, disk),
    // One after the other: each writes the whole file.
    change: (changes) =>
      turns.run(home, undefined, async () => {
        const { config, answer } = await changeConfig(home, changes, disk)
        const {
          up = 0,
          down = 0,
          schedule = [],
          metered = 'auto',
          'on-metered': whenMetered = 'pause',
          quota = 0,
        } = config
        const isChanged = (...keys: ConfigKey[]): boolean => keys.some((key) => changes[key] !== undefined)
        if (isChanged('up', 'down')) {
          bandwidth.setLimits({
            ...(isChanged('up') ? { up } : {}),
            ...(isChanged('down') ? { down } : {}),
          })
        }
        if (isChanged('schedule')) bandwidth.setSchedule(parseSchedule(schedule))
        if (isChanged('metered')) bandwidth.setMetered({ metered })
        if (isChanged('on-metered')) bandwidth.setMetered({ whenMetered })
        const fits = !isChanged('quota') || (await setQuota(quota))
        const warnings = fits ? answer.warnings : [...answer.warnings, overQuota(quota)]
        const settings = answer.settings.map((setting) => {
          const { key } = setting
          return { ...setting, restart: isConfigKey(key) && !CONFIG_KEYS[key].isLive }
        })
        return { settings, warnings }
      }),
  }
}

function overQuota(quota: number): WarningEvent {
  const message = `more than ${formatBytes(quota)} are used, and nothing more of it may go: nothing new is taken in before there is room`
  return { type: 'warning', code: 'WARN_OVER_QUOTA', message }
}
