/** Adds options to a command, and reads their values. Who reads one throws ERR_USAGE for what is none. */
import { Option, type Command } from 'commander'
import { NETWORK_PRESETS, parseByteRate, type NetworkPreset } from '@shoal/node/control'
import { parseByteRange, type ByteRange } from '../byte-range.ts'
import { parseDuration } from '../duration.ts'
import { USAGE } from '../strings/errors.ts'
import { SWITCH } from '../strings/output.ts'
import type { OptionText } from '../strings/options.ts'
import { usageError } from '../usage-errors.ts'

/** @param earlier what the same option gave before, where it repeats */
export type ReadValue = (value: string, flag: string, earlier: string[] | undefined) => unknown

export function addFlag(command: Command, option: OptionText): void {
  command.option(option.flags, option.text)
}

/** @param choices for completions; what is not among them is told by `read` */
export function addValue(
  command: Command,
  option: OptionText,
  read: ReadValue = text,
  choices: readonly string[] = [],
): void {
  const [flag = ''] = option.flags.split(' ')
  const declared = new Option(option.flags, option.text)
  if (choices.length > 0) declared.choices(choices)
  command.addOption(
    declared.argParser((value: string, earlier: unknown) =>
      read(value, flag, earlier as string[] | undefined),
    ),
  )
}

export function text(value: string, flag: string): string {
  if (value === '') throw usageError(USAGE.empty(flag))
  return value
}

export function list(value: string, flag: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), text(value, flag)]
}

export function network(value: string): NetworkPreset {
  const preset = NETWORK_PRESETS.find((name) => name === value)
  if (preset === undefined) throw usageError(USAGE.network(value), USAGE.networkHint(NETWORK_PRESETS))
  return preset
}

export function onOff(value: string, flag: string): boolean {
  const given = text(value, flag)
  if (given === SWITCH.on || given === SWITCH.off) return given === SWITCH.on
  throw usageError(USAGE.onOff(flag, given), USAGE.onOffHint(flag))
}

export function range(value: string): ByteRange {
  const bytes = parseByteRange(value)
  if (bytes === undefined) throw usageError(USAGE.range(value), USAGE.rangeHint)
  return bytes
}

/** Bytes per second. */
export function rate(value: string, flag: string): number {
  const bytesPerSecond = parseByteRate(text(value, flag))
  if (bytesPerSecond === undefined) throw usageError(USAGE.rate(flag, value), USAGE.rateHint)
  return bytesPerSecond
}

/** Bytes, typed as those of a rate. */
export function size(value: string, flag: string): number {
  const bytes = parseByteRate(text(value, flag))
  if (bytes === undefined) throw usageError(USAGE.size(flag, value), USAGE.sizeHint)
  return bytes
}

/** Milliseconds. */
export function duration(value: string, flag: string): number {
  const ms = parseDuration(value)
  if (ms === undefined) throw usageError(USAGE.duration(flag, value), USAGE.durationHint)
  return ms
}

export function times(value: string): number {
  const count = /^\d+$/.test(value) ? Number(value) : 0
  if (count < 1 || !Number.isSafeInteger(count)) throw usageError(USAGE.times(value))
  return count
}
