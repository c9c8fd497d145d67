/** `shoal config`. */
import { CONFIG_KEY_NAMES, isConfigKey, type ConfigKey } from '@shoal/node/control'
import { closest } from '../closest.ts'
import { readValue } from '../config-values.ts'
import { USAGE } from '../strings/errors.ts'
import { usageError, withoutKey } from '../usage-errors.ts'
import { CONFIG_ACTIONS, type ConfigTask } from './arguments.ts'
import type { CommandLine } from './command-line.ts'
import { choice } from './own.ts'

/** In place of a value: none. */
const DEFAULT = 'default'

export function declareConfig(line: CommandLine): void {
  const places = [choice('<ACTION>', CONFIG_ACTIONS), choice('[KEY]', CONFIG_KEY_NAMES), '[VALUE...]']
  line.asks(
    line.add('config', ...places),
    (node, action: string, key: string | undefined, values: readonly string[]) => ({
      command: 'config',
      node,
      task: taskOf(action, key, values),
    }),
  )
}

function taskOf(action: string, key: string | undefined, values: readonly string[]): ConfigTask {
  const name = `shoal config ${action}`
  const seeHelp = USAGE.seeHelp('shoal config')
  switch (action) {
    case 'list':
      if (key !== undefined) throw usageError(USAGE.tooMany(name, 0), seeHelp)
      return { action }
    case 'get':
      if (values.length > 0) throw usageError(USAGE.tooMany(name, 1), seeHelp)
      return { action, key: keyOf(key) }
    case 'set': {
      const known = keyOf(key)
      if (values.length === 0) throw usageError(USAGE.missingArgument('VALUE'), seeHelp)
      const isReset = values.length === 1 && values[0] === DEFAULT
      return { action, changes: isReset ? { [known]: null } : readValue(known, values) }
    }
    default:
      throw usageError(USAGE.config(withoutKey(action)), USAGE.configHint(CONFIG_ACTIONS))
  }
}

function keyOf(given: string | undefined): ConfigKey {
  if (given === undefined) throw usageError(USAGE.missingArgument('KEY'), USAGE.seeHelp('shoal config'))
  if (isConfigKey(given)) return given
  const best = closest(given, CONFIG_KEY_NAMES)
  const hint = best === undefined ? USAGE.settingHint(CONFIG_KEY_NAMES) : USAGE.didYouMean(best)
  throw usageError(USAGE.setting(withoutKey(given)), hint)
}
