/** The table of the contract has every command, every action and every exit status that the help names. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { CONFIG_ACTIONS, DAEMON_ACTIONS, FETCH_ACTIONS } from '../../packages/cli/src/arguments/arguments.ts'
import { HELP, SPACE_HELP } from '../../packages/cli/src/strings/help.ts'
import { BACKGROUND, BESIDE, SERVICE } from './contract/background-rows.ts'
import { FAILURES } from './contract/failures.ts'
import { REFUSALS } from './contract/refusals.ts'
import { DEVICE, FETCHING, LOOKING, SHARING, TEXTS, type Row } from './contract/rows.ts'
import { SPACES } from './contract/space-rows.ts'

const TABLE: readonly Row[] = [
  ...SHARING,
  ...FETCHING,
  ...LOOKING,
  ...DEVICE,
  ...SPACES,
  ...FAILURES,
  ...REFUSALS,
]
const BEHIND: readonly Row[] = [...BACKGROUND, ...SERVICE, ...BESIDE]
const HOSTILE = ['packages/node/test/transfer/hostile/sealed-lists.ts', 'ERR_UNSAFE_NAME'] as const
const COMMANDS = Object.keys(HELP)
const ALL_HELP = [
  ...Object.entries(HELP),
  ...Object.entries(SPACE_HELP).map(([name, help]) => [`space ${name}`, help] as const),
]
const SPACE_COMMON = 'packages/cli/test/commands/space.test.ts'
const NO_RIGHT = ['test/e2e/space-people.test.ts', "toEqual([8, 'ERR_SPACE_ROLE'])"] as const
const IS_MEMBER = ['test/e2e/space-people.test.ts', "role: 'write', self: false"] as const
/** What each command of a space has in common is tried on each, without a process for it. */
const IN_COMMON: Readonly<Record<number, readonly [file: string, text: string]>> = {
  2: [SPACE_COMMON, 'with an option that there is not: 2'],
  5: [SPACE_COMMON, 'in a home that is a file: 5'],
  130: [SPACE_COMMON, 'that is stopped: 130'],
}
/** Where it takes somebody who lies, or a moment that only a command of its own can wait for. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'ls 130': ['test/e2e/cli.test.ts', 'Ctrl-C ends it with 130'],
  'verify 130': ['test/e2e/verify.test.ts', 'Ctrl-C while nobody is found: 130'],
  'doctor 130': ['test/e2e/doctor.test.ts', 'Ctrl-C in the middle ends it with 130'],
  'id 130': ['test/e2e/id.test.ts', '[130, expect.stringMatching(/stopped before/)]'],
  // A node that runs has an identity, so that only a home that is just being made is in use and has none.
  'id 6': ['packages/node/test/control/home-identity.test.ts', "{ code: 'ERR_HOME_BUSY' }"],
  'cat 5': ['test/e2e/read.test.ts', 'standard output that cannot be written: 5'],
  'fetch 7': HOSTILE,
  'ls 7': HOSTILE,
  'cat 7': HOSTILE,
  'verify 7': HOSTILE,
  'space get 4': HOSTILE,
  'space get 7': HOSTILE,
  'space 130': [SPACE_COMMON, 'that is stopped: 130'],
  'space create 7': ['packages/node/test/spaces/host/space-host.test.ts', 'spaces at most'],
  'space get 8': ['packages/node/test/spaces/host/space-calls.test.ts', 'ERR_NO_SPACE_KEY'],
  'space check 4': ['test/e2e/space.test.ts', "code: 'ERR_CONTENT_INVALID'"],
  'space approve 8': [
    'packages/node/test/spaces/join/join-service.test.ts',
    'ended meanwhile nobody is let in',
  ],
  'space join 3': ['test/e2e/space-join.test.ts', "toEqual([3, 'ERR_NO_PROVIDER'])"],
  'space join 7': ['packages/node/test/spaces/join/join-service.test.ts', "code: 'ERR_LIMIT'"],
  'space join 8': ['test/e2e/space-join.test.ts', "toEqual([8, 'ERR_INVITE_OVER'])"],
  'space role 0': IS_MEMBER,
  'space remove 0': IS_MEMBER,
  'space leave 0': IS_MEMBER,
  ...Object.fromEntries(
    ['add', 'mv', 'rm', 'restore', 'tag', 'note', 'title', 'undo', 'role', 'remove', 'invite'].map((name) => [
      `space ${name} 8`,
      NO_RIGHT,
    ]),
  ),
}
const EXITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]

function startsWith(rows: readonly Row[], words: string): boolean {
  return rows.some(({ command }) => `${command} `.startsWith(`${words} `))
}

test.each(['alone', 'daemon'] as const)('every command has a row: %s', (place) => {
  const rows = [...TABLE.filter(({ only = place }) => only === place), ...BEHIND]
  const isThere = (command: string): boolean =>
    startsWith(rows, command) || TEXTS.some(([text]) => text.startsWith(`${command} `))
  expect(COMMANDS.filter((command) => !isThere(command))).toEqual([])
  expect(isThere('spaces')).toBe(false)
})

test('every action has a row', () => {
  const actions = [
    ...DAEMON_ACTIONS.map((action) => `daemon ${action}`),
    ...CONFIG_ACTIONS.map((action) => `config ${action}`),
    ...FETCH_ACTIONS.map((action) => `fetches ${action}`),
    ...Object.keys(SPACE_HELP).map((action) => `space ${action}`),
  ]
  expect(actions.filter((words) => !startsWith([...TABLE, ...BEHIND], words))).toEqual([])
})

test('every exit status of the help has a row that ends with it', () => {
  const rows = [...TABLE, ...BEHIND]
  expect(new Set(rows.map(({ exit = 0 }) => exit))).toEqual(new Set(EXITS))
  const named = ALL_HELP.flatMap(([, { exits }]) => exits.map(([status]) => status))
  expect(named.filter((status) => !EXITS.includes(status))).toEqual([])
})

test('every failure has its code, and a row without one ends well', () => {
  for (const row of [...TABLE, ...BEHIND])
    expect(row.code === undefined, row.command).toBe(row.exit === undefined)
})

test('every exit status of every command has a row, or a test that needs more than a row', async () => {
  const rows = [...TABLE, ...BEHIND, ...TEXTS.map(([command]) => ({ command, exit: 0 }))]
  const named = ALL_HELP.flatMap(([command, { exits }]) =>
    exits.map(([status]) => ({ command, status, name: `${command} ${status}` })),
  )
  const isThere = ({ command, status }: (typeof named)[number]): boolean =>
    rows.some((row) => `${row.command} `.startsWith(`${command} `) && (row.exit ?? 0) === status)
  const isCommon = ({ command, status }: (typeof named)[number]): boolean =>
    command.startsWith('space ') && Object.hasOwn(IN_COMMON, status)
  const without = named.filter((each) => !isThere(each) && !isCommon(each)).map(({ name }) => name)
  expect(without.toSorted()).toEqual(Object.keys(ELSEWHERE).toSorted())
  for (const [file, text] of [...Object.values(ELSEWHERE), ...Object.values(IN_COMMON)]) {
    expect(await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(text)
  }
})
