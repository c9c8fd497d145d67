import { expect, test } from 'vitest'
import { commandHelp, topHelp } from '../src/help.ts'
import { cells } from '../src/output/cells.ts'
import { HELP } from '../src/strings/help.ts'
import {
  CAT_OPTIONS,
  COMMON_OPTIONS,
  FETCH_OPTIONS,
  ID_OPTIONS,
  LIST_OPTIONS,
  SHARE_OPTIONS,
  VERIFY_OPTIONS,
} from '../src/strings/options.ts'

const NAMES = Object.keys(HELP) as (keyof typeof HELP)[]

test.each([40, 60, 80, 200])('help fits %d columns', (columns) => {
  for (const text of [topHelp(columns), ...NAMES.map((name) => commandHelp(name, columns))]) {
    for (const line of text.split('\n')) expect(cells(line), line).toBeLessThanOrEqual(columns)
  }
})

test('help of a command has a sentence, two examples, every option and the exits', () => {
  const own = {
    share: SHARE_OPTIONS,
    fetch: FETCH_OPTIONS,
    ls: LIST_OPTIONS,
    cat: CAT_OPTIONS,
    verify: VERIFY_OPTIONS,
    completions: {},
    id: ID_OPTIONS,
    shares: {},
    status: {},
    peers: {},
    doctor: {},
    daemon: {},
    config: {},
    unshare: {},
    fetches: {},
  }
  for (const name of NAMES) {
    const text = commandHelp(name, 200)
    expect(text.startsWith(HELP[name].sentence)).toBe(true)
    expect(HELP[name].examples).toHaveLength(2)
    for (const option of [...Object.values(own[name]), ...Object.values(COMMON_OPTIONS)]) {
      expect(text).toContain(option.flags.split(' ')[0])
    }
    for (const [status] of HELP[name].exits) expect(text).toMatch(new RegExp(`^  ${status} `, 'm'))
  }
})

test('the first help', () => {
  expect(topHelp(80)).toMatchSnapshot()
})

test('help of ls', () => {
  expect(commandHelp('ls', 80)).toMatchSnapshot()
})

test('help of cat', () => {
  expect(commandHelp('cat', 80)).toMatchSnapshot()
})

test('help of verify', () => {
  expect(commandHelp('verify', 80)).toMatchSnapshot()
})

test('help of share', () => {
  expect(commandHelp('share', 80)).toMatchSnapshot()
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
  'completions',
] as const)('help of %s', (name) => {
  expect(commandHelp(name, 80)).toMatchSnapshot()
})
