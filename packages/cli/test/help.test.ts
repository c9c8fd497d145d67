import { expect, test } from 'vitest'
import { commandHelp, topHelp } from '../src/help.ts'
import { cells } from '../src/output/cells.ts'
import { parse } from '../src/parse.ts'
import { HELP, SPACE_HELP } from '../src/strings/help.ts'
import { COMMON_OPTIONS } from '../src/strings/options.ts'

const INIT = { env: {}, cwd: '/', columns: 80, version: () => '', onContent: () => {} }
/** An option of a command in the script for fish. */
const OF_COMMAND = /^complete -c shoal -n '__shoal_at "?([\w ]+?)"?' -(l|s) (\S+)/gm
const ALL = [...Object.values(HELP), ...Object.values(SPACE_HELP)]

test.each([40, 60, 80, 200])('help fits %d columns', (columns) => {
  for (const text of [topHelp(columns), ...ALL.map((help) => commandHelp(help, columns))]) {
    for (const line of text.split('\n')) expect(cells(line), line).toBeLessThanOrEqual(columns)
  }
})

test('help of a command has a sentence, two examples, every option and the exits', () => {
  for (const help of ALL) {
    const text = commandHelp(help, 200)
    // Lines have at most 100 cells.
    expect(text.replaceAll('\n', ' ').startsWith(help.sentence)).toBe(true)
    expect(help.examples).toHaveLength(2)
    for (const option of [...Object.values(help.options ?? {}), ...Object.values(COMMON_OPTIONS)]) {
      expect(text).toContain(option.flags.split(' ')[0])
    }
    for (const [status] of help.exits) expect(text).toMatch(new RegExp(`^  ${status} `, 'm'))
  }
})

test('the first help', () => {
  expect(topHelp(80)).toMatchSnapshot()
})

test('help of ls', () => {
  expect(commandHelp(HELP.ls, 80)).toMatchSnapshot()
})

test('help of cat', () => {
  expect(commandHelp(HELP.cat, 80)).toMatchSnapshot()
})

test('help of verify', () => {
  expect(commandHelp(HELP.verify, 80)).toMatchSnapshot()
})

test('help of share', () => {
  expect(commandHelp(HELP.share, 80)).toMatchSnapshot()
})

test.each([
  'fetch',
  'id',
  'shares',
  'status',
  'peers',
  'doctor',
  'config',
  'unshare',
  'fetches',
  'space',
  'completions',
] as const)('help of %s', (name) => {
  expect(commandHelp(HELP[name], 80)).toMatchSnapshot()
})

test('every option that a command takes is in its help, and no other', () => {
  const options = new Map<string, string[]>()
  const scripted = parse({ ...INIT, argv: ['completions', 'fish'] })
  const script = scripted.command === 'text' ? scripted.text : ''
  for (const [, name = '', kind, flag = ''] of script.matchAll(OF_COMMAND)) {
    options.set(name, [...(options.get(name) ?? []), `${kind === 'l' ? '--' : '-'}${flag}`])
  }
  const named = [
    ...Object.entries(HELP),
    ...Object.entries(SPACE_HELP).map(([name, help]) => [`space ${name}`, help] as const),
  ]
  for (const [name, help] of named) {
    const told = Object.values(help.options ?? {}).map(({ flags }) => flags.split(' ')[0] ?? '')
    expect(told.toSorted(), name).toEqual((options.get(name) ?? []).toSorted())
  }
})

test.each(Object.keys(SPACE_HELP) as (keyof typeof SPACE_HELP)[])('help of space %s', (name) => {
  expect(commandHelp(SPACE_HELP[name], 80)).toMatchSnapshot()
  // Asked for in each of the ways in which people do.
  for (const argv of [
    ['space', name, '--help'],
    ['space', '--json', name, '--help'],
    ['space', 'help', name],
  ]) {
    expect(parse({ ...INIT, argv })).toEqual({ command: 'text', text: commandHelp(SPACE_HELP[name], 80) })
  }
})
