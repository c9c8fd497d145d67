/** Settings as they are told. */
import type { ConfigEvent, WarningEvent } from '../../events.ts'
import { configFileOf, unknownIn, type ConfigFile } from './file.ts'
import { CONFIG_KEYS, type Config, type ConfigKey } from './keys.ts'

/** What is told of settings. */
export interface ConfigAnswer {
  readonly settings: readonly ConfigEvent[]
  /** About the file that keeps them. */
  readonly warnings: readonly WarningEvent[]
}

/** What there is to say of some settings, and of the file. */
export function answerOf(
  home: string,
  content: ConfigFile,
  config: Config,
  keys: readonly ConfigKey[],
): ConfigAnswer {
  return { settings: keys.map((key) => settingOf(config, key)), warnings: warningsOf(home, content) }
}

function settingOf(config: Config, key: ConfigKey): ConfigEvent {
  const value = config[key]
  return { type: 'config', key, value: value ?? CONFIG_KEYS[key].unset(config), default: value === undefined }
}

function warningsOf(home: string, content: ConfigFile): WarningEvent[] {
  const unknown = unknownIn(content)
  if (unknown.length === 0) return []
  const message = `${configFileOf(home)} keeps settings that this Shoal does not know: ${unknown.join(', ')}`
  return [{ type: 'warning', code: 'WARN_CONFIG_UNKNOWN', message }]
}
