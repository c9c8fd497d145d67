/** Settings as they are typed and shown: one row for each. What is no value is told as of the option of the same name. */
import {
  METERED,
  WHEN_METERED,
  type ConfigEvent,
  type ConfigKey,
  type ConfigChanges,
} from '@shoal/node/control'
import { network, onOff, rate, size, text } from './arguments/options.ts'
import { formatBytes, formatRate } from './format.ts'
import { USAGE } from './strings/errors.ts'
import { SWITCH, TERMINAL } from './strings/output.ts'
import { usageError } from './usage-errors.ts'

const SEE_HELP = USAGE.seeHelp('shoal config')

type Value = ConfigEvent['value']

interface Row<Key extends ConfigKey> {
  /** @throws ShoalError ERR_USAGE */
  readonly read: (given: readonly string[], key: Key) => NonNullable<ConfigChanges[Key]>
  /** For a person, if otherwise than it is typed. */
  readonly show?: (value: Value) => readonly string[]
}

const list = { read: (given: readonly string[], key: string) => given.map((value) => text(value, key)) }

const limit = {
  read: (given: readonly string[], key: string) => rate(one(given, key), key),
  show: (value: Value) => [formatRate(Number(value)) || TERMINAL.noLimit],
}

const space = {
  read: (given: readonly string[], key: string) => size(one(given, key), key),
  show: (value: Value) => [Number(value) === 0 ? TERMINAL.noLimit : formatBytes(Number(value))],
}

const toggle = { read: (given: readonly string[], key: string): boolean => onOff(one(given, key), key) }

const schedule = {
  read: (given: readonly string[], key: string) => scheduleEntries(text(given.join(' ').trim(), key)),
}

const VALUES: { readonly [Key in ConfigKey]: Row<Key> } = {
  network: { read: (given, key) => network(one(given, key)) },
  listen: list,
  bootstrap: list,
  peer: list,
  mdns: toggle,
  up: limit,
  down: limit,
  quota: space,
  schedule,
  metered: { read: (given, key) => choiceOf(METERED, one(given, key), key) },
  'on-metered': { read: (given, key) => choiceOf(WHEN_METERED, one(given, key), key) },
}

/** @throws ShoalError ERR_USAGE */
export function readValue(key: ConfigKey, given: readonly string[]): ConfigChanges {
  const { read } = VALUES[key] as Row<ConfigKey>
  return { [key]: read(given, key) }
}

/** As it may be typed again: one text for each of several. */
export function typedValue(value: Value): readonly string[] {
  if (typeof value === 'boolean') return [value ? SWITCH.on : SWITCH.off]
  return typeof value === 'object' ? value : [String(value)]
}

/** As a person reads it; a setting of a newer Shoal, which may run, as it is typed. */
export function shownValue(key: string, value: Value): readonly string[] {
  const row: Row<ConfigKey> | undefined = Object.hasOwn(VALUES, key)
    ? (VALUES[key as ConfigKey] as Row<ConfigKey>)
    : undefined
  const shown = row?.show?.(value) ?? typedValue(value)
  return shown.length === 0 ? [TERMINAL.noValue] : shown
}

function one([value = '', ...more]: readonly string[], key: string): string {
  if (more.length > 0) throw usageError(USAGE.oneValue(key), SEE_HELP)
  return value
}

/** One text for each entry, however they were quoted: one ends at a semicolon, or where the days of the next stand. */
function scheduleEntries(given: string): string[] {
  const entries = given.split(/;|\s+(?=(?:sun|mon|tue|wed|thu|fri|sat|daily)\b)/)
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function choiceOf<Choice extends string>(values: readonly Choice[], given: string, key: string): Choice {
  const value = values.find((each) => each === given)
  if (value === undefined) throw usageError(USAGE.choice(key, given), USAGE.choiceHint(values))
  return value
}
