/** How `shoal config` speaks. */
import { escapeForDisplay, type ConfigAnswer, type ConfigEvent } from '@shoal/node/control'
import { shownValue, typedValue } from '../config-values.ts'
import { TERMINAL } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { padEnd } from './cells.ts'
import { writeJson, writeResult, writeSuccess, writeWarning, type Output } from './output.ts'

const GAP = '  '

/** All settings. */
export function reportSettings(output: Output, { settings, warnings }: ConfigAnswer): void {
  for (const warning of warnings) writeWarning(output, warning)
  const width = Math.max(...settings.map(({ key }) => key.length))
  for (const setting of settings) {
    if (output.mode === 'json') writeJson(output, setting)
    else if (output.stdout.isTerminal && output.mode !== 'quiet') writePeoples(output, setting, width)
    else
      writeResult(
        output,
        PLAIN.setting(setting.key, setting.default, typedValue(setting.value).map(escapeForDisplay)),
      )
  }
}

/** One of them, for a person as for a script: nothing but what may be typed again. */
export function reportValue(output: Output, { settings }: ConfigAnswer, key: string): void {
  const setting = settings.find((each) => each.key === key)
  if (setting === undefined) return
  if (output.mode === 'json') writeJson(output, setting)
  else for (const value of typedValue(setting.value)) writeResult(output, escapeForDisplay(value))
}

/** What was changed. */
export function reportChanged(output: Output, { settings, warnings }: ConfigAnswer): void {
  for (const warning of warnings) writeWarning(output, warning)
  for (const setting of settings) {
    if (output.mode === 'json') writeJson(output, setting)
    const { key, value, restart = false } = setting
    const shown = shownValue(key, value).map(escapeForDisplay).join(', ')
    const typed = typedValue(value).map(escapeForDisplay).join(' ')
    const sentence = setting.default ? TERMINAL.configReset(key, shown) : TERMINAL.configSet(key, shown)
    const line = setting.default ? PLAIN.configReset(key, typed) : PLAIN.configSet(key, typed)
    writeSuccess(output, {
      terminal: restart ? `${sentence} ${TERMINAL.configLater}` : sentence,
      plain: restart ? PLAIN.configLater(line) : line,
    })
  }
}

/** Several values stand below each other. */
function writePeoples(output: Output, { key, value, ...setting }: ConfigEvent, width: number): void {
  const [first = '', ...more] = shownValue(key, value).map(escapeForDisplay)
  const mark = setting.default ? GAP + output.theme.paint('dim', TERMINAL.isDefault) : ''
  writeResult(output, padEnd(escapeForDisplay(key), width) + GAP + first + mark)
  for (const each of more) writeResult(output, ' '.repeat(width) + GAP + each)
}
