/** The help texts, laid out for the width of the terminal. */
import type { CommandHelp } from './command-help.ts'
import { cells, padEnd, wrap, wrapWords } from './output/cells.ts'
import { HELP_HEADINGS, TOP_HELP } from './strings/help.ts'
import { COMMON_OPTIONS, REPEATS, SHARE_OPTIONS, type OptionText } from './strings/options.ts'

const GAP = '  '
const MAX_WIDTH = 100
const MIN_WIDTH = 40
const REPEATED: readonly OptionText[] = [
  COMMON_OPTIONS.listen,
  COMMON_OPTIONS.peer,
  COMMON_OPTIONS.bootstrap,
  SHARE_OPTIONS.exclude,
]
export function topHelp(columns: number): string {
  const width = clamp(columns)
  const lines = [
    ...wrap(TOP_HELP.sentence, width),
    ...table(TOP_HELP.examples, width, GAP),
    ...table(TOP_HELP.rows, width, ''),
    '',
    ...wrap(TOP_HELP.more, width),
  ]
  return `${lines.join('\n')}\n`
}

export function commandHelp(help: CommandHelp, columns: number): string {
  const width = clamp(columns)
  const options = Object.values(help.options ?? {}).map(optionRow)
  const common = Object.values(COMMON_OPTIONS).map(optionRow)
  const section = (heading: string, rows: readonly (readonly [string, string])[]): string[] =>
    rows.length === 0 ? [] : ['', heading, ...table(rows, width, GAP)]
  const lines = [
    ...wrap(help.sentence, width),
    ...section(HELP_HEADINGS.examples, help.examples),
    ...section(HELP_HEADINGS.usage, [[help.usage, ''], ...help.arguments]),
    ...section(HELP_HEADINGS.options, options),
    ...section(HELP_HEADINGS.common, common),
    ...section(HELP_HEADINGS.output, help.output ?? []),
    ...section(
      HELP_HEADINGS.exits,
      help.exits.map(([status, text]) => [String(status), text] as const),
    ),
    ...wrap(HELP_HEADINGS.otherExits, width - GAP.length).map((line) => GAP + line),
  ]
  return `${lines.join('\n')}\n`
}

/** Flags as people write them: `--wait DURATION`. */
function optionRow(option: OptionText): readonly [string, string] {
  const flags = option.flags.replace(/<(\w+)>/, (_, value: string) => value.toUpperCase())
  return [flags, REPEATED.includes(option) ? `${option.text}; ${REPEATS}` : option.text]
}

type Row = readonly [left: string, right: string | readonly string[]]

/** Two columns; where the second finds too little room beside the first, it goes below it. */
function table(rows: readonly Row[], width: number, indent: string): string[] {
  const paired = rows.filter(([, text]) => text !== '')
  const first = Math.max(0, ...paired.map(([left]) => cells(left)))
  const room = width - cells(indent) - first - GAP.length
  return rows.flatMap(([left, text]) => {
    if (text === '') return alone(left, width, indent)
    if (room < 24)
      return [...alone(left, width, indent), ...fill(text, width - 6).map((line) => `${indent}    ${line}`)]
    const [start = '', ...rest] = fill(text, room)
    const blank = ' '.repeat(first)
    return [
      `${indent}${padEnd(left, first)}${GAP}${start}`,
      ...rest.map((line) => `${indent}${blank}${GAP}${line}`),
    ]
  })
}

/** What has a line for itself, or more where that is too short. */
function alone(text: string, width: number, indent: string): string[] {
  const [start = '', ...rest] = wrap(text, width - cells(indent) - GAP.length)
  return [indent + start, ...rest.map((line) => `${indent}${GAP}${line}`)]
}

function fill(text: string | readonly string[], width: number): string[] {
  return typeof text === 'string' ? wrap(text, width) : wrapWords(text, width)
}

function clamp(columns: number): number {
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns))
}
